"""hotline test: conversations in YAML, in Rasa's end-to-end format, played through the real door.

A step is `user: text` followed by what must come back:

    - user: can ice enter the school
    - utter: school_ice_protocol/answer      a step (or `phrases/<id>`) that the reply must contain
    - bot: "NYC public schools ..."          the whole reply, word for word
    - slot_was_set: [{borough: queens}]

or, in Rasa's second style, `assertions:` with flow_started, slot_was_set and bot_uttered (text_matches).
`bot: ""` is silence. A fixture sets slots, and `language`, before the first text.

A case with `channel: voice` is a call, run by a telephone that is as strict as Twilio. Its first step is `user: call`;
then `user:` are keys ("2", "#"), words ("? words" were hardly heard), "" for silence, or how a dialled person takes it
("busy"). `caller: anonymous` withholds the number; `sms: words` have to stand in the text that the caller got.
`at: 2026-11-21 10:00` is the time in New York (else a Wednesday at ten). With `desk: phone` no appointments are made.
"""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import logging
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import yaml

from bot.caller_ids import sender_id
from bot.errors import ContentError
from bot.flow_engine.state import DialogueState
from bot.local_redis import of_our_own
from bot.messages import IncomingMessage
from bot.opening_hours import NEW_YORK
from bot.scheduling.desk import NO_DESK
from bot.settings import PROJECT
from bot.staff.call import call_settings, words_heard
from bot.staff.coverage import Coverage
from bot.staff.recording import with_replies
from bot.staff.telephone import DoorOf, Telephone
from bot.start import Hotline, start_hotline
from bot.texting import SENT

CONVERSATIONS = PROJECT / "tests" / "conversations"
_OFFICE_HOURS = "2026-11-18 10:00"  # a Wednesday


@dataclass
class Outcome:
    """What became of one test case; no faults means it passed."""

    file: Path
    name: str
    faults: list[str] = field(default_factory=list)


def run(paths: tuple[Path, ...], update: bool, coverage: bool = False) -> int:
    """Play every conversation; with `update`, write what the bot says now; with `coverage`, tell what was reached.

    Returns the exit code.
    """
    started = time.monotonic()
    with of_our_own() as redis_url:
        hotline = start_hotline(dataclasses.replace(call_settings(redis_url), rate_limit=0), logging.ERROR)
        failed = passed = 0
        reached = Coverage(hotline.content) if coverage else None
        for file in conversation_files(paths or (CONVERSATIONS,)):
            if update:
                click.echo(f"{file}: {_update(hotline, file)} replies changed")
                continue
            for outcome in play_file(hotline, file, reached):
                passed, failed = (passed + 1, failed) if not outcome.faults else (passed, failed + 1)
                for fault in outcome.faults:
                    click.echo(f"{click.style('FAILED', fg='red')} {outcome.file} :: {outcome.name}\n  {fault}")
    if not update:
        click.echo(f"{passed} passed, {failed} failed in {time.monotonic() - started:.1f} s")
        if reached:
            click.echo("\n" + "\n".join(reached.table()))
            gaps = list(reached.missing())
            click.echo(
                f"\n{len(gaps)} steps and choices are not reached in every language:" if gaps else "\nAll reached."
            )
            for gap in gaps:
                click.echo(f"  {gap}")
    return 1 if failed else 0


def conversation_files(paths: tuple[Path, ...]) -> list[Path]:
    """The YAML files at or below `paths`."""
    found = [sorted(path.rglob("*.yml")) if path.is_dir() else [path] for path in paths]
    return list(itertools.chain.from_iterable(found))


def play_file(hotline: Hotline, file: Path, coverage: Coverage | None = None) -> Iterator[Outcome]:
    """Play the test cases of one file."""
    cases, fixtures = _read(file)
    for case in cases:
        yield Outcome(file, case["test_case"], list(_Player(hotline, fixtures, coverage).play(case)))


def play_case(hotline: Hotline, file: Path, name: str) -> Outcome:
    """Play one test case of a file."""
    cases, fixtures = _read(file)
    case = next(case for case in cases if case["test_case"] == name)
    return Outcome(file, name, list(_Player(hotline, fixtures).play(case)))


def _read(file: Path) -> tuple[list[dict[str, Any]], dict[str, list[dict[str, Any]]]]:
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError(
            f"{file}:{line}: this is not YAML ({error.problem}). A colon in a text needs quotes."
        ) from error
    fixtures = {name: entries for item in data.get("fixtures") or () for name, entries in item.items()}
    return data.get("test_cases") or [], fixtures


class _ByText:
    """One resident who texts."""

    def __init__(self, hotline: Hotline) -> None:
        self._hotline = hotline
        self._sender = secrets.token_hex(8)
        self.key = sender_id("sms", self._sender, hotline.memory.hash_key)
        self.faults: list[str] = []
        self.texts: list[str] = []

    def say(self, text: str) -> str:
        """Send a text; the reply."""
        return self._hotline.conversation.reply_to(IncomingMessage(secrets.token_hex(16), self._sender, text)).text


class _ByTelephone:
    """One resident who calls."""

    def __init__(self, hotline: Hotline, case: dict[str, Any]) -> None:
        self._hotline = hotline
        caller = str(case.get("caller", f"+1500{secrets.randbelow(10**7):07d}"))
        self._telephone = Telephone(DoorOf(hotline), caller)
        self.key = hotline.calls.sender_of(self._telephone.id, "" if caller == "anonymous" else caller)
        self.texts: list[str] = []
        hotline.calls.texting = self

    @property
    def faults(self) -> list[str]:
        return self._telephone.faults

    def say(self, text: str) -> str:
        """Call, press, say or stay silent; all that is heard."""
        if text == "call":
            self._telephone.call()
        else:
            self._telephone.act(text)
        return words_heard(self._hotline, self._telephone)

    def send(self, to: str, body: str) -> str:
        """The text that the caller asked for."""
        self.texts.append(body)
        return SENT


