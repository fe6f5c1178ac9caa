"""Numbers, links and English sentences in right-to-left text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.bidi import isolated
from bot.channels.sms import Block, fits, pages, segments

RUNS = [
    ("اتصل على 800-354-0365 الآن", ["800-354-0365"], "a telephone number"),
    ("اتصل على 911.", ["911"], "the full stop belongs to the sentence"),
    ("انظر nyc.gov/immigrants لتعرف", ["nyc.gov/immigrants"], "a link"),
    ('قل: "I want a lawyer." (أريد محاميا.)', ['"I want a lawyer."'], "a sentence to say, with its full stop"),
    ("ساعات: 311 و 988", ["311", "988"], "two numbers"),
    ("الأرقام 311, 988 مجانية", ["311", "988"], "numbers side by side keep the order of the text"),
    ("العنوان 120 Broadway, New York, NY 10271.", ["120 Broadway, New York, NY 10271"], "an address is one piece"),
    ("ہیلپ لائن ⁨800-354-0365⁩ ہے", ["800-354-0365"], "isolated by the writer"),
    ("رمزكم هو 4219 4146.", ["4219 4146"], "a code of two groups"),
    ("1 عندي سؤال", [], "a menu's number"),
    ("ما هو ICE", [], "one word"),
    ("Call 800-354-0365 now", [], "English"),
]


@pytest.mark.parametrize(("text", "runs", "why"), RUNS)
def test_runs_from_left_to_right_are_isolated(text: str, runs: list[str], why: str) -> None:
    assert re.findall("\u2068([^\u2069]*)\u2069", isolated(text)) == runs, why


def test_each_line_is_a_text_of_its_own() -> None:
    assert isolated("Call 800-354-0365\nاتصل") == "Call 800-354-0365\nاتصل"


_MIXED = st.text(alphabet='ابجدہ .,:"()\n-/@aB019⁦⁨⁩', max_size=60)


@given(_MIXED)
def test_isolating_adds_pairs_and_nothing_else_and_only_once(text: str) -> None:
    sent = isolated(text)
    assert re.sub("[\u2068\u2069]", "", sent) == re.sub("[\u2068\u2069]", "", text)
    assert sent.count("\u2068") - text.count("\u2068") == sent.count("\u2069") - text.count("\u2069")
    assert isolated(sent) == sent


@given(st.lists(st.text(alphabet="ابج 0123-.", min_size=1, max_size=200), max_size=4))
def test_a_reply_has_room_for_its_isolates(texts: list[str]) -> None:
    for page in pages([Block(text) for text in texts], "اكتب المزيد"):
        assert fits(page)
        assert segments(page).count <= 4
