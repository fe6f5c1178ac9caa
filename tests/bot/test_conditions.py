"""Conditions of flow files: the language of CALM, compiled."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow_engine.conditions import ConditionError, compile_condition

VALUES = {
    "slots": {"age": 17, "borough": "queens", "minor": True, "tags": ["a", "b"], "nothing": None, "name": ""},
    "context": {"channel": "sms"},
}

TRUE_OR_FALSE = [
    ("slots.age < 18", True),
    ("slots.age >= 18", False),
    ("slots.age = 17", True),
    ("slots.age == 17.0", True),
    ("slots.age != 17", False),
    ('slots.borough is "queens"', True),
    ('slots.borough is "Queens"', False),  # case counts, as in pypred
    ('slots.borough is not "bronx"', True),
    ("slots.minor", True),
    ("not slots.minor", False),
    ("slots.minor is true", True),
    ("slots.minor = 1", False),  # true is not a number
    ("slots.nothing is null", True),
    ("slots.typo is null", False),  # undefined is not null
    ("slots.typo is undefined", True),
    ("slots.name is empty", True),
    ('{"queens" "bronx"} contains slots.borough', True),
    ('slots.tags contains "b"', True),
    ('slots.borough matches "^qu"', True),
    ('slots.borough matches "("', False),  # a broken pattern matches nothing
    ('slots.age < "a"', False),  # unlike types are false, not an error
    ('context.channel is "sms" and slots.age < 18', True),
    ("slots.age > 20 or (slots.minor and not slots.typo)", True),
    ("not slots.age > 20 and slots.minor", True),
    ("{{slots.minor}}", True),  # CALM writes conditions in templates too
]


@pytest.mark.parametrize(("text", "expected"), TRUE_OR_FALSE)
def test_condition(text: str, expected: bool) -> None:
    assert compile_condition(text).holds(VALUES) is expected


BROKEN = [
    ("slots.age <", 12, "a value is missing"),
    ("age < 18", 1, "write slots.age"),
    ("slots.age && slots.minor", 11, '"&& slots.min" is not understood'),
    ("slots.age < 18 slots.minor", 16, 'join two conditions with "and" or "or"'),
    ("(slots.age < 18", 16, '")" is missing'),
    ('{"a" contains slots.age', 6, "only quoted words"),
    ("not", 4, "a value is missing"),
    ("", 1, "a value is missing"),
]


@pytest.mark.parametrize(("text", "column", "message"), BROKEN)
def test_broken_condition_says_where_and_what(text: str, column: int, message: str) -> None:
    with pytest.raises(ConditionError) as caught:
        compile_condition(text)
    assert message in str(caught.value)
    assert caught.value.column == column


@given(st.text(alphabet="slots.agecontext <>=!(){}\"'andornt 0123456789"))
def test_any_text_compiles_or_is_a_condition_error(text: str) -> None:
    with contextlib.suppress(ConditionError):
        compile_condition(text).holds(VALUES)
