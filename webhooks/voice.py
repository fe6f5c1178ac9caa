"""POST /voice and all below it: calls, turn by turn; transfers; what is played; the second try."""

from __future__ import annotations

import functools
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, Response, abort, current_app, request
from structlog.contextvars import bind_contextvars

from bot import twilio_copies
from bot.messages import CallTurn
from bot.start import Hotline
from webhooks.twilio_forms import UnusableForm, call_turn, transfer_outcome
from webhooks.twilio_signature import signed_by_twilio
from webhooks.voice_twiml import joined_or_not, spoken, whispered

voice = Blueprint("voice", __name__)

# Twilio's call states. Source: Twilio, Call resource.
_STATES = {"queued", "initiated", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"}
_KEPT_FOR = 365 * 24 * 3600  # seconds; a changed text has another name
_OVER = {"completed", "busy", "failed", "no-answer", "canceled"}


@voice.post("/voice")
@signed_by_twilio
def begin() -> Response:
    """A call comes in."""
    return _answer(functools.partial(call_turn, request.form, {}, "begin"))


@voice.post("/voice/turn")
@signed_by_twilio
def turn() -> Response:
    """The caller pressed a key, said something, or did neither."""
    return _answer(functools.partial(call_turn, request.form, request.args))


@voice.post("/voice/transfer")
@signed_by_twilio
def transferred() -> Response:
    """A transfer is over, one way or the other."""
    return _answer(functools.partial(call_turn, request.form, request.args, transfer_outcome(request.form)))


@voice.post("/fallback/voice")
@signed_by_twilio
def fall_back() -> Response:
    """Another address failed in the middle of a call: the same turn gets the same answer, once.

    Twilio says in `ErrorUrl` which turn it was.
    """
    try:
        failed = urlsplit(request.form.get("ErrorUrl", ""))
    except ValueError:
        failed = urlsplit("")  # no address at all: then it is a call that begins
    query = dict(parse_qsl(failed.query))
    if failed.path == "/voice/transfer":
        return _answer(functools.partial(call_turn, request.form, query, transfer_outcome(request.form)))
    return _answer(functools.partial(call_turn, request.form, query, "" if query.get("n") else "begin"))


@voice.post("/voice/whisper")
@signed_by_twilio
def whisper() -> Response:
    """The person who was dialled has answered: tell them language and topic; they press 1 to take the call."""
    hotline = _hotline()
    speech = hotline.calls.whisper(request.args.get("l", ""), request.args.get("topic", ""))
    return whispered(speech, hotline.content)


@voice.post("/voice/whisper/answer")
@signed_by_twilio
def take() -> Response:
    """1 takes the call."""
    return joined_or_not(request.form.get("Digits") == "1")


@voice.post("/voice/status")
@signed_by_twilio
def status() -> tuple[str, int]:
    """What became of a call. Only its state and length are noted."""
    state, seconds = request.form.get("CallStatus", ""), request.form.get("CallDuration", "")
    if state in _OVER:
        twilio_copies.note(_hotline().memory, _hotline().settings.twilio_copies, request.form.get("CallSid", ""))
    bind_contextvars(
        state=state if state in _STATES else "unknown",
        seconds=int(seconds) if seconds.isdecimal() and len(seconds) < 7 else 0,
    )
    return "", 204


@voice.get("/voice/audio/<language>/<name>.wav")
def audio(language: str, name: str) -> Response:
    """A sound by the name of its text. Twilio fetches media without a signature; there is nothing secret in it."""
    hotline = _hotline()
    found = hotline.audio.find(language, name) if language in hotline.audio.languages() else None
    if found is None:
        abort(404)
    response = Response(found.data, mimetype=found.mimetype)
    response.cache_control.public, response.cache_control.max_age = True, _KEPT_FOR
    response.cache_control.immutable = True
    response.set_etag(name)
    response.make_conditional(request)
    return response


def _answer(read: Callable[[], CallTurn]) -> Response:
    try:
        call = read()
    except UnusableForm as fault:
        abort(400, str(fault))
    hotline = _hotline()
    return spoken(hotline.calls.answer(call), call, hotline.content, hotline.settings)


def _hotline() -> Hotline:
    hotline: Hotline = current_app.config["HOTLINE"]
    return hotline
