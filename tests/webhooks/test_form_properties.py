"""What holds for whatever stands in a form, a header or a stored value: properties, tried by Hypothesis."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ElementTree
from typing import Any

from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.sms import MAX_CHARACTERS
from bot.flow_engine.folding import clean, fold
from bot.flow_engine.state import DialogueState
from bot.home_numbers import is_abroad
from bot.messages import Reply
from bot.scheduling.handoffs import status_in
from bot.sealing import Seals
from bot.settings import Settings
from tests.fuzz.nasty_texts import NASTY
from tests.fuzz.requests_as_text import FIELDS
from webhooks import twiml
from webhooks.twilio_forms import UnusableForm, call_turn, text_message, transfer_outcome
from webhooks.twilio_signature import is_signed

# Lone surrogates too: a form may hold what is no text.
TEXTS = st.text(st.characters(), max_size=60) | st.sampled_from(tuple(NASTY.values()))
FORMS = st.dictionaries(
    st.sampled_from(tuple(FIELDS)),
    TEXTS | st.sampled_from([v for values in FIELDS.values() for v in values]),
    max_size=8,
)
QUERIES = st.dictionaries(st.sampled_from(["n", "t", "l", "q", "k", "topic"]), TEXTS, max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
STATES = st.dictionaries(st.sampled_from(list(vars(DialogueState()))), JSON, max_size=8)


@given(FORMS)
def test_a_form_is_a_message_of_a_channel_we_know_or_is_refused(form: dict[str, str]) -> None:
    try:
        message = text_message(form)
    except UnusableForm:
        return
    assert message.channel in {"sms", "whatsapp", "messenger", "rcs"}
    assert message.opt_out in {None, "STOP", "START", "HELP"}
    is_abroad(message.sender, ("+1",))


@given(FORMS, QUERIES)
def test_a_turn_of_a_call_is_within_bounds_or_is_refused(form: dict[str, str], query: dict[str, str]) -> None:
    try:
        turn = call_turn(form, query)
    except UnusableForm:
        return
    assert 0 <= turn.turn < 100_000
    assert 0 <= turn.started < 10**11
    assert not (turn.event and turn.text)
    assert turn.confidence is None or isinstance(turn.confidence, float) or math.isnan(turn.confidence)
    assert transfer_outcome(form) in {"done", "busy", "no-answer", "failed"}


@given(TEXTS)
def test_any_text_is_one_message_that_reads_back_or_silence(text: str) -> None:
    verbs = list(ElementTree.fromstring(twiml.text_reply(Reply(text)).get_data()))
    assert [verb.tag for verb in verbs] in ([], ["Message"])
    assert all(0 < len(verb.text or "") <= MAX_CHARACTERS for verb in verbs)


@given(TEXTS)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(clean(text))
    assert fold(once) == once
    clean(text).encode()


@given(TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=4))
def test_no_signature_but_the_right_one_passes(signature: str, form: dict[str, str]) -> None:
    value = _sendable(signature).encode().decode("latin-1").replace("\n", "").replace("\r", "")
    settings = Settings(auth_tokens=("12345",), public_url="https://example.org")
    data = {_sendable(name): _sendable(text) for name, text in form.items()}
    headers = {"HTTP_X_TWILIO_SIGNATURE": value}
    with Flask(__name__).test_request_context("/sms", method="POST", data=data, environ_overrides=headers):
        assert not is_signed(request, settings)


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@given(STATES)
def test_a_stored_position_of_any_shape_becomes_one_that_reads_back_the_same(data: dict[str, Any]) -> None:
    state = DialogueState.from_json(data)
    state.copy()
    again = DialogueState.from_json(json.loads(json.dumps(state.to_json())))
    assert repr(again) == repr(state)


@given(st.binary(max_size=80))
def test_what_nobody_sealed_opens_to_nothing(data: bytes) -> None:
    assert Seals(("a secret that is long enough for all",), b"encrypt").open(data, "hotline:talk:x") is None


@given(st.binary(max_size=80) | JSON.map(lambda value: json.dumps(value).encode()))
def test_a_partners_answer_means_something(data: bytes) -> None:
    assert status_in(data) in {"confirmed", "declined"}
