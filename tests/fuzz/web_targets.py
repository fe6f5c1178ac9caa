"""The doors, from the bytes on the wire: gunicorn's parser with our limits, our worker, Flask, the real hotline.

Whatever comes, the answer is TwiML that Twilio takes, or a refusal; never a 5xx, never a stack, never an apology that
stands for an exception; and the log has neither a number nor a text.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import hashlib
import hmac
import http.client
import io
import logging
import random
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from gunicorn.config import Config

from bot.channels.sms import MAX_CHARACTERS
from bot.staff.twiml_rules import faults
from tests.fuzz import requests_as_text as notation
from tests.fuzz.hotline_under_test import PUBLIC_URL, TOKEN, UnderTest, under_test
from tests.fuzz.target import Fault, Target
from webhooks.app import create_app
from webhooks.buffering_worker import ArrivedRequest, BufferingWorker, has_arrived
from webhooks.security_headers import HEADERS

_LONG_NUMBER = re.compile(r"\d{9,}")
_TEXTS = frozenset(notation.TEXT_PATHS)
_CALLS = frozenset(path.partition("?")[0] for path in notation.CALL_PATHS)


class _Wire:
    """A connection that ends here: what was sent is read again by the client's side."""

    def __init__(self) -> None:
        self.sent = b""

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def send(self, data: bytes) -> int:
        self.sent += data
        return len(data)

    def shutdown(self, how: int) -> None:
        return None

    def getsockname(self) -> tuple[str, int]:
        return ("127.0.0.1", 8080)

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self.sent)


