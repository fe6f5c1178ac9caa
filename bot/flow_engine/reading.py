"""The flows folder → a FlowSet. Faults are collected as Problems; what can be read is read all the same."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bot.flow_engine.conditions import Condition, ConditionError, compile_condition
from bot.flow_engine.model import (
    END,
    Branch,
    Choice,
    Fact,
    Flow,
    FlowSet,
    Phrase,
    Rejection,
    Slot,
    Step,
    Trigger,
    Words,
)
from bot.flow_engine.problems import Place, Problem, did_you_mean
from bot.flow_engine.yaml_nodes import Mapping, Node, Scalar, Sequence, parse, plain

# Of a Rasa domain we read slots and responses; the rest may stand in a file and has no meaning here.
_FILE_KEYS = {"flows", "facts", "phrases", "words", "slots", "responses"}
_DOMAIN_KEYS = {"version", "intents", "entities", "actions", "session_config", "forms", "e2e_actions"}
_FLOW_KEYS = {
    *("name", "description", "if", "nlu_trigger", "always_include_in_prompt", "run_pattern_completed"),
    *("persisted_slots", "metadata", "steps"),
}
_STEP_KINDS = ("say", "ask", "collect", "action", "set_slots", "call", "link", "noop")
_STEP_KEYS = {
    "say": {"voice"},
    "ask": {"voice", "choices"},
    "collect": {
        *("ask", "voice", "choices", "description", "utter", "rejections", "ask_before_filling"),
        *("reset_after_flow_ends", "force_slot_filling", "silence_timeout", "dtmf"),
    },
    "action": set(),
    "set_slots": set(),
    "call": set(),
    "link": set(),
    "noop": set(),
}
_ALWAYS = {"id", "next", "metadata", "hold"}
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_SLOT_TYPES = ("text", "bool", "categorical", "float", "date", "list", "any", "language")
_SLOT_PAYLOAD = re.compile(r"/SetSlots\(\s*\w+\s*=\s*(.*?)\s*\)\Z")


def read_flows(folder: Path) -> FlowSet:
    """Read every `*.yml` directly in `folder`. Places name files relative to the folder's parent."""
    sources = {}
    problems = []
    for path in sorted(folder.glob("*.yml")):
        name = f"{folder.name}/{path.name}"
        try:
            sources[name] = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            problems.append(
                Problem(Place(name, line), "error", "This file is not UTF-8 text. Save it again as UTF-8.", "syntax")
            )
    return read_sources(sources, problems)


