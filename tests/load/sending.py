"""One resident's conversation under load: every reply is compared with the one due, repeats and haste included."""

from __future__ import annotations

import asyncio
import random

from tests.load.tally import Tally
from tests.traffic.residents import BACKS, Expected, new_number
from tests.traffic.twilio_side import TwilioSide, new_message_id

# Of a hundred messages so many come three times at once; of a hundred residents so many do not wait for replies.
REPEATED, HASTY = 5, 10


async def converse(twilio: TwilioSide, expected: Expected, tally: Tally, chance: random.Random) -> None:
    """All ten texts of somebody new."""
    number, place = new_number(), 0
    hasty = chance.randrange(100) < HASTY
    while place < len(expected.texts):
        if hasty and place == BACKS.start:
            await _all_at_once(twilio, expected, tally, number)
            place = BACKS.stop
            continue
        text, due = expected.texts[place], expected.replies[place]
        where = f"{expected.language} {place}"
        if chance.randrange(100) < REPEATED:
            await _three_times(twilio, tally, number, text, due, where)
        else:
            tally.note(await twilio.deliver(number, text), due, where)
        place += 1


async def _three_times(twilio: TwilioSide, tally: Tally, number: str, text: str, due: str, where: str) -> None:
    """One message that arrives three times in the same instant: the same reply to each, and one step."""
    message = new_message_id()
    ways = ("/sms", "/fallback/sms", "/sms")
    first, *others = await asyncio.gather(*(twilio.deliver(number, text, message, way) for way in ways))
    tally.note(first, due, where)
    for other in others:
        tally.counts["repeats"] += 1
        if other.text != first.text:
            tally.fault("repeat differs", f"{where}: {other.text!r:.60}")


async def _all_at_once(twilio: TwilioSide, expected: Expected, tally: Tally, number: str) -> None:
    """Three equal texts without waiting: whichever comes first, the replies are those of three steps, once each."""
    deliveries = await asyncio.gather(*(twilio.deliver(number, expected.texts[place]) for place in BACKS))
    left = [expected.replies[place] for place in BACKS]
    for delivery in deliveries:
        tally.counts["hasty"] += 1
        due = delivery.text if delivery.text in left else left[0]
        left.remove(due)
        tally.note(delivery, due, f"{expected.language} three at once")
