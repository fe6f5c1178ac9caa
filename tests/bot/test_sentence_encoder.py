"""The encoder is C code: what it cannot bear is kept from it."""

import subprocess
import sys
import unicodedata

import pytest

from bot.settings import PROJECT
from bot.understanding.sentence_encoder import fit_for_encoder
from tests.fuzz.nasty_texts import NASTY


def test_no_character_becomes_more_than_the_encoder_has_room_for() -> None:
    """It gives four characters to each byte of UTF-8, and spells out one character after the other."""
    for code in range(0x30000):
        for character in fit_for_encoder(chr(code)):
            assert len(unicodedata.normalize("NFKC", character)) <= 4 * len(character.encode()), hex(code)


HOSTILE = [
    ("a letter that becomes eighteen", "\ufdfa" * 400),
    ("the same among others", "salaam \ufdfa" * 60 + "\ufdfa" * 300),
    ("a null byte", "a\0b"),
    ("half of a character", "\ud83d\udc00"),
    ("four hundred words of one character", "救" * 400),
]


@pytest.mark.parametrize("text", [row[1] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_fitted(text: str) -> None:
    fitted = fit_for_encoder(text)
    assert len(fitted.encode()) <= 400
    assert "\0" not in fitted


@pytest.mark.engine
def test_the_true_encoder_bears_every_nasty_text() -> None:
    """In a process of its own, with a heap that is checked: damage there ends it."""
    program = (
        "import sys, json\n"
        "from bot.understanding.sentence_encoder import SentenceEncoder\n"
        "encoder = SentenceEncoder()\n"
        "for text in json.load(sys.stdin):\n"
        "    assert abs(float((encoder.encode(text) ** 2).sum()) - 1) < 0.01, text\n"
    )
    import json

    texts = json.dumps([text[:1600] for text in NASTY.values()] + [row[1] for row in HOSTILE])
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={"MALLOC_CHECK_": "3", "PYTHONPATH": str(PROJECT)},
        input=texts,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
