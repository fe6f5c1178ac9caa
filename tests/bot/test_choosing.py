"""Which language to answer in."""

import pytest

from bot.languages.choosing import LIKELY, SURE, UNSURE, Decision, Evidence, choose

ROWS = [
    # known, known surely, evidence → decision, because
    (None, False, Evidence("es", SURE), Decision("es", True), "first contact, clearly Spanish"),
    (None, False, Evidence("es", LIKELY), Decision("es", True), "first contact, fairly Spanish"),
    (None, False, Evidence("es", UNSURE), Decision("en", False), "first contact, no idea: English, as a guess"),
    (None, False, Evidence(), Decision("en", False), "first contact without letters"),
    ("en", False, Evidence("ht", LIKELY), Decision("ht", False), "English was only a guess"),
    ("es", True, Evidence("es", SURE), Decision("es", True), "the same language"),
    ("es", True, Evidence("en", UNSURE), Decision("es", True), "weak evidence keeps the known language"),
    ("es", True, Evidence("en", LIKELY), Decision("es", True, offer="en"), "fair evidence is an offer"),
    ("es", True, Evidence("zh-Hans", SURE), Decision("zh-Hans", True), "another script switches"),
    ("es", True, Evidence(), Decision("es", True), "digits say nothing"),
]


@pytest.mark.parametrize(("known", "sure", "evidence", "decision", "because"), ROWS)
def test_choose(known: str | None, sure: bool, evidence: Evidence, decision: Decision, because: str) -> None:
    assert choose(known, sure, evidence) == decision, because
