"""Who wants no more texts gets none of ours, whether they say so by text or in a call, until they want them again."""

from __future__ import annotations

import pytest

from bot.errors import DeskUnavailable
from bot.messages import CallTurn
from bot.scheduling.desk import Wish
from bot.speech import Speech
from bot.wording import phrase_text
from tests.bot.conftest import Line

# The words of the hotline; wishes in other words are in tests/conversations/opting_out.yml.
WISHES = ["stop texting me", "no me escriban", "pa voye mesaj ankò", "别给我发短信", "не пишите мне", "لا ترسلوا لي"]


@pytest.mark.parametrize("wish", WISHES)
def test_a_wish_by_text_is_noted_and_the_networks_word_told(line: Line, wish: str) -> None:
    line.text("menu")
    assert "STOP" in line.text(wish)
    assert line.desk.opted_out(line.person)


def test_a_wish_in_a_call_is_noted(line: Line) -> None:
    line.say(event="begin")
    line.say("1")
    assert "no more texts" in line.say("stop texting me")
    assert line.desk.opted_out(line.person)


@pytest.mark.parametrize("how", ["by text", "to the network"])
def test_nothing_is_texted_out_of_a_call_to_who_opted_out(line: Line, how: str) -> None:
    line.text("stop texting me") if how == "by text" else line.text("STOP", opt_out="STOP")
    for words, event in (("", "begin"), ("1", ""), ("1", "")):
        line.say(words, event)
    assert "cannot send a text" in line.say(event="text_me")
    assert line.outbox.sent == []


def test_redis_is_not_needed_for_it(forgetful: Line) -> None:
    assert "STOP" in forgetful.text("stop texting me")
    assert forgetful.desk.opted_out(forgetful.person)


def test_nor_in_a_call(forgetful: Line) -> None:
    assert "no more texts" in wish_in_a_call(forgetful).transcript
    assert forgetful.desk.opted_out(forgetful.person)


def test_a_wish_that_cannot_be_noted_is_not_said_to_be(forgetful: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetful.desk, "opt", gone)
    assert forgetful.text("stop texting me") == phrase_text(forgetful.content, "apology", "en")
    assert wish_in_a_call(forgetful) == forgetful.calls.apology("en")


def wish_in_a_call(line: Line) -> Speech:
    return line.calls.answer(CallTurn(line.call, 1, line.number, "stop texting me", language="en"))


def gone(*args: object, **named: object) -> bool:
    """The desk when it does not answer."""
    raise DeskUnavailable("gone")


def test_who_did_not_gets_the_text(line: Line) -> None:
    for words, event in (("", "begin"), ("1", ""), ("1", ""), ("", "text_me")):
        line.say(words, event)
    assert [to for to, _ in line.outbox.sent] == [line.number]


@pytest.mark.parametrize("how", ["START", "a yes to a reminder"])
def test_in_again(line: Line, how: str) -> None:
    line.text("stop texting me")
    if how == "START":
        line.text("START", opt_out="START")
    else:
        assert line.desk.hold(line.person, line.desk.open_times(Wish()).visits[0], Wish())
        assert line.desk.book(line.person, lambda ident: b"sealed")
    assert not line.desk.opted_out(line.person)


def test_a_booking_without_a_reminder_changes_nothing(line: Line) -> None:
    line.text("stop texting me")
    assert line.desk.hold(line.person, line.desk.open_times(Wish()).visits[0], Wish())
    assert line.desk.book(line.person, None)
    assert line.desk.opted_out(line.person)


def test_while_the_desk_does_not_answer_no_text_goes_out_and_the_call_goes_on(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words, event in (("", "begin"), ("1", ""), ("1", "")):
        line.say(words, event)

    monkeypatch.setattr(line.desk, "opted_out", gone)
    assert phrase_text(line.content, "text_failed", "en") in line.say(event="text_me")
    assert line.outbox.sent == []