class _Log:
    """gunicorn's log, read for what may not stand in it."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, line: str, *values: object, **more: object) -> None:
        self.lines.append(line % values if values else line)

    debug = info = access = lambda self, *values, **more: None
    warning = error = exception = critical = note


class Door:
    """The web process, without a network and without a second process."""

    def __init__(self, tested: UnderTest, signed: bool) -> None:
        hotline = tested.hotline
        if signed:
            settings = dataclasses.replace(hotline.settings, auth_tokens=(TOKEN,), public_url=PUBLIC_URL)
            hotline = dataclasses.replace(hotline, settings=settings)
        self.tested = tested
        self._app = create_app(hotline)
        self._log = _Log()
        self._config = Config()
        for name, value in _gunicorn_settings().items():
            self._config.set(name, value)
        # What the worker needs of a process; there is none here.
        self._worker: Any = object.__new__(BufferingWorker)
        self._worker.__dict__.update(
            cfg=self._config, log=self._log, wsgi=self._app, nr=0, max_requests=1 << 60, alive=True
        )

    def answer(self, raw: bytes) -> bytes:
        """What comes back on the wire for these bytes; b"" where nothing does."""
        if not has_arrived(raw):
            return b""
        self._log.lines.clear()
        wire = _Wire()
        self._worker.handle(wire, ArrivedRequest(wire, raw), ("127.0.0.1", 40000))  # type: ignore[arg-type]
        return wire.sent

    def check(self, data: bytes) -> None:
        """One input: its requests, one after the other."""
        self.tested.begin()
        for request in data.split(notation.BETWEEN)[: notation.MOST_REQUESTS]:
            raw = on_the_wire(request)
            answer = self.answer(raw)
            self._refuse_secrets_in_the_log(raw)
            if answer:
                _refuse_bad_answer(raw, answer)
        if failed := self.tested.failures():
            raise Fault(f"an exception was excused: {failed[0]}")

    def _refuse_secrets_in_the_log(self, raw: bytes) -> None:
        # Values alone: the names of our own fields may well stand in a nasty text.
        log = "\n".join([*self._log.lines, *(str(value) for line in self.tested.log for value in line.values())])
        if "Traceback" in log:
            raise Fault(f"a stack in the log: {log[-300:]}")
        for name, value in parse_qsl(raw.rpartition(b"\r\n\r\n")[2].decode("utf-8", "replace")):
            if name not in {"From", "Body", "SpeechResult", "CallSid", "MessageSid"}:
                continue
            if any(piece in log for piece in (value, *_LONG_NUMBER.findall(value)) if len(piece) >= 9):
                raise Fault(f"{name} stands in the log")
        if "127.0.0.1" in log:
            raise Fault("an address stands in the log")


@functools.lru_cache(maxsize=1)
def _gunicorn_settings() -> dict[str, object]:
    from webhooks import gunicorn_settings

    names = ("limit_request_line", "limit_request_fields", "limit_request_field_size")
    return {name: getattr(gunicorn_settings, name) for name in names}


def on_the_wire(request: bytes) -> bytes:
    """Our notation → bytes as a client sends them."""
    head, gap, body = request.partition(b"\n\n")
    lines = head.split(b"\n")
    if b" HTTP/" not in lines[0]:
        lines[0] += b" HTTP/1.1"
    head = b"\r\n".join(lines).replace(b"{length}", str(len(body)).encode())
    if b"{signature}" in head:
        path = lines[0].split(b" ")[1] if lines[0].count(b" ") > 1 else b""
        head = head.replace(b"{signature}", _signature(path, body))
    return head + (b"\r\n\r\n" if gap else b"") + body


def _signature(path: bytes, body: bytes) -> bytes:
    """As Twilio documents it, by other code than ours."""
    form = set(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    text = PUBLIC_URL + path.decode("latin-1") + "".join(name + value for name, value in sorted(form))
    return base64.b64encode(hmac.new(TOKEN.encode(), text.encode("utf-8", "replace"), hashlib.sha1).digest())


def _refuse_bad_answer(raw: bytes, answer: bytes) -> None:
    while answer.startswith(b"HTTP/1.1 100"):
        answer = answer.partition(b"\r\n\r\n")[2]
    method, _, path = raw.partition(b"\r\n")[0].decode("latin-1").partition(" ")
    wire = _Wire()
    wire.sent = answer
    response = http.client.HTTPResponse(wire, method=method)  # type: ignore[arg-type]
    response.begin()
    body = response.read()
    if response.status >= 500 or response.status < 200:
        raise Fault(f"answered {response.status}: {body[:200]!r}")
    if b"Traceback" in body or b'File "/' in body:
        raise Fault(f"a stack in the answer: {body[-300:]!r}")
    for name in HEADERS:
        if len(response.headers.get_all(name) or []) != 1:
            raise Fault(f"the header {name} stands there {len(response.headers.get_all(name) or [])} times")
    kind = response.headers.get("Content-Type", "")
    if response.status == 200 and method == "POST":
        where = path.partition(" ")[0].partition("?")[0]
        if where in _TEXTS:
            _refuse_bad_text(body, kind)
        elif where in _CALLS and (found := faults(body, kind, whisper=where == "/voice/whisper")):
            raise Fault(f"TwiML that Twilio does not take: {found[0]}")


def _refuse_bad_text(body: bytes, kind: str) -> None:
    if not kind.startswith("application/xml"):
        raise Fault(f"the media type is {kind}")
    root = ElementTree.fromstring(body)
    verbs = list(root)
    if root.tag != "Response" or [verb.tag for verb in verbs] not in ([], ["Message"]):
        raise Fault("not one <Message>")
    if verbs and (verbs[0].attrib or len(verbs[0]) or not 0 < len(verbs[0].text or "") <= MAX_CHARACTERS):
        raise Fault("a <Message> that Twilio drops")


@functools.lru_cache(maxsize=2)
def door(signed: bool = False) -> Door:
    """The web process: `signed` with a token and a public address, else as on a development machine."""
    logging.getLogger("gunicorn").handlers.clear()
    return Door(under_test(), signed)


def _checked(signed: bool) -> Callable[[bytes], None]:
    return lambda data: door(signed).check(data)


def _understand(data: bytes) -> None:
    tested = under_test(True)
    tested.begin()
    heard = tested.hotline.conversation._engine.understand(data.decode("utf-8", "surrogateescape")[:1600])
    if not all(-0.001 <= confidence <= 1.001 for _, confidence in heard.ranking):
        raise Fault("a confidence beyond 0 and 1")


def _spoil_text(data: bytes, chance: random.Random) -> bytes:
    from tests.fuzz import slips

    return slips.spoiled(data, chance, slips.BYTES)


_FILES = (
    "webhooks/*.py",
    "bot/conversation.py",
    "bot/calls.py",
    "bot/flow_engine/folding.py",
    "bot/flow_engine/answers.py",
)
_WALK = ("bot/flow_engine/dialogue.py", "bot/flow_engine/walking.py", "bot/wording.py", "bot/channels/*.py")
WEB_TARGETS = (
    Target(
        "requests",
        "whole HTTP requests to every route, with a signature or a wrong one: address, headers, cookies, length, body",
        *(160, notation.edge_seeds, notation.spoil, _checked(True)),
        ("webhooks/buffering_worker.py", "webhooks/twilio_signature.py", "webhooks/failures.py", "webhooks/health.py"),
    ),
    Target(
        "texts",
        "text messages, up to eight in a row",
        100,
        notation.text_seeds,
        notation.spoil,
        _checked(False),
        (*_FILES, *_WALK),
    ),
    Target(
        "calls",
        "calls, up to eight turns: keys, speech, transfers",
        *(80, notation.call_seeds, notation.spoil, _checked(False)),
        (
            "webhooks/voice.py",
            "webhooks/voice_twiml.py",
            "bot/calls.py",
            "bot/speech.py",
            "bot/flow_engine/call_dialogue.py",
        ),
    ),
    Target(
        "understanding",
        "texts for the trained model and the true sentence encoder",
        *(
            4,
            lambda: [text.encode("utf-8", "surrogatepass") for text in notation.NASTY.values()],
            _spoil_text,
            _understand,
        ),
        ("bot/understanding/*.py",),
    ),
)
