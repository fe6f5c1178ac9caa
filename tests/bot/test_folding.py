"""What people type, made comparable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow_engine.folding import clean, fold, number_in

FOLDED = [
    ("MENÚ", "menu"),  # accents people leave out
    ("¿Más?", "mas"),  # punctuation of another language
    ("  two   words ", "two words"),
    ("don’t", "dont"),  # typographic apostrophe
    ("Kreyòl", "kreyol"),
    ("ＭＥＮＵ", "menu"),  # full-width letters
    ("বাংলা", "বাংলা"),  # vowel signs are letters
    ("اُردو", "اردو"),  # Arabic vowel marks are optional
    ("中文。", "中文"),
    ("車站", "车站"),  # traditional characters
    ("me\u200bnu", "menu"),  # zero-width space
    ("", ""),
]


@pytest.mark.parametrize(("text", "folded"), FOLDED)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


NUMBERS = [
    ("2", 2),
    ("２", 2),  # full-width
    ("২", 2),  # Bengali
    ("٢", 2),  # Arabic
    ("۲", 2),  # Persian, Urdu
    ("二", 2),  # Chinese
    ("两", 2),  # Chinese, before nouns
    ("2️⃣", 2),  # keycap emoji
    ("②", 2),  # circled
    ("(2)", 2),
    ("2.", 2),
    ("#2", 2),
    ("number 2", 2),
    ("opción 2", 2),
    ("2 please", 2),
    ("2nd", 2),
    ("我选2", 2),
    ("第二", 2),
    ("2号", 2),
    ("12", 12),
    ("2 kids", None),  # a sentence, not an answer
    ("911", None),
    ("", None),
    ("two", None),  # words are the content's
]


@pytest.mark.parametrize(("text", "number"), NUMBERS)
def test_number_in(text: str, number: int | None) -> None:
    assert number_in(text) == number


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_clean_text_can_be_encoded_and_has_no_control_characters(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert not any(character < " " and character not in "\n\t" for character in cleaned)
