"""Twilio's form fields → IncomingMessage and CallTurn.

A text as Twilio posts it (more fields come with it, and new ones without notice):

    MessageSid=SM0123…&AccountSid=AC0123…&From=%2B15005550006&To=%2B15005550010&Body=hola&NumMedia=0
    &NumSegments=1&FromCity=NEW+YORK&FromZip=10001&OptOutType=STOP

Source: Twilio, "Twilio's request to your incoming message webhook URL".
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.messages import CallTurn, IncomingMessage

_OPT_OUTS = {"STOP", "START", "HELP"}
# What stands before the colon of an address. The channel is logged: nothing else may get there.
_CHANNELS = {"whatsapp", "messenger", "rcs"}


# What Twilio puts for a caller who withholds the number.
_WITHHELD = {"anonymous", "unknown", "restricted", "unavailable", "private", ""}
_WITHHELD |= {"+266696687", "+7378742833", "+2562533", "+8566696", "+86282452253"}
_KEYS = {"*": "repeat", "#": "back", "0": "human", "7": "text_me", "8": "language", "9": "more"}
_DIAL = {"completed": "done", "answered": "done", "busy": "busy", "no-answer": "no-answer"}


class UnusableForm(ValueError):
    """The form lacks what every message has. The text names the field."""


def text_message(form: Mapping[str, str]) -> IncomingMessage:
    """One SMS, MMS or WhatsApp message; raises UnusableForm."""
    address, message_id = form.get("From", "").strip(), form.get("MessageSid", "").strip()
    if not address:
        raise UnusableForm("From is missing")
    if not message_id:
        raise UnusableForm("MessageSid is missing")
    channel, _, number = address.partition(":")
    if channel not in _CHANNELS:
        channel, number = "sms", address
    opt_out = form.get("OptOutType", "").upper()
    return IncomingMessage(
        id=message_id,
        sender=number,
        text=form.get("ButtonText") or form.get("Body", ""),
        channel=channel,
        opt_out=opt_out if opt_out in _OPT_OUTS else None,
        unreadable=form.get("NumMedia", "0") not in {"", "0"} or "Latitude" in form,
    )


def call_turn(form: Mapping[str, str], query: Mapping[str, str], event: str = "") -> CallTurn:
    """One turn of a call; `query` is what we put into the address of the turn. Raises UnusableForm.

    Keys 1 to 6 are answers; the others mean the same at every moment. While languages are offered all keys are answers.
    """
    call = form.get("CallSid", "").strip()
    if not call:
        raise UnusableForm("CallSid is missing")
    address = form.get("From", "").strip()
    number = query.get("n", "0")
    started = query.get("t", "0")
    digits, said = form.get("Digits", "").strip(), form.get("SpeechResult", "").strip()
    text = digits or said
    if not event:
        if form.get("FinishedOnKey") == "#" and not digits and not said:
            event = "back"
        elif digits and not (query.get("k") == "all" and digits in "123456789"):
            event = _KEYS.get(digits, "")
        event = event or ("" if text else "silence")
    return CallTurn(
        call=call,
        turn=int(number) if number.isdecimal() and len(number) < 6 else 0,
        caller="" if address.lower() in _WITHHELD else address,
        text="" if event else text,
        event=event,
        confidence=_confidence(form) if said and not digits else None,
        language=query.get("l", ""),
        question=query.get("q", ""),
        started=int(started) if started.isdecimal() and len(started) < 12 else 0,
    )


def transfer_outcome(form: Mapping[str, str]) -> str:
    """How a transfer ended: done, busy, no-answer or failed. Who hangs up before pressing 1 has not answered."""
    outcome = _DIAL.get(form.get("DialCallStatus", ""), "failed")
    return "no-answer" if outcome == "done" and form.get("DialBridged", "true").lower() == "false" else outcome


def _confidence(form: Mapping[str, str]) -> float | None:
    try:
        return float(form["Confidence"])
    except (KeyError, ValueError):
        return None
