"""From positions to speech: what a caller hears, in whose voice, and how their answer is taken."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.channels.voice import NUMBER, PAUSE, PHONE, Part, joined, parts_of
from bot.content import Content
from bot.flow_engine.call_dialogue import MAX_OPTIONS
from bot.flow_engine.model import OPEN_NOW, PLACEHOLDER, Flow, Step, Words
from bot.flow_engine.state import DialogueState, Utterance
from bot.flow_engine.walking import Walk
from bot.languages.supported import SOURCE
from bot.scheduling.clinics import Visit

SpokenAs = tuple[tuple[str, str], ...]
# Twilio takes 500 hints of 100 characters; the nearest ones are worth more than many.
MAX_HINTS, MAX_HINT = 100, 100
_PARTS = ("firm", "parts")
_HINT_COMMANDS = ("menu", "back", "repeat", "human", "language", "yes", "no")
MORE_KEY, LANGUAGE_KEY, TEXT_KEY = "9", "8", "7"


@dataclass(frozen=True)
class Speech:
    """One turn of the bot's in a call.

    `firm` is said first and cannot be cut short, `parts` can. Then the caller is heard: by `keys` ("one" key, "all"
    where keys 7 to 9 are answers too, a "number" of several, "" not at all) and, where Twilio can, by speech in
    `hear`, with `hints`. `question` is the open one, "flow/step", unless something lies over it; `transfer` the
    topic for whoever takes the call.
    """

    language: str
    firm: tuple[Part, ...] = ()
    parts: tuple[Part, ...] = ()
    keys: str = ""
    hear: str = ""
    hear_model: str = ""
    hints: tuple[str, ...] = ()
    question: str = ""
    transfer: str = ""

    def to_json(self) -> dict[str, Any]:
        lists = {name: [[part.text, part.language, part.kind] for part in getattr(self, name)] for name in _PARTS}
        return {**vars(self), **lists}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Speech:
        """The inverse of `to_json`, after a trip through JSON."""
        lists = {name: tuple(Part(*part) for part in data.get(name) or ()) for name in _PARTS}
        return cls(**{**data, **lists, "hints": tuple(data.get("hints") or ())})

    @property
    def transcript(self) -> str:
        """What is said, as a text; for the terminal and for tests."""
        return functools.reduce(joined, (*self.firm, *self.parts), "")


def speech_of(content: Content, state: DialogueState) -> Speech:
    """What a caller hears of the position `state`."""
    return _Speaker(content, state).speech()


def phrase_speech(content: Content, name: str, language: str) -> Speech:
    """One of the bot's own sentences, then the end of the call."""
    state = DialogueState(language=language, said=[["phrase", name]], ended=True)
    return speech_of(content, state)


