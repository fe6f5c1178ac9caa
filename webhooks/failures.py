"""Any error on a messaging route → valid TwiML with the apology: a resident never gets silence for our mistake."""

from __future__ import annotations

import structlog
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from bot.messages import CallTurn, Reply
from bot.wording import phrase_text
from webhooks import twiml, voice_twiml

log = structlog.get_logger()


def answer_failures(app: Flask) -> None:
    """Register the last resort."""

    @app.errorhandler(Exception)
    def fail(error: Exception) -> Response | tuple[str, int, dict[str, str]]:
        if isinstance(error, HTTPException):
            return (
                f"{error.code} {error.name}: {error.description}\n",
                error.code or 500,
                {"Content-Type": "text/plain"},
            )
        log.error("request_failed", error=type(error).__name__)
        if request.path in {"/sms", "/fallback/sms"}:
            return twiml.text_reply(Reply(phrase_text(current_app.config["HOTLINE"].content, "apology", "en")))
        if request.method == "POST" and request.path in {"/voice", "/voice/turn", "/voice/transfer", "/fallback/voice"}:
            hotline = current_app.config["HOTLINE"]
            speech = hotline.calls.apology(request.args.get("l", "en"))
            return voice_twiml.spoken(speech, CallTurn("", 0), hotline.content, hotline.settings)
        return "500 Something went wrong here.\n", 500, {"Content-Type": "text/plain"}
