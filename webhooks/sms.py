"""POST /sms, /sms/status and /fallback/sms: text messages, their delivery reports, and the second try."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, request
from structlog.contextvars import bind_contextvars

from bot import twilio_copies
from bot.counting.counters import count
from webhooks import twiml
from webhooks.twilio_forms import UnusableForm, text_message
from webhooks.twilio_signature import signed_by_twilio

sms = Blueprint("sms", __name__)

# Twilio's delivery states, in order. Source: Twilio, Message resource.
_STATES = {
    *("accepted", "scheduled", "queued", "sending", "sent", "delivered", "undelivered"),
    *("failed", "canceled", "receiving", "received", "read", "partially_delivered"),
}

_OVER = {"delivered", "undelivered", "failed", "canceled", "read"}


@sms.post("/sms")
@sms.post("/fallback/sms")
@signed_by_twilio
def receive() -> Response:
    """A text message arrived; answer it in the same breath.

    The fallback is what Twilio calls when the first address failed: the same message gets the same reply, once.
    """
    try:
        message = text_message(request.form)
    except UnusableForm as fault:
        abort(400, str(fault))
    reply = current_app.config["HOTLINE"].conversation.reply_to(message)
    _forget_later(message.id)
    return twiml.text_reply(reply)


@sms.post("/sms/status")
@signed_by_twilio
def status() -> tuple[str, int]:
    """What became of a message. Only the state is noted; reports come late, twice and out of order."""
    state = request.form.get("MessageStatus", "")
    code = request.form.get("ErrorCode", "")
    state = state if state in _STATES else "unknown"
    count("hotline_deliveries", state=state)
    if state in _OVER:
        _forget_later(request.form.get("MessageSid", ""))
    bind_contextvars(state=state, error=code if code.isdecimal() and code.isascii() and len(code) <= 6 else "")
    return "", 204


def _forget_later(name: str) -> None:
    hotline = current_app.config["HOTLINE"]
    twilio_copies.note(hotline.memory, hotline.settings.twilio_copies, name)
