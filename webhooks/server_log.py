"""What gunicorn has to say, in our form: that something happened and of which kind.

Its own lines quote the peer's address, the request line and headers; of those nothing is kept.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from gunicorn.glogging import Logger

from bot.log_lines import place

log = structlog.get_logger()

# How its lines begin → our word. What begins otherwise is "other".
_KINDS = {
    "Invalid request": "invalid_request",
    "Error handling request": "request_broke",
    "WORKER TIMEOUT": "worker_hung",
    "Worker (pid": "worker_died",
    "Exception in worker process": "worker_broke",
    "Exception during worker exit": "worker_broke",
    "Unhandled exception": "master_broke",
    "Connection in use": "port_in_use",
    "Can't connect": "port_refused",
    "Invalid address": "port_refused",
}


class ServerLog(Logger):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn's logger, without the words of others."""

    def critical(self, msg: Any, *args: Any, **more: Any) -> None:
        self._note(logging.CRITICAL, msg, more)

    def error(self, msg: Any, *args: Any, **more: Any) -> None:
        self._note(logging.ERROR, msg, more)

    def warning(self, msg: Any, *args: Any, **more: Any) -> None:
        self._note(logging.WARNING, msg, more)

    def exception(self, msg: Any, *args: Any, **more: Any) -> None:
        self._note(logging.ERROR, msg, {"exc_info": True})

    def _note(self, level: int, message: Any, more: dict[str, Any]) -> None:
        kind = next((word for start, word in _KINDS.items() if str(message).startswith(start)), "other")
        error = sys.exc_info()[1] if more.get("exc_info") else None
        about = {"error": type(error).__name__, "at": place(error)} if error else {}
        log.log(level, "server", what=kind, **about)
