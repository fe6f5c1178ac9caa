"""Everything residents can be told, ready to serve: flows, translations, facts, and what may be typed."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.flow_engine.answers import Options
from bot.flow_engine.folding import fold
from bot.flow_engine.model import OPEN_NOW, PLACEHOLDER, Choice, Flow, FlowSet, Step, Words
from bot.flow_engine.problems import Problem
from bot.flow_engine.reading import read_flows
from bot.languages.catalog import Translations, read_translations
from bot.languages.clock import date_and_time, date_of, has_own_dates, time_of_day
from bot.languages.supported import LANGUAGES, OTHERS_IN_NEW_YORK, SOURCE, names_of
from bot.opening_hours import now_in_new_york
from bot.scheduling.clinics import Clinic, Visit

# The fact that says when a person answers, and on which days nobody does.
OPEN_HOURS = "legal_help.hours"
_NUMERALS = tuple(f"number_{number}" for number in range(1, 10))


@dataclass
class Content:
    """What `load_content` found. Look-ups are computed once per language and kept."""

    flows: FlowSet
    translations: Translations
    serve_holds: bool = True
    # Topics that staff have switched off.
    off: frozenset[str] = frozenset()
    # What time it is in New York.
    clock: Callable[[], datetime.datetime] = now_in_new_york
    _options: dict[tuple[str, str, str], Options] = field(default_factory=dict)
    _commands: dict[str, dict[str, str]] = field(default_factory=dict)
    _places: dict[tuple[datetime.date, bool], Mapping[str, Clinic]] = field(default_factory=dict)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.flows.problems + self.translations.problems

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have a catalog; English first."""
        return self.translations.languages

    @functools.cached_property
    def flow_of_intent(self) -> Mapping[str, tuple[Flow, float]]:
        """Intent → (the flow it starts, the confidence it asks for)."""
        return {
            trigger.intent: (flow, trigger.threshold) for flow in self.flows.flows.values() for trigger in flow.triggers
        }

    def adopt(self, flows: FlowSet, translations: Translations) -> None:
        """Serve these texts from now on. Everyone holds this one object: all change at once, between two messages."""
        self.flows, self.translations = flows, translations
        self._options.clear()
        self._commands.clear()
        self._places.clear()
        self.__dict__.pop("flow_of_intent", None)

    def spoken(self, language: str | None) -> str | None:
        """`language` if the hotline has it, else its closest relative, else None."""
        while language is not None and language not in self.languages:
            language = LANGUAGES[language].closest if language in LANGUAGES else None
        return language

    # --- words ------------------------------------------------------------------------------------

    def translated(self, words: Words, language: str) -> bool:
        """Whether residents get `words` in `language` and not in English."""
        return words.kind == "visit" or self.translations.find(words, language) is not None

    def text(self, words: Words, language: str, values: Mapping[str, object] | None = None) -> str:
        """`words` in `language` (or English), with facts and `values` in place of the braces.

        When a fact in it is out of date, the fact's `when_stale` sentence comes instead.
        """
        text = self.template(words, language)
        return PLACEHOLDER.sub(lambda match: self._filled(match.group(1), language, values or {}), text)

    def _filled(self, name: str, language: str, values: Mapping[str, object]) -> str:
        if not name.endswith(OPEN_NOW):
            if asked := self.flows.visit_slot(name):
                slot, what = asked
                return self.of_visit(values.get(slot), what, language)
            value = values.get(name)
            return "" if value is None else str(value)
        phrase, again = self.open_now(name)
        told = self.flows.phrases.get(phrase)
        if told is None:
            return ""
        if again is None:
            return self.text(told.say, language)
        day = self.flows.phrases[f"weekday_{again.isoweekday()}"]
        when = {"day": self.text(day.say, language), "time": time_of_day(again.time(), language)}
        return self.text(told.say, language, when)

    def sources(self, flow_id: str) -> str:
        """Where the texts of a flow are from, as its file says."""
        flow = self.flows.flows.get(flow_id)
        return "; ".join(flow.sources) if flow else ""

    def signed(self, flow_id: str, language: str) -> str:
        """Whether a person has read and signed the texts of a flow."""
        flow = self.flows.flows.get(flow_id)
        day = str(flow.metadata.get("reviewed_on") or "") if flow else ""
        told = self.flows.phrases.get("signed_on" if day else "signed_by_nobody")
        return self.text(told.say, language, {"day": date_of(day, language) if day else ""}) if told else ""

    def open_now(self, name: str) -> tuple[str, datetime.datetime | None]:
        """For `legal_help.open_now`: the phrase that tells whether somebody answers now, and when again if not."""
        fact = self.flows.facts.get(name.removesuffix(OPEN_NOW) + ".hours")
        now = self.clock()
        if fact is None or fact.hours is None or fact.stale(now.date()):
            return "", None
        if fact.hours.is_open(now):
            return "open_now", None
        again = fact.hours.next_opening(now)
        if again is None:
            return "closed_now", None
        return ("opens_today" if again.date() == now.date() else "opens_again"), again

    @property
    def places(self) -> Mapping[str, Clinic]:
        """The places that may be offered: not those on hold (in production) or whose facts are out of date."""
        key = (self.clock().date(), self.serve_holds)
        if key not in self._places:
            # Asked at every message: computed once a day.
            self._places = {key: self._places_on(key[0])}
        return self._places[key]

    def _places_on(self, today: datetime.date) -> Mapping[str, Clinic]:
        hours = fact.hours if (fact := self.flows.facts.get(OPEN_HOURS)) else None
        holidays = hours.closed_on if hours else frozenset()
        return {
            entry.clinic.id: dataclasses.replace(entry.clinic, closed_on=entry.clinic.closed_on | holidays)
            for entry in self.flows.clinics.values()
            if (self.serve_holds or not entry.clinic.hold) and not (entry.review_by and today > entry.review_by)
        }

    def of_visit(self, key: object, what: str, language: str) -> str:
        """A place and a time in words: `what` is when, place, address, or "" for time and place."""
        visit = Visit.read(key)
        if visit is None:
            return ""
        entry = self.flows.clinics.get(visit.clinic)
        place = self.text(entry.name, language) if entry else ""
        if what == "address":
            return entry.clinic.address if entry else ""
        when = self._date_and_time(visit.when, language)
        return {"when": when, "place": place}.get(what, f"{when}, {place}" if place else when)

    def _date_and_time(self, when: datetime.datetime, language: str) -> str:
        phrases = self.flows.phrases
        if has_own_dates(language) or f"month_{when.month}" not in phrases:
            return date_and_time(when, language)
        # Babel has no dates of this language: they are put together of its own words.
        day = self.text(phrases[f"weekday_{when.isoweekday()}"].say, language)
        month = self.text(phrases[f"month_{when.month}"].say, language)
        return f"{day} {when.day} {month}, {time_of_day(when.time(), language)}"

    def template(self, words: Words, language: str) -> str:
        """The same with only the facts filled in: braces for slots and other values stay."""
        if words.kind == "visit":
            return self.of_visit(words.text, "", language)
        translated = self.translations.find(words, language)
        text, language = (words.text, SOURCE) if translated is None else (translated, language)
        names = PLACEHOLDER.findall(text)
        if not names:
            return text
        today = self.clock().date()
        filled: dict[str, str] = {}
        for name in names:
            fact = self.flows.facts.get(name)
            if fact is None:
                filled[name] = f"{{{name}}}"
            elif fact.stale(today) and fact.when_stale:
                return self.template(fact.when_stale, language)
            else:
                filled[name] = self.template(fact.words, language) if fact.words else fact.value
        return PLACEHOLDER.sub(lambda match: filled[match.group(1)], text)

    # --- what may be typed ------------------------------------------------------------------------

    def choices(self, step: Step, slots: Mapping[str, object] | None = None) -> tuple[Choice, ...]:
        """The options of a question, those of a language question included.

        A question for a visit offers first what the desk has found, which is in `slots`.
        """
        slot = self.flows.slots.get(step.target) if step.kind == "collect" else None
        if slot is not None and slot.type == "visit":
            times = (slots or {}).get("times")
            offered = [str(key) for key in times] if isinstance(times, list) else []
            free = (Choice(Words(key, "", "visit", step.place), None, "", step.place, value=key) for key in offered)
            return (*free, *step.choices)
        if slot is None or step.choices:
            return step.choices
        names: tuple[tuple[str, object], ...] = ()
        if slot.type == "language":
            names = tuple((LANGUAGES[code].own_name, code) for code in self.languages)
        elif slot.type == "categorical":
            names = tuple((value, value) for value in slot.values)
        elif slot.type == "bool" and {"yes", "no"} <= set(self.flows.phrases):
            phrases = self.flows.phrases
            return tuple(
                Choice(phrases[name].say, self.flows.words.get(name), "", step.place, value=name == "yes")
                for name in ("yes", "no")
            )
        return tuple(
            Choice(Words(name, "", "choice", step.place), None, "", step.place, value=value) for name, value in names
        )

    def options(self, flow: str, step: Step, language: str, slots: Mapping[str, object] | None = None) -> Options:
        """What a resident may reply to the question `step`; English labels work in every language."""
        if (slots or {}).get("times") and any(choice.say.kind == "visit" for choice in self.choices(step, slots)):
            return self._compile_options(step, language, slots)
        key = (flow, step.id, language)
        if key not in self._options:
            self._options[key] = self._compile_options(step, language)
        return self._options[key]

    def topic_options(self, flow_ids: list[str], language: str) -> Options:
        """The same for a list of topics offered by name."""
        names = [*(self.flows.flows[flow_id].name for flow_id in flow_ids), self.flows.phrases["none_of_these"].say]
        labels = [fold(self.text(name, language)) for name in names]
        exact = {fold(self.text(name, code)): at for code in (SOURCE, language) for at, name in enumerate(names)}
        return Options(len(labels), exact, tuple(labels), self.numerals(language))

    def numerals(self, language: str) -> Mapping[str, int]:
        """Number words of `language`, then of all others, folded → 1 to 9."""
        found: dict[str, int] = {}
        for code in dict.fromkeys((language, *self.languages)):
            for number, name in enumerate(_NUMERALS, start=1):
                for word in self.word_list(name, code):
                    found.setdefault(word, number)
        return found

    def word_list(self, name: str, language: str) -> list[str]:
        """The folded words of `words: name` in `language`, then in English."""
        words = self.flows.words.get(name)
        if words is None:
            return []
        lists = [self.translations.find(words, language), words.text]
        return [folded for text in lists if text for folded in map(fold, text.split("|")) if folded]

    def command(self, text: str, language: str) -> tuple[str, str] | None:
        """The command a whole message stands for ("menu", "more", ...) and the language it is said in, or None.

        The resident's own language is asked first: one word may mean two things in two languages.
        """
        folded = fold(text)
        for code in (language, *self.languages):
            if command := self._commands_of(code).get(folded):
                return command, code
        return None

    def language_of_command(self, text: str) -> str | None:
        """The one language that a command is a word of; None where several have it, as with "menu" and "ICE"."""
        folded = fold(text)
        codes = [code for code in self.languages if folded in self._commands_of(code)]
        return codes[0] if len(codes) == 1 else None

    def _commands_of(self, language: str) -> Mapping[str, str]:
        """Folded word → command."""
        if language not in self._commands:
            table: dict[str, str] = {}
            for name, words in self.flows.words.items():
                if self.is_command(name):
                    for word in (self.translations.find(words, language) or "").split("|"):
                        table.setdefault(fold(word), name)
            table.pop("", None)
            self._commands[language] = table
        return self._commands[language]

    @staticmethod
    def is_command(name: str) -> bool:
        """Whether `words: name` are words to text at any moment, and not ways to answer a question."""
        return name not in _NOT_COMMANDS

    def language_named(self, text: str) -> str | None:
        """The language whose name (in any language) is the whole message, spoken here or not; else None."""
        folded = fold(text)
        return _LANGUAGE_NAMES.get(folded) or _OTHER_LANGUAGE_NAMES.get(folded)

    def language_asked_for(self, text: str) -> str | None:
        """The one language a sentence names ("en español por favor"), unless it says that it is not that one."""
        folded = f" {fold(text)} "
        named = {
            code
            for name, code in _LANGUAGE_NAMES.items()
            if (name in folded if not name.isascii() else f" {name} " in folded)
        }
        refusals = [word for code in self.languages for word in self.word_list("no", code)]
        if any((word in folded if "\u3040" <= word[0] <= "\u9fff" else f" {word} " in folded) for word in refusals):
            return None
        return named.pop() if len(named) == 1 else None

    def _compile_options(self, step: Step, language: str, slots: Mapping[str, object] | None = None) -> Options:
        exact: dict[str, int] = {}
        labels: list[str] = []
        choices = self.choices(step, slots)
        for code in dict.fromkeys((language, SOURCE)):
            for index, choice in enumerate(choices):
                label = fold(self.text(choice.say, code))
                exact.setdefault(label, index)
                if code == language:
                    labels.append(label)
        for code in dict.fromkeys((language, SOURCE)):
            for index, choice in enumerate(choices):
                synonyms = self.translations.find(choice.synonyms, code) if choice.synonyms else None
                for word in (synonyms or "").split("|"):
                    exact.setdefault(fold(word), index)
                if isinstance(choice.value, str) and choice.value in LANGUAGES:
                    exact.update({name: index for name, owner in _LANGUAGE_NAMES.items() if owner == choice.value})
                    exact.setdefault(fold(choice.value), index)
        exact.pop("", None)
        return Options(len(choices), exact, tuple(labels), self.numerals(language))


_NOT_COMMANDS = {"yes", "no", "today", "tomorrow", *_NUMERALS}
_LANGUAGE_NAMES = {fold(name): language.code for language in LANGUAGES.values() for name in language.every_name()}
_OTHER_LANGUAGE_NAMES = {
    name: code for code in OTHERS_IN_NEW_YORK for name in map(fold, names_of(code)) if len(name) > 1
}


@functools.lru_cache(maxsize=4)
def load_content(folder: Path) -> Content:
    """Read the flows folder and the catalogs below it, once in the life of a process."""
    return Content(read_flows(folder), read_translations(folder / "locales"))
