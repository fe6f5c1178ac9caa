"""Segments and pages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.gsm_alphabet import BASIC, EXTENSION
from bot.channels.sms import MAX_CHARACTERS, Block, fits, pages, segments

# Recomputed with Twilio's own calculator: text, parts, alphabet.
VECTORS = [
    ("", 1, "GSM-7"),
    ("a" * 160, 1, "GSM-7"),
    ("a" * 161, 2, "GSM-7"),
    ("a" * 306, 2, "GSM-7"),
    ("a" * 307, 3, "GSM-7"),
    ("€" * 80, 1, "GSM-7"),  # two septets each
    ("€" * 81, 2, "GSM-7"),
    ("a" * 158 + "€", 1, "GSM-7"),
    ("a" * 159 + "€", 2, "GSM-7"),
    ("a" * 152 + "€" + "a" * 152, 3, "GSM-7"),  # the escape is not split from its character
    ("a" * 151 + "€" + "a" * 153, 2, "GSM-7"),
    ("食" * 70, 1, "UCS-2"),
    ("食" * 71, 2, "UCS-2"),
    ("食" * 134, 2, "UCS-2"),
    ("食" * 135, 3, "UCS-2"),
    ("😀" * 35, 1, "UCS-2"),  # two units each
    ("😀" * 36, 2, "UCS-2"),
    ("я" * 66 + "😀" + "я" * 66, 3, "UCS-2"),  # nor a surrogate pair
    ("я" * 66 + "😀" + "я" * 65, 2, "UCS-2"),
    ("я" * 1600, 24, "UCS-2"),
    ("a" * 1600, 11, "GSM-7"),
    ("èéùìòñüàÉÑ¿¡", 1, "GSM-7"),  # the accents GSM has
    ("á", 1, "UCS-2"),  # and one it has not
]


@pytest.mark.parametrize(("text", "count", "alphabet"), VECTORS)
def test_segments(text: str, count: int, alphabet: str) -> None:
    price = segments(text)
    assert (price.count, price.alphabet) == (count, alphabet)


def _slow_count(text: str) -> int:
    """Segments counted another way: fill parts with units one by one."""
    if all(character in BASIC | EXTENSION for character in text):
        units, single, joined = [2 if character in EXTENSION else 1 for character in text], 160, 153
    else:
        units, single, joined = [len(character.encode("utf-16-le")) // 2 for character in text], 70, 67
    if sum(units) <= single:
        return 1
    parts = [0]
    for unit in units:
        if parts[-1] + unit > joined:
            parts.append(0)
        parts[-1] += unit
    return len(parts)


@given(st.text(alphabet="aé€[я食😀\n ", max_size=700))
def test_segments_agree_with_another_count(text: str) -> None:
    assert segments(text).count == _slow_count(text)


_BLOCKS = st.lists(
    st.text(alphabet="abc de. Fg!? 食。я\n€1", min_size=1, max_size=700).filter(lambda text: text.strip()), max_size=5
)


@settings(max_examples=200)
@given(_BLOCKS)
def test_every_page_fits_and_nothing_is_lost(blocks: list[str]) -> None:
    result = pages([Block(block, whole=len(block) % 2 == 0) for block in blocks], "(Text MORE)")
    assert all(fits(page) and len(page) <= MAX_CHARACTERS for page in result)
    assert all(page.endswith("(Text MORE)") for page in result[:-1])
    sent = "".join(page.removesuffix("(Text MORE)") if page is not result[-1] else page for page in result)
    assert "".join(sent.split()) == "".join("".join(blocks).split())


def test_a_page_ends_at_the_end_of_a_sentence() -> None:
    sentence = "This is one sentence of a long answer. "
    first, *_ = pages([Block(sentence * 20)], "(Text MORE)")
    assert first.removesuffix("\n(Text MORE)").endswith("answer.")


def test_a_question_is_kept_whole() -> None:
    answer, question = "An answer. " * 40, "Which?\n1 This\n2 That"
    assert pages([Block(answer), Block(question, whole=True)], "(Text MORE)")[-1] == question


def test_typographic_punctuation_does_not_make_a_text_dear() -> None:
    assert segments(pages([Block("“No” – it’s…")], "")[0]).alphabet == "GSM-7"
