"""A small part of `make fuzz`, always the same: every nasty text at every door and reader, then spoiled ones."""

import random

import pytest

from tests.fuzz.target import Target, limited
from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.engine

SPOILED = 150
# The true encoder costs twenty times what all the rest of a message does.
_FEWER = {"understanding": 20}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_sample_is_borne(target: Target) -> None:
    seeds = list(target.seeds())
    target.check(seeds[0])  # loads what it needs; an input's limit is not for that
    chance = random.Random(target.name)
    inputs = [*seeds, *(target.spoil(chance.choice(seeds), chance) for _ in range(_FEWER.get(target.name, SPOILED)))]
    for data in inputs:
        with limited():
            target.check(data)
