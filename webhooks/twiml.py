"""Reply → TwiML. Twilio drops an empty or overlong message without a word, so neither leaves here."""

from __future__ import annotations

import re

from flask import Response
from twilio.twiml.messaging_response import MessagingResponse

from bot.channels.sms import MAX_CHARACTERS
from bot.messages import Reply

# What XML 1.0 cannot carry, and Twilio's library does not remove.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text_reply(reply: Reply) -> Response:
    """One `<Message>`, or an empty `<Response/>` for silence."""
    response = MessagingResponse()
    text = without_control_characters(reply.text).strip()[:MAX_CHARACTERS]
    if text:
        response.message(text)
    return Response(str(response), mimetype="application/xml")


def without_control_characters(text: str) -> str:
    """`text` as XML can carry it."""
    return _NOT_XML.sub("", text)
