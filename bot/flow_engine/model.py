"""Flows as values: what the reader makes of the YAML files and the rest of the bot works with."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.flow_engine.conditions import Condition
from bot.flow_engine.problems import Place, Problem
from bot.opening_hours import OpeningHours
from bot.scheduling.clinics import Clinic

END = "END"
OPEN_NOW = ".open_now"  # {legal_help.open_now} is computed of the fact legal_help.hours
PLACEHOLDER = re.compile(r"\{([a-z_][\w.]*)\}")  # {legal_help.phone}: a fact, a slot, or a value of the bot's own


@dataclass(frozen=True)
class Words:
    """One English text of the staff's, and where it stands.

    `context` tells translators and catalogs which step it belongs to ("flow/step"); `kind` is one of
    say, voice, ask, choice, synonyms, name, fact, stale, phrase, words; or visit: a place and a time (`Visit.key`),
    which is written out in each language.
    """

    text: str
    context: str
    kind: str
    place: Place

    @property
    def is_fact(self) -> bool:
        """Whether the text is nothing but a fact, so that there is nothing to translate in it."""
        return PLACEHOLDER.fullmatch(self.text.strip()) is not None


@dataclass(frozen=True)
class Branch:
    """`if: ... then: ...`; an `else` has no condition. `then` is a step id of the same flow, or END."""

    condition: Condition | None
    then: str
    place: Place
    then_place: Place


@dataclass(frozen=True)
class Choice:
    """One option of a question."""

    say: Words
    synonyms: Words | None
    then: str
    place: Place
    then_place: Place | None = None
    value: object = None
    condition: Condition | None = None


@dataclass(frozen=True)
class Rejection:
    """A collected value that is not accepted, and what is said then."""

    condition: Condition
    say: Words | None
    utter: str | None
    place: Place


@dataclass(frozen=True)
class Step:
    """One step. `kind` is one of say, ask, collect, action, set_slots, call, link, noop."""

    id: str
    kind: str
    place: Place
    named: bool
    next: tuple[Branch, ...]
    say: Words | None = None
    voice: Words | None = None
    choices: tuple[Choice, ...] = ()
    target: str = ""
    target_place: Place | None = None
    utter: str = ""
    assignments: tuple[tuple[str, object, Place], ...] = ()
    rejections: tuple[Rejection, ...] = ()
    ask_before_filling: bool = False
    keep_slot: bool = False
    must_hear: bool = False
    hold: str | None = None


@dataclass(frozen=True)
class Trigger:
    """An intent that starts the flow."""

    intent: str
    threshold: float
    place: Place


@dataclass(frozen=True)
class Flow:
    """A topic: its steps by id, in the order of the file; the first is where it begins."""

    id: str
    name: Words
    description: str
    place: Place
    steps: Mapping[str, Step]
    triggers: tuple[Trigger, ...] = ()
    guard: Condition | None = None
    persisted_slots: frozenset[str] = frozenset()
    metadata: Mapping[str, object] = field(default_factory=dict)
    metadata_places: Mapping[str, Place] = field(default_factory=dict)

    @property
    def first_step(self) -> str:
        return next(iter(self.steps))

    @property
    def emergency(self) -> bool:
        return bool(self.metadata.get("emergency"))

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the texts are from; `source` is one or a list of them."""
        named = self.metadata.get("source")
        return tuple(str(source) for source in (named if isinstance(named, list) else [named]) if source)

    @property
    def resumable(self) -> bool:
        """False for flows nobody needs to come back to, such as the menu."""
        return self.metadata.get("resumable") is not False


@dataclass(frozen=True)
class Slot:
    """A value a flow may hold. `type` is text, bool, categorical, float, date, list, any, language or visit."""

    name: str
    type: str
    place: Place
    values: tuple[str, ...] = ()
    initial: object = None


@dataclass(frozen=True)
class Fact:
    """Something that may change. `words` (translated) or `value` (the same in every language)."""

    id: str
    place: Place
    value: str
    words: Words | None
    source: str
    as_of: datetime.date | None
    review_by: datetime.date | None
    when_stale: Words | None
    hours: OpeningHours | None = None

    def stale(self, today: datetime.date) -> bool:
        return self.review_by is not None and today > self.review_by


@dataclass(frozen=True)
class Phrase:
    """One of the bot's own sentences (`phrases`), or a response of a Rasa domain (`responses`)."""

    id: str
    say: Words
    voice: Words | None
    place: Place
    must_hear: bool = False


@dataclass(frozen=True)
class Voice:
    """How a language is spoken and heard on the telephone; names are Twilio's, "" where there is none.

    `key` chooses it; of two digits the first opens the second level. `spoken_as` are (abbreviation, words).
    """

    language: str
    place: Place
    key: str
    menu_line: str
    not_yet: str = ""
    say_voice: str = ""
    say_language: str = ""
    hear_language: str = ""
    hear_model: str = ""
    synthesizer: str = ""
    spoken_as: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ClinicEntry:
    """A place of appointments as its file has it: the place itself, its name in English, where it stands."""

    clinic: Clinic
    name: Words
    place: Place
    source: str
    review_by: datetime.date | None


@dataclass(frozen=True)
class FlowSet:
    """Everything the flows folder says, in English."""

    flows: Mapping[str, Flow] = field(default_factory=dict)
    slots: Mapping[str, Slot] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    phrases: Mapping[str, Phrase] = field(default_factory=dict)
    words: Mapping[str, Words] = field(default_factory=dict)
    voices: Mapping[str, Voice] = field(default_factory=dict)
    clinics: Mapping[str, ClinicEntry] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def texts(self) -> Iterator[Words]:
        """Every text, in the order of the files."""
        for flow in self.flows.values():
            yield flow.name
            for step in flow.steps.values():
                yield from step_texts(step)
        for phrase in self.phrases.values():
            yield phrase.say
            if phrase.voice:
                yield phrase.voice
        yield from self.words.values()
        for fact in self.facts.values():
            if fact.words:
                yield fact.words
            if fact.when_stale:
                yield fact.when_stale
        yield from (entry.name for entry in self.clinics.values())

    def visit_slot(self, name: str) -> tuple[str, str] | None:
        """For a placeholder such as "visit.when": its slot and what is asked of it; None where it is no visit's."""
        slot, _, what = name.partition(".")
        return (slot, what) if slot in self.slots and self.slots[slot].type == "visit" else None

    def translatable(self) -> Iterator[Words]:
        """Every text a translator has to translate."""
        return (words for words in self.texts() if not words.is_fact)


def step_texts(step: Step) -> Iterator[Words]:
    """Every text of one step."""
    for words in (step.say, step.voice):
        if words:
            yield words
    for choice in step.choices:
        yield choice.say
        if choice.synonyms:
            yield choice.synonyms
    for rejection in step.rejections:
        if rejection.say:
            yield rejection.say
