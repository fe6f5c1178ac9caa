"""Answers to open questions."""

import datetime

import pytest

from bot.flow_engine.answers import Options, as_date, as_number, exact_option, loose_option

OPTIONS = Options(
    count=3,
    exact={"free immigration lawyer": 0, "my childs school": 1, "abogado": 0, "现在学校有执法人员": 2},
    labels=("free immigration lawyer", "my childs school", "现在学校有执法人员"),
    numerals={"two": 2, "dos": 2},
)

EXACT = [
    ("2", 1),
    ("Free immigration lawyer", 0),
    ("FREE IMMIGRATION LAWYER!", 0),
    ("abogado", 0),
    ("dos", 1),
    ("3", 2),
    ("4", None),  # there is no fourth
    ("0", None),
    ("lawyer", None),  # only part of a label
]


@pytest.mark.parametrize(("text", "option"), EXACT)
def test_exact_option(text: str, option: int | None) -> None:
    assert exact_option(text, OPTIONS) == option


LOOSE = [
    ("lawyer", 0),
    ("lawier", 0),  # one slip in a long word
    ("immigration laywer", 0),  # two neighbours swapped
    ("school", 1),
    ("学校", 2),
    ("my", None),  # too short to mean anything
    ("immigration school", None),  # two options
    ("is the lawyer for my child free", None),  # a question, not a label
]


@pytest.mark.parametrize(("text", "option"), LOOSE)
def test_loose_option(text: str, option: int | None) -> None:
    assert loose_option(text, OPTIONS) == option


@pytest.mark.parametrize(
    ("text", "number"), [("3", 3), ("২৫", 25), ("3.5", 3.5), ("two", 2), ("-4", -4), ("many", None)]
)
def test_as_number(text: str, number: float | None) -> None:
    assert as_number(text, OPTIONS.numerals) == number


TODAY = datetime.date(2026, 11, 23)  # a Monday
DATES = [
    ("11/30", "en", "2026-11-30"),
    ("1/5", "en", "2027-01-05"),  # the next one
    ("30/11", "es", "2026-11-30"),  # only this order is a date
    ("2026-12-01", "en", "2026-12-01"),
    ("12/1/26", "en", "2026-12-01"),
    ("15 de diciembre", "es", "2026-12-15"),
    ("Dec 15", "es", "2026-12-15"),  # English works everywhere
    ("viernes", "es", "2026-11-27"),
    ("Monday", "en", "2026-11-30"),  # not today
    ("tomorrow", "en", "2026-11-24"),
    ("12月15日", "zh-Hans", "2026-12-15"),
    ("soon", "en", None),
    ("13/45", "en", None),
]


@pytest.mark.parametrize(("text", "language", "expected"), DATES)
def test_as_date(text: str, language: str, expected: str | None) -> None:
    found = as_date(text, language, TODAY, {"tomorrow": 1})
    assert (found.isoformat() if found else None) == expected
