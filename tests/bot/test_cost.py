"""What answers cost: never more parts than one reply may have, and the table says what each language costs."""

import pytest

from bot.channels.sms import MAX_GSM_SEGMENTS, MAX_UCS2_SEGMENTS
from bot.content import Content
from bot.languages.supported import LANGUAGES, SOURCE
from bot.staff import cost


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_first_answer_is_one_reply(content: Content, code: str) -> None:
    found = cost.answers(content, code)
    assert len(found) >= 58
    most = {"GSM-7": MAX_GSM_SEGMENTS, "UCS-2": MAX_UCS2_SEGMENTS}
    assert [answer for answer in found if answer.parts > most[answer.alphabet]] == []


@pytest.mark.parametrize("code", ["es", "fr", "ht"])
def test_languages_of_latin_letters_cost_what_english_does(content: Content, code: str) -> None:
    mine, english = ([answer.parts for answer in cost.answers(content, one)] for one in (code, SOURCE))
    assert sum(mine) / len(mine) <= 1.1 * sum(english) / len(english)


def test_the_table_and_the_dearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cost.run(None) == 0
    table = capsys.readouterr().out
    assert all(f"({code})" in table for code in LANGUAGES)
    assert cost.run("ru") == 0
    assert capsys.readouterr().out.startswith("4 parts  UCS-2")
