"""The steps of one flow, flattened: inline steps of branches and choices get ids of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.flow_engine import grammar
from bot.flow_engine.model import END, Branch, Choice, Rejection, Step
from bot.flow_engine.node_reading import NodeReader
from bot.flow_engine.problems import Place, did_you_mean
from bot.flow_engine.yaml_nodes import Mapping, Node, Scalar, Sequence, plain

_STEP_KINDS = tuple(grammar.STEPS)
_STEP_KEYS = {kind: grammar.names(keys) - {kind} for kind, keys in grammar.STEPS.items()}
_ALWAYS = grammar.names(grammar.EVERY_STEP)
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")


class StepReader:
    """Reads the list under `steps:`."""

    def __init__(self, reader: NodeReader, flow_id: str) -> None:
        self._reader = reader
        self._flow = flow_id
        self._steps: dict[str, Step] = {}
        self._context = flow_id

    def read(self, node: Sequence) -> dict[str, Step]:
        self._list(node, "", END)
        return self._steps

    def _list(self, node: Sequence, prefix: str, after: str) -> str:
        """Read a list of steps; return the id of its first. `after` is where the last one goes on."""
        ids = []
        for index, item in enumerate(node.items):
            named = plain(item.get("id")) if isinstance(item, Mapping) else None
            ids.append(str(named) if named is not None else f"{prefix}{index + 1}")
        for index, item in enumerate(node.items):
            following = ids[index + 1] if index + 1 < len(ids) else after
            self._step(item, ids[index], following)
        return ids[0] if ids else END

    def _step(self, node: Node, step_id: str, following: str) -> None:
        error = self._reader.error
        if isinstance(node, Scalar) and (glued := re.match(r"(\w+):\S", node.text)):
            error(node.place, f'A space is missing after "{glued.group(1)}:". Put one there.', "syntax")
            return
        if not isinstance(node, Mapping):
            error(
                node.place,
                "This is not a step. Begin with `- say:`, `- ask:`, `- collect:`, `- link:` or another kind of step.",
                "syntax",
            )
            return
        named = "id" in node
        if named:
            self._check_id(node, step_id)
            self._context = f"{self._flow}/{step_id}"
        if step_id in self._steps:
            first = self._steps[step_id].place
            error(
                node.key_place("id"),
                f'The step "{step_id}" exists already in line {first.line}. Rename one.',
                "duplicate-step",
            )
            return
        kind = next((kind for kind in ("collect", *_STEP_KINDS) if kind in node), None)
        if kind is None:
            keys = [key.text for key, _ in node.pairs if key.text not in _ALWAYS]
            hint = did_you_mean(keys[0], _STEP_KINDS) if keys else ""
            kinds = ", ".join(_STEP_KINDS)
            error(node.place, f"This step has no kind. A step is one of: {kinds}.{hint}", "unknown-key")
            return
        for key, _ in node.pairs:
            if key.text not in _STEP_KEYS[kind] | _ALWAYS | {kind}:
                hint = did_you_mean(key.text, _STEP_KEYS[kind] | _ALWAYS)
                error(key.place, f'"{key.text}" does not belong in a step of kind `{kind}`.{hint}', "unknown-key")
        context = self._context
        # Reserved so that ids stay unique while inline steps are read.
        self._steps[step_id] = Step(step_id, kind, node.place, named, ())
        choices = tuple(self._choices(node.get("choices"), step_id, following, kind)) if "choices" in node else ()
        text = self._reader.text
        target, target_place = self._target(node, kind)
        self._steps[step_id] = Step(
            id=step_id,
            kind=kind,
            place=node.place,
            named=named,
            next=self._next(node.get("next"), step_id, following),
            say=text(node, "ask" if kind == "collect" else kind, context, kind)
            if kind in {"say", "ask", "collect"}
            else None,
            voice=text(node, "voice", context, "voice"),
            choices=choices,
            target=target,
            target_place=target_place,
            utter=str(plain(node.get("utter"))) if "utter" in node else "",
            assignments=tuple(self._assignments(node.get("set_slots"))) if kind == "set_slots" else (),
            rejections=tuple(self._rejections(node.get("rejections"), context)),
            ask_before_filling=plain(node.get("ask_before_filling")) is True,
            keep_slot=plain(node.get("reset_after_flow_ends")) is False,
            must_hear=plain(node.get("must_hear")) is True,
            hold=str(plain(node.get("hold"))) if "hold" in node else None,
        )

    def _check_id(self, node: Mapping, step_id: str) -> None:
        place = node.key_place("id")
        if step_id in {"START", END} or step_id.startswith("NEXT:"):
            self._reader.error(place, f'"{step_id}" is a reserved name. Choose another id.', "reserved-step")
        elif not _ID.match(step_id):
            self._reader.error(
                place, f'"{step_id}" cannot be the id of a step: begin with a letter, no spaces.', "reserved-step"
            )

    def _target(self, node: Mapping, kind: str) -> tuple[str, Place | None]:
        if kind not in {"action", "collect", "call", "link"}:
            return "", None
        value = node.get(kind)
        if not isinstance(value, Scalar) or not value.text:
            self._reader.error(node.key_place(kind), f"`{kind}` needs a name.", "syntax")
            return "", node.key_place(kind)
        return value.text, value.place

    def _next(self, node: Node | None, step_id: str, following: str) -> tuple[Branch, ...]:
        if node is None:
            place = self._steps[step_id].place
            return (Branch(None, following, place, place),)
        if isinstance(node, Scalar):
            return (Branch(None, node.text, node.place, node.place),)
        if not isinstance(node, Sequence):
            self._reader.error(node.place, "`next` is a step id, END, or a list of `if`/`then`/`else`.", "syntax")
            return ()
        branches = []
        for index, item in enumerate(node.items):
            branch = self._branch(item, f"{step_id}.{index + 1}.")
            if branch:
                branches.append(branch)
        return tuple(branches)

    def _branch(self, item: Node, prefix: str) -> Branch | None:
        if isinstance(item, Mapping) and (then := item.get("else")) is not None:
            return Branch(None, self._destination(then, prefix, END), item.place, then.place)
        if isinstance(item, Mapping) and "if" in item and (then := item.get("then")) is not None:
            condition = self._reader.condition(item.get("if"))
            destination = self._destination(then, prefix, END)
            return Branch(condition, destination, item.place, then.place) if condition else None
        self._reader.error(item.place, "A branch is `- if: condition` with `then: step`, or `- else: step`.", "syntax")
        return None

    def _destination(self, node: Node | None, prefix: str, after: str) -> str:
        """A step id, END, `{link: flow}`, `{call: flow}` or inline steps → the id to go to."""
        if isinstance(node, Scalar):
            return node.text
        if isinstance(node, Mapping):
            return self._list(Sequence((node,), node.place), prefix, after)
        if isinstance(node, Sequence):
            return self._list(node, prefix, after)
        return after

    def _choices(self, node: Node | None, step_id: str, following: str, kind: str) -> Iterable[Choice]:
        error = self._reader.error
        if not isinstance(node, Sequence) or not node.items:
            if node is not None:
                error(node.place, "`choices` is a list: write `- say: ...` with `then: ...` below it.", "syntax")
            return
        context = self._context
        for index, item in enumerate(node.items):
            if not isinstance(item, Mapping):
                error(item.place, "A choice is written `- say: ...` with `then: ...` below it.", "syntax")
                continue
            self._reader.known_keys(item, grammar.names(grammar.CHOICE), "choice")
            self._context = context
            say = self._reader.text(item, "say", context, "choice")
            if say is None:
                error(item.place, "A choice needs `say:` with the words the resident sees.", "syntax")
                continue
            if kind == "ask" and "then" not in item:
                error(item.place, f'The choice "{say.text}" has no `then`: say which step or flow follows.', "dead-end")
            yield Choice(
                say=say,
                synonyms=self._reader.synonyms(item.get("synonyms"), context, "synonyms"),
                then=self._destination(item.get("then"), f"{step_id}.{index + 1}.", END)
                if "then" in item
                else following,
                place=item.place,
                then_place=then.place if (then := item.get("then")) else None,
                value=plain(item.get("value")) if "value" in item else say.text,
                condition=self._reader.condition(item.get("if")),
            )
        self._context = context

    def _assignments(self, node: Node | None) -> Iterable[tuple[str, object, Place]]:
        items = node.items if isinstance(node, Sequence) else (node,) if isinstance(node, Mapping) else ()
        if not items:
            place = node.place if node else Place("")
            self._reader.error(place, "`set_slots` is a list: write `- slot: value` below it.", "syntax")
        for item in items:
            if isinstance(item, Mapping):
                for key, value in item.pairs:
                    yield key.text, plain(value), key.place

    def _rejections(self, node: Node | None, context: str) -> Iterable[Rejection]:
        if not isinstance(node, Sequence):
            return
        for item in node.items:
            condition = self._reader.condition(item.get("if")) if isinstance(item, Mapping) else None
            if not isinstance(item, Mapping) or condition is None:
                continue
            utter = item.get("utter")
            yield Rejection(
                condition,
                self._reader.text(item, "say", context, "say"),
                utter.text if isinstance(utter, Scalar) else None,
                item.place,
            )
