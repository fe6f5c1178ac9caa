"""Twilio's form fields → IncomingMessage.

A text as Twilio posts it (more fields come with it, and new ones without notice):

    MessageSid=SM0123…&AccountSid=AC0123…&From=%2B15005550006&To=%2B15005550010&Body=hola&NumMedia=0
    &NumSegments=1&FromCity=NEW+YORK&FromZip=10001&OptOutType=STOP

Source: Twilio, "Twilio's request to your incoming message webhook URL".
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.messages import IncomingMessage

_OPT_OUTS = {"STOP", "START", "HELP"}


class UnusableForm(ValueError):
    """The form lacks what every message has. The text names the field."""


def text_message(form: Mapping[str, str]) -> IncomingMessage:
    """One SMS, MMS or WhatsApp message; raises UnusableForm."""
    address, message_id = form.get("From", "").strip(), form.get("MessageSid", "").strip()
    if not address:
        raise UnusableForm("From is missing")
    if not message_id:
        raise UnusableForm("MessageSid is missing")
    channel, separator, number = address.partition(":")
    if not separator:
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