def read_sources(sources: dict[str, str], problems: Iterable[Problem] = ()) -> FlowSet:
    """Read files given as {name: text}; the same as `read_flows` without a disk."""
    reader = _Reader()
    reader.problems.extend(problems)
    for file, source in sources.items():
        reader.read_file(file, source)
    return reader.finish()


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.flows: dict[str, Flow] = {}
        self.slots: dict[str, Slot] = {}
        self.facts: dict[str, Fact] = {}
        self.phrases: dict[str, Phrase] = {}
        self.words: dict[str, Words] = {}
        self.buttons: dict[str, tuple[Choice, ...]] = {}

    # --- files -----------------------------------------------------------------------------------

    def read_file(self, file: str, source: str) -> None:
        node, problems = parse(source, file)
        self.problems.extend(problems)
        if node is None:
            return
        if not isinstance(node, Mapping):
            self._error(node.place, "A file begins with `flows:`, `facts:`, `phrases:` or `words:`.", "syntax")
            return
        sections: dict[str, Any] = {
            "flows": self._flow,
            "facts": self._fact,
            "phrases": self._phrase,
            "words": self._words,
            "slots": self._slot,
            "responses": self._response,
        }
        for key, value in node.pairs:
            if key.text in _DOMAIN_KEYS:
                continue
            if key.text not in _FILE_KEYS:
                hint = did_you_mean(key.text, _FILE_KEYS)
                self._error(key.place, f'"{key.text}" is not a section of a flow file.{hint}', "unknown-key")
            elif not isinstance(value, Mapping):
                self._error(key.place, f"Under `{key.text}:` names with a colon are expected, indented.", "syntax")
            else:
                for name, entry in value.pairs:
                    sections[key.text](name, entry)

    def finish(self) -> FlowSet:
        flows = {flow_id: self._with_responses(flow) for flow_id, flow in self.flows.items()}
        return FlowSet(flows, self.slots, self.facts, self.phrases, self.words, tuple(sorted(set(self.problems))))

    # --- flows -----------------------------------------------------------------------------------

    def _flow(self, key: Scalar, node: Node) -> None:
        flow_id = key.text
        if not isinstance(node, Mapping):
            self._error(
                key.place, f'The flow "{flow_id}" is empty. It needs `name`, `description` and `steps`.', "syntax"
            )
            return
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", flow_id):
            self._error(key.place, f'"{flow_id}" cannot be a flow id: use letters, digits, "_" and "-".', "syntax")
        if flow_id in self.flows:
            first = self.flows[flow_id].place
            self._error(
                key.place, f'The flow "{flow_id}" exists already ({first}). Rename or delete one.', "duplicate-flow"
            )
            return
        self._known_keys(node, _FLOW_KEYS, f'flow "{flow_id}"')
        steps_node = node.get("steps")
        if not isinstance(steps_node, Sequence) or not steps_node.items:
            self._error(
                node.key_place("steps"), f'The flow "{flow_id}" has no steps. Add `steps:` with a list.', "syntax"
            )
            return
        if "description" not in node:
            self._error(
                key.place, f'The flow "{flow_id}" has no `description`. Say in one line what it is for.', "syntax"
            )
        name = self._text(node, "name", flow_id, "name") or Words(flow_id.replace("_", " "), flow_id, "name", key.place)
        steps = _StepReader(self, flow_id).read(steps_node)
        persisted = plain(node.get("persisted_slots"))
        metadata = plain(node.get("metadata"))
        self.flows[flow_id] = Flow(
            id=flow_id,
            name=name,
            description=str(plain(node.get("description")) or ""),
            place=key.place,
            steps=steps,
            triggers=tuple(self._triggers(node.get("nlu_trigger"), flow_id)),
            guard=self.condition(node.get("if")),
            persisted_slots=frozenset(map(str, persisted)) if isinstance(persisted, list) else frozenset(),
            metadata=metadata if isinstance(metadata, dict) else {},
        )

    def _triggers(self, node: Node | None, flow_id: str) -> Iterable[Trigger]:
        if node is None:
            return
        if not isinstance(node, Sequence):
            self._error(node.place, "`nlu_trigger` is a list: write `- intent: name` below it.", "syntax")
            return
        for item in node.items:
            intent = item.get("intent") if isinstance(item, Mapping) else None
            if isinstance(intent, Scalar):
                yield Trigger(intent.text, 0.0, intent.place)
            elif isinstance(intent, Mapping):
                name, threshold = plain(intent.get("name")), plain(intent.get("confidence_threshold"))
                yield Trigger(str(name), threshold if isinstance(threshold, (int, float)) else 0.0, intent.place)
            else:
                self._error(item.place, "A trigger is written `- intent: name`.", "syntax")

    def condition(self, node: Node | None) -> Condition | None:
        """Compile the condition in `node`; a fault becomes a problem at its own column."""
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self._error(node.place, "A condition is one line of text, such as: slots.age < 18", "condition")
            return None
        text = node.text.lower() if isinstance(node.value, bool) else node.text
        try:
            return compile_condition(text)
        except ConditionError as error:
            column = node.place.column + error.column - (0 if node.quoted else 1)
            place = dataclasses.replace(node.place, column=column)
            self._error(place, f"This condition cannot be read: {error}.", "condition")
            return None

    def _with_responses(self, flow: Flow) -> Flow:
        """Give `action: utter_x` and `collect` steps the words of the response they name."""
        steps = {}
        for step in flow.steps.values():
            if step.kind in {"action", "collect"} and step.say is None:
                name = step.utter or (step.target if step.kind == "action" else f"utter_ask_{step.target}")
                response = self.phrases.get(name)
                if response:
                    choices = step.choices or (self.buttons.get(name, ()) if step.kind == "collect" else ())
                    step = dataclasses.replace(step, say=response.say, voice=response.voice, choices=choices)
            steps[step.id] = step
        return dataclasses.replace(flow, steps=steps)

    # --- slots, facts, phrases, words -------------------------------------------------------------

    def _slot(self, key: Scalar, node: Node) -> None:
        if not isinstance(node, Mapping):
            self._error(key.place, f'The slot "{key.text}" needs a `type`.', "syntax")
            return
        kind = str(plain(node.get("type")))
        if kind not in _SLOT_TYPES:
            hint = did_you_mean(kind, _SLOT_TYPES)
            types = ", ".join(_SLOT_TYPES)
            self._error(node.key_place("type"), f'"{kind}" is not a type of slot ({types}).{hint}', "unknown-slot")
        if key.text in self.slots:
            first = self.slots[key.text].place
            self._error(key.place, f'The slot "{key.text}" is declared already ({first}). Keep one.', "duplicate-slot")
            return
        values = node.get("values")
        self.slots[key.text] = Slot(
            key.text,
            kind,
            key.place,
            tuple(item.text for item in values.items if isinstance(item, Scalar))
            if isinstance(values, Sequence)
            else (),
            plain(node.get("initial_value")),
        )

    def _fact(self, key: Scalar, node: Node) -> None:
        if not isinstance(node, Mapping):
            self._error(
                key.place, f'The fact "{key.text}" needs `value` or `text`, `source`, `as_of`, `review_by`.', "syntax"
            )
            return
        self._known_keys(node, {"value", "text", "source", "as_of", "review_by", "when_stale"}, f'fact "{key.text}"')
        value = node.get("value")
        words = self._text(node, "text", f"facts/{key.text}", "fact")
        if (value is None) == (words is None):
            self._error(key.place, f'The fact "{key.text}" needs either `value` or `text`, one of them.', "syntax")
        self.facts[key.text] = Fact(
            key.text,
            key.place,
            value.text if isinstance(value, Scalar) else "",
            words,
            str(plain(node.get("source")) or ""),
            self._date(node, "as_of"),
            self._date(node, "review_by"),
            self._text(node, "when_stale", f"facts/{key.text}", "stale"),
        )

    def _phrase(self, key: Scalar, node: Node) -> None:
        if not isinstance(node, Mapping):
            self._error(key.place, f'The phrase "{key.text}" needs `say:` with its text.', "syntax")
            return
        self._known_keys(node, {"say", "voice"}, f'phrase "{key.text}"')
        say = self._text(node, "say", f"phrases/{key.text}", "phrase")
        if say is None:
            self._error(key.place, f'The phrase "{key.text}" needs `say:` with its text.', "syntax")
            return
        self.phrases[key.text] = Phrase(
            key.text, say, self._text(node, "voice", f"phrases/{key.text}", "voice"), key.place
        )

    def _words(self, key: Scalar, node: Node) -> None:
        words = self.synonyms(node, f"words/{key.text}", "words")
        if words:
            self.words[key.text] = words

    def _response(self, key: Scalar, node: Node) -> None:
        """A response of a Rasa domain: its first text, its variation for voice, its buttons."""
        variations = [item for item in node.items if isinstance(item, Mapping)] if isinstance(node, Sequence) else []
        say = voice = None
        for variation in variations:
            text = self._text(variation, "text", f"responses/{key.text}", "phrase")
            if "voice" in str(plain(variation.get("channel"))):
                voice = voice or text
            else:
                say = say or text
                buttons = variation.get("buttons")
                if isinstance(buttons, Sequence) and key.text not in self.buttons:
                    self.buttons[key.text] = tuple(self._buttons(buttons, key.text))
        if say is None:
            self._error(key.place, f'The response "{key.text}" has no `text`.', "syntax")
            return
        self.phrases[key.text] = Phrase(key.text, say, voice, key.place)

    def _buttons(self, node: Sequence, response: str) -> Iterable[Choice]:
        for item in node.items:
            if not isinstance(item, Mapping):
                continue
            title = self._text(item, "title", f"responses/{response}", "choice")
            if title is None:
                continue
            payload = str(plain(item.get("payload")) or title.text)
            match = _SLOT_PAYLOAD.match(payload)
            yield Choice(title, None, "", item.place, value=match.group(1).strip("\"'") if match else payload)

    # --- small readings ---------------------------------------------------------------------------

    def _text(self, node: Mapping, key: str, context: str, kind: str) -> Words | None:
        value = node.get(key)
        if value is None:
            return None
        if not isinstance(value, Scalar):
            self._error(
                node.key_place(key), f'`{key}` is a text. A text that begins with "{{" or "[" needs quotes.', "syntax"
            )
            return None
        if not value.text.strip():
            self._error(node.key_place(key), f"`{key}` is empty. Write the text or delete the line.", "syntax")
            return None
        return Words(value.text.strip(), context, kind, value.place)

    def synonyms(self, node: Node | None, context: str, kind: str) -> Words | None:
        if node is None:
            return None
        if not isinstance(node, Sequence) or not all(isinstance(item, Scalar) for item in node.items):
            self._error(node.place, "Here a list of words is expected, such as: [door, my door]", "syntax")
            return None
        words = [item.text.strip() for item in node.items if isinstance(item, Scalar)]
        return Words(" | ".join(words), context, kind, node.place)

    def _date(self, node: Mapping, key: str) -> datetime.date | None:
        value = node.get(key)
        if not isinstance(value, Scalar) or value.value is None:
            return None
        try:
            return datetime.date.fromisoformat(value.text)
        except ValueError:
            self._error(value.place, f'"{value.text}" is not a date. Write it as 2027-03-31.', "syntax")
            return None

    def _known_keys(self, node: Mapping, known: set[str], what: str) -> None:
        for key, _ in node.pairs:
            if key.text not in known:
                hint = did_you_mean(key.text, known)
                self._error(key.place, f'"{key.text}" is not a part of a {what}.{hint}', "unknown-key")

    def _error(self, place: Place, message: str, rule: str) -> None:
        self.problems.append(Problem(place, "error", message, rule))


