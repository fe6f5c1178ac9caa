"""Residents who make an appointment while something is broken: who is told a code has one, and nobody has two."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from pathlib import Path

from tests.faults.crowd import Findings
from tests.traffic.residents import Judge, new_number
from tests.traffic.twilio_side import TwilioSide, new_message_id

_TEXTS = ("i need an appointment", "1", "1", "5", "1", "1")
_CODE = re.compile(r"Your code is (\d{4}) (\d{4})")
_TRIES = 6  # until somebody gives up and goes home


class Bookers:
    """So many at a time, until told to stop."""

    def __init__(self, twilio: TwilioSide, judge: Judge, found: Findings) -> None:
        self._twilio = twilio
        self._judge = judge
        self._found = found
        self._done = asyncio.Event()
        self.codes: list[str] = []

    async def text_until_told(self, number: int) -> None:
        """So many residents at a time, until `stop`."""
        await asyncio.gather(*(self._one_after_another() for _ in range(number)))

    def stop(self) -> None:
        """Everybody ends with the reply they wait for."""
        self._done.set()

    def compare(self, database: Path) -> None:
        """Find codes that were told and are not kept, and people with two appointments."""
        with sqlite3.connect(database) as connection:
            kept = {code for (code,) in connection.execute("select code from appointments where state = 'booked'")}
            twice = connection.execute(
                "select count(*) from (select person from appointments where state = 'booked' and person is not null"
                " group by person having count(*) > 1)"
            ).fetchone()[0]
        self._found.counts["booked"] += len(self.codes)
        for code in self.codes:
            if code not in kept:
                self._found.fault("told a code that is not kept", code)
        if twice:
            self._found.fault("two appointments", f"{twice} people")

    async def _one_after_another(self) -> None:
        while not self._done.is_set():
            number = new_number()
            for _ in range(_TRIES):
                if self._done.is_set() or await self._book(number):
                    break
                await asyncio.sleep(0.3)

    async def _book(self, number: str) -> bool:
        """One attempt, from the first text to the code; whatever is not as it should be begins anew."""
        for text in _TEXTS:
            asked, message = time.monotonic(), new_message_id()
            delivery = await self._twilio.deliver(number, text, message)
            self._found.counts["texts"] += 1
            self._found.longest = max(self._found.longest, delivery.seconds)
            if delivery.text is None:
                self._found.fault("unanswered", f"booking {text!r}: {delivery.faults}")
                return False
            if code := _CODE.search(delivery.text):
                self.codes.append("".join(code.groups()))
                return True
            if self._judge.helps(delivery.text, "en"):
                self._found.counts["help"] += 1
                self._found.late.append(asked)
                return False
            await asyncio.sleep(0.1)
        return False
