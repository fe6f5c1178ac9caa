"""Our side: the hotline as it runs in production, on a Redis of its own, with signed requests."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from bot.settings import PROJECT, VARIABLES
from tests.bench.processes import free_port, own_redis, running
from tests.bench.side import Message, Request, Side

TOKEN = "0123456789abcdef0123456789abcdef"
_COMMAND = [sys.executable, "-m", "gunicorn", "--config", "python:webhooks.gunicorn_settings", "webhooks.wsgi:app"]


class HotlineSide(Side):
    """gunicorn, Flask and the embedded agent. A synchronous worker takes a new connection for each message."""

    title = "the hotline"
    path = "/sms"
    keeps_connection = False
    redis_port = 0

    def request(self, message: Message) -> Request:
        """The form as Twilio posts it, signed."""
        identity = f"{message.number:032x}"
        form = {
            "MessageSid": f"SM{identity}",
            "AccountSid": "AC00000000000000000000000000000000",
            "From": message.sender,
            "To": "+15005550010",
            "Body": message.text,
            "NumMedia": "0",
            "NumSegments": "1",
            "FromCity": "NEW YORK",
            "FromState": "NY",
            "FromZip": "10001",
            "FromCountry": "US",
        }
        signature = RequestValidator(TOKEN).compute_signature(f"http://127.0.0.1:{self.port}{self.path}", form)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        return Request(urlencode(form).encode(), headers)

    def is_answer(self, body: bytes) -> bool:
        """TwiML with a message in it; an empty `<Response/>` is silence."""
        return b"<Message>" in body

    def failures(self) -> int:
        """Messages answered with the apology."""
        log = self._log.read_text(errors="replace")
        return sum(log.count(f'"outcome": "{outcome}"') for outcome in ("failed", "too_slow"))


@contextlib.contextmanager
def serve(web_processes: int = 1) -> Iterator[HotlineSide]:
    """The hotline, answering, for as long as the block lasts."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis_port = stack.enter_context(own_redis(folder / "redis"))
        port, log = free_port(), folder / "log"
        started = time.monotonic()
        environment = _environment(folder, port, redis_port, web_processes)
        process = stack.enter_context(running(_COMMAND, PROJECT, environment, log))
        side = HotlineSide(process, port, log)
        side.redis_port = redis_port
        side.wait_for_first_answer(started)
        yield side


def _environment(folder: Path, port: int, redis_port: int, web_processes: int) -> dict[str, str]:
    """Nothing of the caller's own settings, and the limits off: one client here is many residents."""
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return environment | {
        "HOTLINE_SECRET_KEY": "the key of the benchmark and of nothing else",
        "TWILIO_AUTH_TOKEN": TOKEN,
        "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "DATABASE_URL": f"sqlite:///{folder / 'appointments.db'}",
        "HOTLINE_RATE_LIMIT": "0",
        "WEB_CONCURRENCY": str(web_processes),
        "PORT": str(port),
    }