class _StepReader:
    """Flattens the steps of one flow: inline steps of branches and choices get ids of their own."""

    def __init__(self, reader: _Reader, flow_id: str) -> None:
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
        error = self._reader._error
        if not isinstance(node, Mapping):
            error(
                node.place,
                "A step begins with `- say:`, `- ask:`, `- collect:`, `- link:` or another kind of step.",
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
        text = self._reader._text
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
            hold=str(plain(node.get("hold"))) if "hold" in node else None,
        )

    def _check_id(self, node: Mapping, step_id: str) -> None:
        place = node.key_place("id")
        if step_id in {"START", END} or step_id.startswith("NEXT:"):
            self._reader._error(place, f'"{step_id}" is a reserved name. Choose another id.', "reserved-step")
        elif not _ID.match(step_id):
            self._reader._error(
                place, f'"{step_id}" cannot be the id of a step: begin with a letter, no spaces.', "reserved-step"
            )

    def _target(self, node: Mapping, kind: str) -> tuple[str, Place | None]:
        if kind not in {"action", "collect", "call", "link"}:
            return "", None
        value = node.get(kind)
        if not isinstance(value, Scalar) or not value.text:
            self._reader._error(node.key_place(kind), f"`{kind}` needs a name.", "syntax")
            return "", node.key_place(kind)
        return value.text, value.place

    def _next(self, node: Node | None, step_id: str, following: str) -> tuple[Branch, ...]:
        if node is None:
            place = self._steps[step_id].place
            return (Branch(None, following, place, place),)
        if isinstance(node, Scalar):
            return (Branch(None, node.text, node.place, node.place),)
        if not isinstance(node, Sequence):
            self._reader._error(node.place, "`next` is a step id, END, or a list of `if`/`then`/`else`.", "syntax")
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
        self._reader._error(item.place, "A branch is `- if: condition` with `then: step`, or `- else: step`.", "syntax")
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
        error = self._reader._error
        if not isinstance(node, Sequence) or not node.items:
            if node is not None:
                error(node.place, "`choices` is a list: write `- say: ...` with `then: ...` below it.", "syntax")
            return
        context = self._context
        for index, item in enumerate(node.items):
            if not isinstance(item, Mapping):
                error(item.place, "A choice is written `- say: ...` with `then: ...` below it.", "syntax")
                continue
            self._reader._known_keys(item, {"say", "synonyms", "then", "value", "if"}, "choice")
            self._context = context
            say = self._reader._text(item, "say", context, "choice")
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
            self._reader._error(place, "`set_slots` is a list: write `- slot: value` below it.", "syntax")
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
                self._reader._text(item, "say", context, "say"),
                utter.text if isinstance(utter, Scalar) else None,
                item.place,
            )