class _Player:
    """One resident talking."""

    def __init__(
        self, hotline: Hotline, fixtures: dict[str, list[dict[str, Any]]], coverage: Coverage | None = None
    ) -> None:
        self._coverage = coverage
        self._hotline = hotline
        self._fixtures = fixtures
        self._line: _ByText | _ByTelephone = _ByText(hotline)
        self._reply = ""

    def play(self, case: dict[str, Any]) -> Iterator[str]:
        """The faults of a test case."""
        self.set_up(case)
        for number, step in enumerate(case.get("steps") or (), start=1):
            for fault in self._step(step):
                yield f"step {number}: {fault}"

    def set_up(self, case: dict[str, Any]) -> None:
        """Get ready to talk as the case says, on its channel, with what its fixtures set."""
        at = datetime.datetime.fromisoformat(str(case.get("at", _OFFICE_HOURS))).replace(tzinfo=NEW_YORK)
        self._hotline.content.clock = lambda: at
        desk = NO_DESK if case.get("desk") == "phone" else self._hotline.desk
        self._hotline.conversation.desk = self._hotline.calls.desk = desk
        by_voice = case.get("channel") == "voice"
        self._line = _ByTelephone(self._hotline, case) if by_voice else _ByText(self._hotline)
        names = case.get("fixtures") or ()
        state = DialogueState(introduced=True) if names else DialogueState()
        for entry in itertools.chain.from_iterable(self._fixtures[name] for name in names):
            for slot, value in entry.items():
                if slot == "language":
                    state.language, state.language_sure = value, True
                else:
                    state.slots[slot] = value
        if names:
            self._hotline.memory.save(self._line.key, state.to_json())

    def _state(self) -> DialogueState:
        return DialogueState.from_json(self._hotline.memory.load(self._line.key))

    def _step(self, step: dict[str, Any]) -> Iterator[str]:
        if "user" in step:
            self._reply = self.say(str(step["user"]))
            yield from self._assertions(step.get("assertions") or ())
            yield from self._line.faults
            self._line.faults.clear()
        if "bot" in step and step["bot"].strip() != self._reply:
            yield f"the bot said:\n{_indent(self._reply)}\n  and not:\n{_indent(step['bot'].strip())}"
        if "utter" in step and not self._uttered(step["utter"]):
            yield f'the bot did not say "{step["utter"]}"; it said:\n{_indent(self._reply)}'
        if "sms" in step and not any(str(step["sms"]) in text for text in self._line.texts):
            yield f'no text with "{step["sms"]}" was sent; sent were: {self._line.texts}'
        yield from self._slots(step.get("slot_was_set") or (), wanted=True)
        yield from self._slots(step.get("slot_was_not_set") or (), wanted=False)

    def say(self, text: str) -> str:
        """Do what the resident does; the reply."""
        before = self._state() if self._coverage else None
        reply = self._line.say(text)
        if self._coverage and before:
            self._coverage.note(before, text, self._state())
        return reply

    def _uttered(self, name: str) -> bool:
        """Whether the reply has the step or phrase `name`; of a long reply, also on a page still to be asked for."""
        flow, _, step = name.partition("/")
        said = self._state().said
        if flow == "phrases":
            return any(utterance[:2] == ["phrase", step] for utterance in said)
        return any(utterance[0] in {"step", "ask"} and utterance[1:3] == [flow, step] for utterance in said)

    def _slots(self, wanted_slots: Any, *, wanted: bool) -> Iterator[str]:
        slots = self._state().slots
        for item in wanted_slots:
            for name, value in (item if isinstance(item, dict) else {item: None}).items():
                is_set = slots.get(name) is not None and (value is None or slots[name] == value)
                if is_set != wanted:
                    yield f'the slot "{name}" is {slots.get(name)!r}'

    def _assertions(self, assertions: Any) -> Iterator[str]:
        for assertion in assertions:
            for kind, wanted in assertion.items():
                if kind == "flow_started":
                    if not any(utterance[1:2] == [wanted] for utterance in self._state().said):
                        yield f'the flow "{wanted}" did not start; the bot said:\n{_indent(self._reply)}'
                elif kind == "bot_uttered":
                    if not re.search(wanted["text_matches"], self._reply):
                        yield f'"{wanted["text_matches"]}" is not in:\n{_indent(self._reply)}'
                elif kind == "slot_was_set":
                    yield from self._slots([{item["name"]: item.get("value")} for item in wanted], wanted=True)
                else:
                    yield f'the assertion "{kind}" is not known here'


def _update(hotline: Hotline, file: Path) -> int:
    """Bring the `bot:` lines of a file up to date; the rest of the file stays as it is. Returns how many changed."""
    source = file.read_text(encoding="utf-8")
    cases, fixtures = _read(file)
    said: dict[tuple[str, int], str] = {}
    for case in cases:
        player = _Player(hotline, fixtures)
        player.set_up(case)
        reply = ""
        for number, step in enumerate(case.get("steps") or ()):
            if "user" in step:
                reply = player.say(str(step["user"]))
            said[case["test_case"], number] = reply
    updated, changed = with_replies(source, lambda case, number, old: said.get((case, number), old.strip()))
    if changed:
        file.write_text(updated, encoding="utf-8")
    return changed


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in (text or "(silence)").split("\n"))
