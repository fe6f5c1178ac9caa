"""One line and one count for each request: an id of our own, route, status, time, and what the door said of it.

Never a body, a form, a query, an address or an id of Twilio's. Routes are named as we wrote them, not as they were
asked for: a path may hold a secret.
"""

from __future__ import annotations

import time
import uuid

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from bot.counting.counters import count, count_seconds

log = structlog.get_logger()

# Asked every few seconds by machines: worth a line only when something is wrong.
_PROBES = {"/healthz", "/readyz", "/metrics"}


def note_requests(app: Flask) -> None:
    """Register what happens before and after every request."""

    @app.before_request
    def begin() -> None:
        g.began = time.monotonic()
        # Never the caller's: an id of theirs could say anything, and tie lines to a person.
        g.request_id = uuid.uuid4().hex
        clear_contextvars()
        bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        seconds = time.monotonic() - g.began
        response.headers["X-Request-Id"] = g.request_id
        count("hotline_requests", route=route, status=str(response.status_code))
        count_seconds(route, seconds)
        if route not in _PROBES or response.status_code >= 400:
            log.info("request", route=route, status=response.status_code, ms=round(seconds * 1000, 1))
        clear_contextvars()
        return response
