"""How texts become speech: numbers by digits, quotations in English, nothing that cannot be spoken."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.voice import NUMBER, PAUSE, PHONE, WORDS, Part, joined, parts_of, sayable
from bot.content import Content
from bot.flow_engine.state import DialogueState
from bot.opening_hours import NEW_YORK, UnreadableHours, read_hours
from bot.speech import speech_of

SAYABLE = [
    ("lines become sentences", "Call 311\nAsk for help.", "Call 311. Ask for help."),
    ("an address is left out", "See nyc.gov/idnyc or https://x.org/a?b for more", "See or for more"),
    ("pictures are left out", "Stay calm 🙂 now ☎️", "Stay calm now"),
    ("a question keeps its mark", "Who is there?\nPolice", "Who is there? Police"),
]


@pytest.mark.parametrize(("text", "spoken"), [row[1:] for row in SAYABLE], ids=[row[0] for row in SAYABLE])
def test_what_cannot_be_spoken(text: str, spoken: str) -> None:
    assert sayable(text) == spoken


def kinds(parts: list[Part]) -> list[tuple[str, str]]:
    return [(part.kind, part.text) for part in parts]


def test_telephone_numbers_are_parts_of_their_own() -> None:
    assert kinds(parts_of("Call 800-354-0365, or 311 any time.", "en")) == [
        (WORDS, "Call"),
        (PHONE, "800-354-0365"),
        (PAUSE, ","),
        (WORDS, "or"),
        (PHONE, "311"),
        (WORDS, "any time."),
    ]


def test_the_pause_after_a_number_is_said() -> None:
    said = ""
    for part in parts_of("Call 311, or 911. Now.", "en"):
        said = joined(said, part)
    assert said == "Call 311, or 911. Now."


def test_an_english_quotation_has_an_english_voice() -> None:
    english = 'Say: "I want a lawyer."'
    found = parts_of('Diga: "I want a lawyer." (Quiero un abogado.)', "es", (), english)
    assert [(part.language, part.text) for part in found if part.kind == WORDS] == [
        ("es", "Diga:"),
        ("en", "I want a lawyer."),
        ("es", "(Quiero un abogado.)"),
    ]


def test_a_quotation_of_the_languages_own_stays_its_own() -> None:
    found = parts_of('Diga: "Quiero un abogado."', "es", (), 'Say: "I want a lawyer."')
    assert {part.language for part in found} == {"es"}


def test_abbreviations_are_spoken_out() -> None:
    spoken = (("NYC", "New York City"),)
    assert kinds(parts_of("NYC schools, not NYCX", "en", spoken)) == [(WORDS, "New York City schools, not NYCX")]


@given(st.text(max_size=200))
def test_any_text_becomes_parts_with_something_to_say(text: str) -> None:
    for part in parts_of(text, "en"):
        assert part.text
        assert part.kind == PAUSE or any(character.isalnum() for character in part.text)


@given(st.lists(st.sampled_from(["Call", "311", ",", ".", "now", "800-354-0365"]), max_size=8))
def test_no_word_is_lost(words: list[str]) -> None:
    said = ""
    for part in parts_of(" ".join(words), "en"):
        said = joined(said, part)
    kept = [word for word in said.replace(",", " ").replace(".", " ").split()]
    assert kept == [word for word in words if word not in {",", "."}]


# --- when somebody answers ------------------------------------------------------------------------------------------

THANKSGIVING = datetime.date(2026, 11, 26)
HOURS = read_hours("Mon-Fri 09:00-18:00; Sat 10:00-14:00", [THANKSGIVING])

# a time in New York; whether somebody answers; when somebody answers again
CLOCK = [
    ("2026-11-25 09:00", True, ""),
    ("2026-11-25 17:59", True, ""),
    ("2026-11-25 18:00", False, "2026-11-27 09:00"),  # the next day is a holiday
    ("2026-11-26 12:00", False, "2026-11-27 09:00"),
    ("2026-11-28 09:59", False, "2026-11-28 10:00"),
    ("2026-11-28 14:00", False, "2026-11-30 09:00"),
    ("2026-11-01 01:30", False, "2026-11-02 09:00"),  # the night the clocks go back
    ("2026-03-08 02:30", False, "2026-03-09 09:00"),  # an hour that no clock shows
]


@pytest.mark.parametrize(("now", "is_open", "again"), CLOCK)
def test_opening_hours(now: str, is_open: bool, again: str) -> None:
    at = datetime.datetime.fromisoformat(now).replace(tzinfo=NEW_YORK)
    assert HOURS.is_open(at) is is_open
    if again:
        assert HOURS.next_opening(at) == datetime.datetime.fromisoformat(again).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    "text", ["", "9 to 6", "Mon-Fri 9:00-18:00", "Fri-Mon 09:00-18:00", "Mon 18:00-09:00", "Mon 24:61-25:00"]
)
def test_hours_nobody_can_read(text: str) -> None:
    with pytest.raises(UnreadableHours):
        read_hours(text)


OPEN_NOW = [
    ("2026-11-25 10:00", "en", "The line is open now.", "The line is open now."),
    ("2026-11-25 07:30", "en", "It opens today at 9:00 AM.", "It opens today at 9 o'clock in the morning."),
    ("2026-11-25 20:00", "en", "It opens on Friday at 9:00 AM.", "It opens on Friday at 9 o'clock in the morning."),
    ("2026-11-28 20:00", "es", "Abre el lunes a las 9:00.", "Abre el lunes a las 9 de la mañana."),
    ("2026-11-28 20:00", "zh-Hans", "星期一09:00开放", "星期一 上午 9 点 开放。"),
    ("2026-11-28 20:00", "ht", "L ap louvri lendi, 09:00.", "lendi, 9 è dimaten."),
]


@pytest.mark.parametrize(("now", "language", "written", "spoken"), OPEN_NOW)
def test_open_now_is_computed(content: Content, now: str, language: str, written: str, spoken: str) -> None:
    at = datetime.datetime.fromisoformat(now).replace(tzinfo=NEW_YORK)
    before, content.clock = content.clock, lambda: at
    try:
        step = content.flows.flows["speak_to_person"].steps["open_now"]
        assert step.say
        assert written in content.text(step.say, language)
        state = DialogueState(language=language, said=[["step", "speak_to_person", "open_now"]], ended=True)
        assert spoken in speech_of(content, state).transcript
    finally:
        content.clock = before


# --- values ---------------------------------------------------------------------------------------------------------


def test_months_and_days_are_spoken_from_parts(content: Content) -> None:
    state = DialogueState(language="en", slots={"day": "2027-03-15"})
    from bot.speech import _Speaker

    parts = _Speaker(content, state)._value("2027-03-15")
    assert kinds(list(parts)) == [(WORDS, "March"), (NUMBER, "15")]
