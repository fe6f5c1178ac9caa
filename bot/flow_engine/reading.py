"""The flows folder → a FlowSet. Faults are collected as Problems; what can be read is read all the same."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bot.flow_engine import grammar
from bot.flow_engine.clinic_reading import read_clinic
from bot.flow_engine.model import (
    Choice,
    ClinicEntry,
    Fact,
    Flow,
    FlowSet,
    Phrase,
    Slot,
    Trigger,
    Voice,
    Words,
)
from bot.flow_engine.node_reading import NodeReader
from bot.flow_engine.problems import Place, Problem, did_you_mean
from bot.flow_engine.step_reading import StepReader
from bot.flow_engine.yaml_nodes import Mapping, Node, Scalar, Sequence, parse, plain
from bot.languages.supported import LANGUAGES
from bot.opening_hours import OpeningHours, UnreadableHours, read_hours

_VOICE_NAMES = ("say_voice", "say_language", "hear_language", "hear_model", "synthesizer")
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


class _Reader(NodeReader):
    def __init__(self) -> None:
        super().__init__()
        self.flows: dict[str, Flow] = {}
        self.slots: dict[str, Slot] = {}
        self.facts: dict[str, Fact] = {}
        self.phrases: dict[str, Phrase] = {}
        self.words: dict[str, Words] = {}
        self.voices: dict[str, Voice] = {}
        self.clinics: dict[str, ClinicEntry] = {}
        self.buttons: dict[str, tuple[Choice, ...]] = {}

    # --- files -----------------------------------------------------------------------------------

    def read_file(self, file: str, source: str) -> None:
        node, problems = parse(source, file)
        self.problems.extend(problems)
        if node is None:
            return
        if not isinstance(node, Mapping):
            self.error(node.place, "A file begins with `flows:`, `facts:`, `phrases:` or `words:`.", "syntax")
            return
        sections: dict[str, Any] = {
            "flows": self._flow,
            "facts": self._fact,
            "phrases": self._phrase,
            "words": self._words,
            "slots": self._slot,
            "voices": self._voice,
            "clinics": self._clinic,
            "responses": self._response,
        }
        for key, value in node.pairs:
            if key.text in grammar.DOMAIN_KEYS:
                continue
            if key.text not in sections:
                hint = did_you_mean(key.text, sections)
                self.error(key.place, f'"{key.text}" is not a section of a flow file.{hint}', "unknown-key")
            elif not isinstance(value, Mapping):
                self.error(key.place, f"Under `{key.text}:` names with a colon are expected, indented.", "syntax")
            else:
                for name, entry in value.pairs:
                    sections[key.text](name, entry)

    def finish(self) -> FlowSet:
        flows = {flow_id: self._with_responses(flow) for flow_id, flow in self.flows.items()}
        problems = tuple(sorted(set(self.problems)))
        return FlowSet(flows, self.slots, self.facts, self.phrases, self.words, self.voices, self.clinics, problems)

    # --- flows -----------------------------------------------------------------------------------

    def _flow(self, key: Scalar, node: Node) -> None:
        flow_id = key.text
        if not isinstance(node, Mapping):
            self.error(
                key.place, f'The flow "{flow_id}" is empty. It needs `name`, `description` and `steps`.', "syntax"
            )
            return
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", flow_id):
            self.error(key.place, f'"{flow_id}" cannot be a flow id: use letters, digits, "_" and "-".', "syntax")
        if flow_id in self.flows:
            first = self.flows[flow_id].place
            self.error(
                key.place, f'The flow "{flow_id}" exists already ({first}). Rename or delete one.', "duplicate-flow"
            )
            return
        self.known_keys(node, grammar.names(grammar.FLOW), f'flow "{flow_id}"')
        steps_node = node.get("steps")
        if not isinstance(steps_node, Sequence) or not steps_node.items:
            self.error(
                node.key_place("steps"), f'The flow "{flow_id}" has no steps. Add `steps:` with a list.', "syntax"
            )
            return
        if "description" not in node:
            self.error(
                key.place, f'The flow "{flow_id}" has no `description`. Say in one line what it is for.', "syntax"
            )
        name = self.text(node, "name", flow_id, "name") or Words(flow_id.replace("_", " "), flow_id, "name", key.place)
        steps = StepReader(self, flow_id).read(steps_node)
        if not steps:
            return  # every step was at fault, and has been named
        persisted = plain(node.get("persisted_slots"))
        metadata_node = node.get("metadata")
        metadata = plain(metadata_node)
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
            metadata_places={key.text: key.place for key, _ in metadata_node.pairs}
            if isinstance(metadata_node, Mapping)
            else {},
        )

    def _triggers(self, node: Node | None, flow_id: str) -> Iterable[Trigger]:
        if node is None:
            return
        if not isinstance(node, Sequence):
            self.error(node.place, "`nlu_trigger` is a list: write `- intent: name` below it.", "syntax")
            return
        for item in node.items:
            intent = item.get("intent") if isinstance(item, Mapping) else None
            if isinstance(intent, Scalar):
                yield Trigger(intent.text, 0.0, intent.place)
            elif isinstance(intent, Mapping):
                name, threshold = plain(intent.get("name")), plain(intent.get("confidence_threshold"))
                yield Trigger(str(name), threshold if isinstance(threshold, (int, float)) else 0.0, intent.place)
            else:
                self.error(item.place, "A trigger is written `- intent: name`.", "syntax")

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
            self.error(key.place, f'The slot "{key.text}" needs a `type`.', "syntax")
            return
        kind = str(plain(node.get("type")))
        if kind not in grammar.SLOT_TYPES:
            hint = did_you_mean(kind, grammar.SLOT_TYPES)
            types = ", ".join(grammar.SLOT_TYPES)
            self.error(node.key_place("type"), f'"{kind}" is not a type of slot ({types}).{hint}', "unknown-slot")
        if key.text in self.slots:
            first = self.slots[key.text].place
            self.error(key.place, f'The slot "{key.text}" is declared already ({first}). Keep one.', "duplicate-slot")
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
            self.error(
                key.place, f'The fact "{key.text}" needs `value` or `text`, `source`, `as_of`, `review_by`.', "syntax"
            )
            return
        self.known_keys(node, grammar.names(grammar.FACT), f'fact "{key.text}"')
        value = node.get("value")
        words = self.text(node, "text", f"facts/{key.text}", "fact")
        if (value is None) == (words is None):
            self.error(key.place, f'The fact "{key.text}" needs either `value` or `text`, one of them.', "syntax")
        self.facts[key.text] = Fact(
            key.text,
            key.place,
            value.text if isinstance(value, Scalar) else "",
            words,
            str(plain(node.get("source")) or ""),
            self.date(node, "as_of"),
            self.date(node, "review_by"),
            self.text(node, "when_stale", f"facts/{key.text}", "stale"),
            self._hours(node),
        )

    def _hours(self, node: Mapping) -> OpeningHours | None:
        """The opening hours of a fact that has them."""
        value, days = node.get("open"), node.get("closed_on")
        if not isinstance(value, Scalar):
            return None
        closed_on = set()
        for item in days.items if isinstance(days, Sequence) else ():
            try:
                closed_on.add(datetime.date.fromisoformat(item.text if isinstance(item, Scalar) else ""))
            except ValueError:
                self.error(item.place, "This is not a date. Write it as 2027-03-31.", "syntax")
        try:
            return read_hours(value.text, closed_on)
        except UnreadableHours as fault:
            self.error(value.place, str(fault), "syntax")
            return None

    def _phrase(self, key: Scalar, node: Node) -> None:
        if not isinstance(node, Mapping):
            self.error(key.place, f'The phrase "{key.text}" needs `say:` with its text.', "syntax")
            return
        self.known_keys(node, grammar.names(grammar.PHRASE), f'phrase "{key.text}"')
        say = self.text(node, "say", f"phrases/{key.text}", "phrase")
        if say is None:
            self.error(key.place, f'The phrase "{key.text}" needs `say:` with its text.', "syntax")
            return
        self.phrases[key.text] = Phrase(
            key.text,
            say,
            self.text(node, "voice", f"phrases/{key.text}", "voice"),
            key.place,
            plain(node.get("must_hear")) is True,
        )

    def _words(self, key: Scalar, node: Node) -> None:
        words = self.synonyms(node, f"words/{key.text}", "words")
        if words:
            self.words[key.text] = words

    def _voice(self, key: Scalar, node: Node) -> None:
        if not isinstance(node, Mapping):
            self.error(key.place, f'The voice of "{key.text}" needs a `key` and a `menu_line`.', "syntax")
            return
        self.known_keys(node, grammar.names(grammar.VOICE), f'voice "{key.text}"')
        if key.text not in LANGUAGES:
            hint = did_you_mean(key.text, LANGUAGES)
            self.error(key.place, f'"{key.text}" is not a language of the hotline.{hint}', "unknown-key")
            return
        fields = {}
        for name in ("key", "menu_line", "not_yet", *_VOICE_NAMES):
            words = self.text(node, name, f"voices/{key.text}", "voice")
            fields[name] = words.text if words else ""
        if not re.fullmatch(r"[1-9]{1,2}", fields["key"]) or "{key}" not in fields["menu_line"]:
            self.error(
                key.place,
                f'The voice of "{key.text}" needs a `key` of one or two digits from 1 to 9, and a `menu_line` with '
                "{key} in it.",
                "syntax",
            )
            return
        spoken_as = plain(node.get("spoken_as"))
        pairs = spoken_as.items() if isinstance(spoken_as, dict) else ()
        self.voices[key.text] = Voice(
            key.text, key.place, **fields, spoken_as=tuple((str(short), str(words)) for short, words in pairs)
        )

    def _clinic(self, key: Scalar, node: Node) -> None:
        entry = read_clinic(self, key, node)
        if entry and key.text in self.clinics:
            self.error(key.place, f'The place "{key.text}" exists already. Rename or delete one.', "clinics")
        elif entry:
            self.clinics[key.text] = entry

    def _response(self, key: Scalar, node: Node) -> None:
        """A response of a Rasa domain: its first text, its variation for voice, its buttons."""
        variations = [item for item in node.items if isinstance(item, Mapping)] if isinstance(node, Sequence) else []
        say = voice = None
        for variation in variations:
            text = self.text(variation, "text", f"responses/{key.text}", "phrase")
            if "voice" in str(plain(variation.get("channel"))):
                voice = voice or text
            else:
                say = say or text
                buttons = variation.get("buttons")
                if isinstance(buttons, Sequence) and key.text not in self.buttons:
                    self.buttons[key.text] = tuple(self._buttons(buttons, key.text))
        if say is None:
            self.error(key.place, f'The response "{key.text}" has no `text`.', "syntax")
            return
        self.phrases[key.text] = Phrase(key.text, say, voice, key.place)

    def _buttons(self, node: Sequence, response: str) -> Iterable[Choice]:
        for item in node.items:
            if not isinstance(item, Mapping):
                continue
            title = self.text(item, "title", f"responses/{response}", "choice")
            if title is None:
                continue
            payload = str(plain(item.get("payload")) or title.text)
            match = _SLOT_PAYLOAD.match(payload)
            yield Choice(title, None, "", item.place, value=match.group(1).strip("\"'") if match else payload)
