"""Each fault once, for a second or two; `make faults` has them for longer, and a table of what residents got."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.catalogue import FAULTS, Fault
from tests.faults.stage import set_up
from tests.faults.trial import QUICK, Outcome, put_to_trial

pytestmark = pytest.mark.engine

# The others start servers of their own, need what not every machine has, or are much like one of these.
_LEFT_OUT = {"worker-renewed", "redis-slow", "redis-slower", "redis-no-replica"}
_SHARED = [fault for fault in FAULTS if fault.strike and not (fault.needs or fault.alone or fault.name in _LEFT_OUT)]
_LANGUAGES = 4


@pytest.fixture(scope="module")
def outcomes() -> dict[Fault, Outcome]:
    """What every fault did, one after the other on one hotline."""

    async def all_of_them() -> dict[Fault, Outcome]:
        async with set_up(_LANGUAGES) as stage:
            return {fault: await put_to_trial(stage, fault, QUICK) for fault in _SHARED}

    return asyncio.run(all_of_them())


@pytest.mark.parametrize("fault", _SHARED, ids=lambda fault: fault.name)
def test_residents_are_answered_while_it_lasts_and_as_ever_afterwards(
    outcomes: dict[Fault, Outcome], fault: Fault
) -> None:
    assert outcomes[fault].faults == {}
    assert outcomes[fault].found.counts["unanswered"] == 0
    assert outcomes[fault].found.counts["texts"] > 0
