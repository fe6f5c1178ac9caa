"""Residents who text all the time while something is broken, and what each of their replies is worth."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.traffic.residents import QUESTION, RESTART, TEXTS, Expected, Judge, begin_of, new_number
from tests.traffic.twilio_side import Delivery, TwilioSide, new_message_id

_PAUSE = 0.25  # seconds that a resident takes to read and text again
_REPEATED, _URGENT = 20, 20  # of a hundred texts: delivered a second time; followed by somebody's emergency


@dataclass
class Findings:
    """What a crowd got. `late` are times at which a reply that was not the one due was asked for; `faults` is what must
    not be, by kind, each with its first example."""

    counts: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    late: list[float] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)

    def fault(self, kind: str, example: str) -> None:
        """Something that must not be, whatever is broken."""
        self.counts[kind] += 1
        self.faults.setdefault(kind, example)


@dataclass
class Resident:
    """Somebody in the middle of a conversation."""

    expected: Expected
    number: str
    place: int = 0


class Crowd:
    """Residents of all languages, each at their own pace.

    `forgets` says that Redis may have lost what it held: then people start anew; `speechless` that a question in free
    words may not be understood.
    """

    def __init__(
        self, twilio: TwilioSide, expected: Sequence[Expected], judge: Judge, forgets: bool, speechless: bool
    ) -> None:
        self.found = Findings()
        self._twilio = twilio
        self._expected = expected
        self._judge = judge
        self._forgets = forgets
        self._speechless = speechless
        # Without a model a question; without Redis a key of the menu that was sent while nothing was remembered.
        self._not_understood = {QUESTION, RESTART + 1}
        self._chance = random.Random(7)
        self._done = asyncio.Event()

    async def text_until_told(self, residents: int) -> None:
        """So many residents at a time, until `stop`."""
        await asyncio.gather(*(self._one_after_another(number) for number in range(residents)))

    def stop(self) -> None:
        """Everybody ends with the reply they wait for."""
        self._done.set()

    async def fall_asleep(self, residents: int) -> list[Resident]:
        """People who stop answering in the middle of a conversation."""
        sleepers = []
        for number in range(residents):
            sleeper = Resident(self._expected[number % len(self._expected)], new_number())
            while sleeper.place < 4 + number % 4:
                await self._next_text(sleeper)
            sleepers.append(sleeper)
        return sleepers

    async def wake_up(self, sleepers: list[Resident]) -> int:
        """They go on where they were; how many of them could."""
        kept = 0
        for sleeper in sleepers:
            place = sleeper.place
            await self._next_text(sleeper)
            kept += sleeper.place == place + 1
        return kept

    # --- one resident -----------------------------------------------------------------------------

    async def _one_after_another(self, number: int) -> None:
        await asyncio.sleep(number * _PAUSE / 8)
        turn = number
        while not self._done.is_set():
            resident, turn = Resident(self._expected[turn % len(self._expected)], new_number()), turn + 1
            while resident.place < len(resident.expected.texts) and not self._done.is_set():
                await self._next_text(resident)
                if self._chance.randrange(100) < _URGENT:
                    await self._emergency(resident.expected)
                await asyncio.sleep(_PAUSE * self._chance.uniform(0.5, 1.5))

    async def _next_text(self, resident: Resident) -> None:
        expected, place = resident.expected, resident.place
        text, message, asked = expected.texts[place], new_message_id(), time.monotonic()
        delivery = await self._twilio.deliver(resident.number, text, message)
        where = f"{expected.language} {place} {text!r}"
        worth = self._worth(delivery, expected, place, where)
        self.found.counts["texts"] += 1
        self._note(delivery, worth, asked)
        if self._chance.randrange(100) < _REPEATED and delivery.text is not None:
            await self._again(resident, text, message, delivery.text, worth, where)
        if worth == "due":
            resident.place += 1
        elif worth == "anew":
            resident.place = 0
        else:
            resident.place = min(place, RESTART)

    def _worth(self, delivery: Delivery, expected: Expected, place: int, where: str) -> str:
        """ "due", "help" in their language with a person's number, "anew" where the talk was lost, or a fault."""
        reply, due = delivery.text, expected.replies[place]
        if not delivery.answered or reply is None:
            self.found.fault("unanswered", f"{where}: {delivery.faults or 'silence'}")
            return "fault"
        if reply == due:
            return "due"
        if self._judge.helps(reply, expected.language):
            return "help"
        if self._speechless and place in self._not_understood and self._judge.asks_again(reply, expected.language):
            return "help"
        if begin_of(reply) == begin_of(due) or (place == 0 and self._judge.switches(reply, expected.language)):
            return "due" if place == 0 else "help"
        if self._forgets:
            return "anew"
        spoken = self._judge.language_of_help(reply)
        kind = "another language" if spoken else "wrong"
        self.found.fault(kind, f"{where}: due {due[:50]!r}, came {reply[:90]!r} {delivery.faults}")
        return "fault"

    async def _again(self, resident: Resident, text: str, message: str, first: str, worth: str, where: str) -> None:
        """The same message comes once more: the same reply, and no second step (the next text shows it)."""
        asked = time.monotonic()
        way = self._chance.choice(("/sms", "/fallback/sms"))
        again = await self._twilio.deliver(resident.number, text, message, way)
        self.found.counts["repeats"] += 1
        if again.text == first:
            self.found.counts["repeats alike"] += 1
            self._note(again, worth, asked)
            return
        helpful = worth != "due" or self._judge.helps(again.text or "", resident.expected.language)
        if again.text is not None and (helpful or begin_of(again.text) == begin_of(first)):
            self._note(again, "help", asked)
        elif not again.answered:
            self.found.fault("unanswered", f"{where}, again: {again.faults}")
        elif again.text is None or not self._forgets:
            came = f"first {first[:50]!r}, then {again.text!r:.90} {again.faults}"
            self.found.fault("repeat differs", f"{where}: {came}")

    async def _emergency(self, expected: Expected) -> None:
        asked = time.monotonic()
        delivery = await self._twilio.deliver(new_number(), TEXTS[expected.language][2])
        self.found.counts["emergencies"] += 1
        self._note(delivery, "due", asked)
        if not delivery.answered:
            self.found.fault("unanswered", f"{expected.language}, emergency: {delivery.faults}")
        elif delivery.text is None or begin_of(delivery.text) != begin_of(expected.emergency):
            came = f"{delivery.text!r:.90} {delivery.faults}"
            self.found.fault("emergency not answered as one", f"{expected.language}: {came}")
        else:
            self.found.counts["emergencies alike"] += 1

    def _note(self, delivery: Delivery, worth: str, asked: float) -> None:
        self.found.counts[worth] += 1
        self.found.counts["through the fallback"] += bool(delivery.faults)
        self.found.longest = max(self.found.longest, delivery.seconds)
        if worth != "due" or delivery.faults:
            self.found.late.append(asked)