class _Speaker:
    def __init__(self, content: Content, state: DialogueState) -> None:
        self.content = content
        self.state = state
        self.language = state.language or SOURCE
        self.fell_back = False

    def speech(self) -> Speech:
        state = self.state
        asked = [item for item in state.said if item[0] in {"ask", "topics", "confirm"}]
        told = [item for item in state.said if item not in asked] if not state.page else []
        firm: list[Part] = []
        while told and self._must_hear(told[0]):
            firm += self._utterance(told.pop(0))
        parts = [part for item in told for part in self._utterance(item)]
        if self.fell_back and not any(item[0] == "not_yet" for item in told):
            parts += self._phrase("english_only")
        for item in asked[-1:]:
            parts += self._utterance(item)
        if state.ended:
            return Speech(self.language, tuple(firm), tuple(parts))
        transfer = next((str(item[1]) if len(item) > 1 else "-" for item in told if item[0] == "transfer"), "")
        if transfer:
            return Speech(self.language, tuple(firm), tuple(parts), transfer=self._topic_under_way() or "-")
        voice = self.content.flows.voices.get(self.language)
        keys, question = self._how_to_answer()
        return Speech(
            self.language,
            tuple(firm),
            tuple(parts),
            keys=keys,
            hear=voice.hear_language if voice else "",
            hear_model=voice.hear_model if voice and voice.hear_language else "",
            hints=tuple(self._hints()) if voice and voice.hear_language else (),
            question=question,
        )

    # --- what is said -----------------------------------------------------------------------------

    def _utterance(self, item: Utterance) -> list[Part]:
        parts = self._said(item)
        return [*parts, Part(".", parts[-1].language, PAUSE)] if parts else []

    def _said(self, item: Utterance) -> list[Part]:
        kind, *where = item
        if kind == "phrase":
            topic = self.content.flows.flows.get(where[1]) if len(where) > 1 else None
            return self._phrase(where[0], **self._about(topic)) if topic else self._phrase(where[0])
        if kind == "transfer":
            return self._phrase("connecting")
        if kind == "not_yet":
            voice = self.content.flows.voices.get(where[0])
            return parts_of(voice.not_yet, where[0], voice.spoken_as) if voice else []
        if kind == "topics":
            names = [self._words(flow.name) for flow_id in where if (flow := self.content.flows.flows.get(flow_id))]
            return self._options([*names, self._phrase("none_of_these")])
        if kind == "confirm":
            return self._confirm(where[0], where[1])
        flow = self.content.flows.flows.get(where[0]) if where else None
        step = flow.steps.get(where[1]) if flow else None
        if step is None:
            return []
        if kind == "ask":
            return self._question(step)
        if kind == "rejected":
            rejection = step.rejections[int(where[2])]
            return self._words(rejection.say) if rejection.say else self._phrase(rejection.utter or "")
        words = step.voice or step.say
        return self._words(words) if words else []

    def _about(self, flow: Flow) -> dict[str, list[Part]]:
        """What phrases about a topic may name. Sources are in English, whatever the language."""
        signed = parts_of(self.content.signed(flow.id, self.language), self.language)
        return {
            "topic": self._words(flow.name),
            "sources": parts_of(self.content.sources(flow.id), SOURCE),
            "signed": signed,
        }

    def _question(self, step: Step) -> list[Part]:
        lead = step.voice or step.say
        parts = self._words(lead) if lead and not self.state.page else []
        slot = self.content.flows.slots.get(step.target) if step.kind == "collect" else None
        if slot and slot.type == "language":
            return self._languages() if not self.state.language_sure else [*parts, *self._languages()]
        if slot and slot.type in {"float", "date"} and not step.choices:
            return [*parts, *self._phrase(f"key_{slot.type}")]
        choices = self.content.choices(step, self.state.slots)
        first = self.state.page * MAX_OPTIONS
        options = [self._words(choice.say) for choice in choices[first : first + MAX_OPTIONS]]
        parts += self._options(options)
        if len(choices) > MAX_OPTIONS:
            parts += self._phrase("more_options", key=[Part(MORE_KEY, self.language, NUMBER)])
        return parts

    def _options(self, options: list[list[Part]]) -> list[Part]:
        parts: list[Part] = []
        for number, option in enumerate(options, start=1):
            parts += self._phrase("press_key", key=[Part(str(number), self.language, NUMBER)], option=option)
        return parts

    def _languages(self) -> list[Part]:
        """Every language in its own voice. One whose first key was not pressed yet is offered under that key."""
        parts: list[Part] = []
        for voice in self.content.flows.voices.values():
            if not voice.key.startswith(self.state.prefix):
                continue
            key = voice.key[len(self.state.prefix)]
            before, _, after = voice.menu_line.partition("{key}")
            parts += parts_of(before, voice.language, voice.spoken_as)
            parts.append(Part(key, voice.language, NUMBER))
            parts += parts_of(after, voice.language, voice.spoken_as)
        return parts

    def _confirm(self, kind: str, value: str) -> list[Part]:
        option: list[Part] = []
        walk = Walk(self.content, self.state.copy(), "voice")
        if kind == "topic" and value in self.content.flows.flows:
            option = self._words(self.content.flows.flows[value].name)
        elif kind == "choice" and walk.has_open_question():
            option = self._words(self.content.choices(walk.open_question()[1], self.state.slots)[int(value)].say)
        asked = self._phrase("did_you_say", option=option)
        return [*asked, *self._options([self._phrase("yes"), self._phrase("no")])]

    def _phrase(self, name: str, **values: list[Part]) -> list[Part]:
        phrase = self.content.flows.phrases.get(name)
        return self._words(phrase.voice or phrase.say, **values) if phrase else []

    def _words(self, words: Words, **values: list[Part]) -> list[Part]:
        """The parts of a text; what stands in braces comes between its pieces."""
        language = self.language
        if words.kind == "visit":
            return self._visit(words.text, "")
        if not self.content.translated(words, language):
            self.fell_back = self.fell_back or words.context != "phrases/english_only"
            language = SOURCE
        voice = self.content.flows.voices.get(language)
        spoken_as = voice.spoken_as if voice else ()
        parts: list[Part] = []
        for piece, name in _pieces(self.content.template(words, language)):
            parts += _parts_of_content(piece, language, spoken_as, words.text)
            if name in values:
                parts += values[name]
            elif name.endswith(OPEN_NOW):
                parts += self._open_now(name)
            elif asked := self.content.flows.visit_slot(name):
                slot, what = asked
                parts += self._visit(self.state.slots.get(slot), what)
            elif name:
                parts += self._value(self.state.slots.get(name.removeprefix("slots.")))
        return parts

    def _open_now(self, name: str) -> list[Part]:
        phrase, again = self.content.open_now(name)
        if not phrase or again is None:
            return self._phrase(phrase)
        return self._phrase(phrase, day=self._phrase(f"weekday_{again.isoweekday()}"), time=self._time(again))

    def _time(self, time: datetime.datetime) -> list[Part]:
        if (time.hour, time.minute) == (12, 0):
            return self._phrase("noon")
        hour, minutes = (
            [Part(str(number), self.language, NUMBER)] for number in ((time.hour - 1) % 12 + 1, time.minute)
        )
        clock = self._phrase("hour_and_minutes" if time.minute else "o_clock", hour=hour, minutes=minutes)
        part = "morning" if time.hour < 12 else "afternoon" if time.hour < 17 else "evening"
        return self._phrase(part, time=clock)

    def _day_of_month(self, date: datetime.date) -> list[Part]:
        day = [Part(str(date.day), self.language, NUMBER)]
        return self._phrase("day_of_month", month=self._phrase(f"month_{date.month}"), day=day)

    def _visit(self, key: object, what: str) -> list[Part]:
        """A place and a time, as one says them: day of the week, day, time, place."""
        visit = Visit.read(key)
        if visit is None:
            return []
        if what == "address":
            # On maps and on houses it stands in English, whatever the language.
            return parts_of(self.content.of_visit(key, what, SOURCE), SOURCE)
        if what == "place":
            return parts_of(self.content.of_visit(key, what, self.language), self.language)
        when = visit.when
        # "December 1, 10 30" and not "December 1 10 30".
        comma = Part(",", self.language, PAUSE)
        parts = [*self._phrase(f"weekday_{when.isoweekday()}"), *self._day_of_month(when), comma, *self._time(when)]
        if what:
            return parts
        return [*parts, comma, *parts_of(self.content.of_visit(key, "place", self.language), self.language)]

    def _value(self, value: object) -> Iterable[Part]:
        if value is None:
            return []
        try:
            day = datetime.date.fromisoformat(str(value))
        except ValueError:
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            text = f"{value:g}" if number else str(value)  # type: ignore[str-format]
            if re.fullmatch(r"\d{4} \d{4}", text):
                return [Part(text.replace(" ", "-"), self.language, PHONE)]  # a code, digit by digit
            return [Part(text, self.language, NUMBER)] if number else parts_of(text, self.language)
        return self._day_of_month(day)

    def _must_hear(self, item: Utterance) -> bool:
        if item[0] == "phrase":
            phrase = self.content.flows.phrases.get(item[1])
            return bool(phrase and phrase.must_hear)
        flow = self.content.flows.flows.get(item[1]) if item[0] == "step" else None
        step = flow.steps.get(item[2]) if flow else None
        return bool(step and step.must_hear)

    # --- how the answer is taken ------------------------------------------------------------------

    def _how_to_answer(self) -> tuple[str, str]:
        walk = Walk(self.content, self.state.copy(), "voice")
        if not walk.has_open_question():
            return "one", ""
        flow, step = walk.open_question()
        slot = self.content.flows.slots.get(step.target) if step.kind == "collect" else None
        typed = bool(slot and slot.type in {"float", "date"} and not step.choices and not self.state.offer)
        keys = "all" if slot and slot.type == "language" else "number" if typed else "one"
        # What travels with the call is a question that its keys mean something to by themselves.
        state = self.state
        covered = state.confirm or state.offer or state.prefix or state.page or (slot and slot.type == "visit")
        return keys, "" if covered else f"{flow.id}/{step.id}"

    def _hints(self) -> Iterator[str]:
        seen: set[str] = set()
        for text in self._expected():
            hint = _hint(text)
            if hint and hint.lower() not in seen and len(seen) < MAX_HINTS:
                seen.add(hint.lower())
                yield hint

    def _expected(self) -> Iterator[str]:
        """What a caller may say now: the options and their synonyms, then the commands."""
        content, state = self.content, self.state
        if any(item[0] == "confirm" for item in state.said):
            yield from (content.text(content.flows.phrases[name].say, self.language) for name in ("yes", "no"))
        for flow_id in state.offer:
            if flow_id in content.flows.flows:
                yield content.text(content.flows.flows[flow_id].name, self.language)
        walk = Walk(content, state.copy(), "voice")
        if walk.has_open_question():
            for choice in content.choices(walk.open_question()[1], state.slots):
                yield content.text(choice.say, self.language)
                if choice.synonyms:
                    yield from (content.translations.find(choice.synonyms, self.language) or "").split("|")
        for name in _HINT_COMMANDS:
            words = content.flows.words.get(name)
            if words:
                yield from (content.translations.find(words, self.language) or "").split("|")[:3]

    def _topic_under_way(self) -> str:
        """The topic a transferred caller came from, for whoever takes the call."""
        flows = [frames[-1][0] for frames in reversed(self.state.past) if frames]
        known = (flow for flow in flows if flow in self.content.flows.flows)
        return next((flow for flow in known if self.content.flows.flows[flow].resumable), "")


@functools.lru_cache(maxsize=8192)
def _parts_of_content(text: str, language: str, spoken_as: SpokenAs, english: str) -> tuple[Part, ...]:
    """`parts_of` for texts of the flows, which come again and again; never for what a caller said."""
    return tuple(parts_of(text, language, spoken_as, english))


@functools.lru_cache(maxsize=8192)
def _hint(text: str) -> str:
    """A text of the flows as a hint: no signs, because a comma would end it."""
    return re.sub(r"\s+", " ", re.sub(r"[,;:.!?\"]", " ", text)).strip()[:MAX_HINT]


def spoken_pieces(template: str, language: str, spoken_as: SpokenAs, english: str) -> Iterator[Part]:
    """What of a text stands fast, in parts; what comes in its braces is said between them."""
    for piece, _ in _pieces(template):
        yield from parts_of(piece, language, spoken_as, english)


def _pieces(template: str) -> Iterator[tuple[str, str]]:
    """The text before each brace and the brace's name; last, what is left and ""."""
    position = 0
    for match in PLACEHOLDER.finditer(template):
        yield template[position : match.start()], match.group(1)
        position = match.end()
    yield template[position:], ""
