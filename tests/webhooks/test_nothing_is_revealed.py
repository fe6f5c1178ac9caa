"""After a full run nothing that is kept anywhere reveals a number or a word: searched for in every encoding."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
import signal
import urllib.parse
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from bot.settings import PROJECT, STATE_FOLDER
from tests.conftest import RedisServer, WebServer, process_environment, serve
from tests.until import until
from tests.webhooks.test_calls import call
from tests.webhooks.test_metrics import get
from tests.webhooks.test_server import post

pytestmark = pytest.mark.engine

NUMBER = "+15005557391"
WORDS = ["mi tio Filiberto", "la migra en Corona", "第八大道", "на Кони-Айленде", "قرب المسجد الكبير"]
WATCHER = "a token of who watches, long enough"


def forms(secret: str) -> Iterator[bytes]:
    """How a text may stand in a file."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-7"):
        plain = secret.encode(encoding)
        yield plain
        yield plain[::-1]
        yield plain.hex().encode()
        yield plain.hex().upper().encode()
        for padding in range(3):  # base64 of a longer text: each of three beginnings
            whole = base64.b64encode(b"\0" * padding + plain)
            yield whole[4 if padding else 0 : len(whole) // 4 * 4 - 4]
    yield json.dumps(secret).strip('"').encode()
    yield urllib.parse.quote(secret).encode()
    yield urllib.parse.quote_plus(secret).encode()
    yield html.escape(secret).encode("ascii", "xmlcharrefreplace")
    yield zlib.compress(secret.encode())[2:-4]
    for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.blake2b):
        for text in (secret, secret.lower(), secret.strip("+")):
            # A hash without a key is as good as the number: there are few numbers.
            yield digest(text.encode()).digest()
            yield digest(text.encode()).hexdigest().encode()


def numbers() -> Iterator[str]:
    """How a number may be written."""
    digits = NUMBER.strip("+")
    yield from (NUMBER, digits, digits[1:], digits[4:], f"{digits[1:4]}-{digits[4:7]}-{digits[7:]}")
    yield from (f"({digits[1:4]}) {digits[4:7]}-{digits[7:]}", " ".join(digits[1:]))


@pytest.fixture(scope="module")
def server(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    place = tmp_path_factory.mktemp("revealed")
    (place / "tmp").mkdir()
    settings = {
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_COPIES": "delete",
        "HOTLINE_METRICS_TOKEN": WATCHER,
        "TMPDIR": str(place / "tmp"),
    }
    with serve(process_environment(redis_server.url, **settings), PROJECT, place / "log") as server:
        yield server


def test_nothing(server: WebServer, redis_server: RedisServer) -> None:
    for body in (*WORDS, "menu", "2", f"call me at {NUMBER}", "STOP", "START", "what do you know about me"):
        post(server, body, NUMBER)
        post(server, body, NUMBER, path="/fallback/sms")
    post(server, WORDS[0], NUMBER, token="wrong")
    post(server, "", NUMBER, path="/sms/status", MessageStatus="delivered")
    telephone, _ = call(server, NUMBER)
    telephone.press("1")
    for words in WORDS:
        telephone.say(words)
    # A process that is shot leaves what it leaves.
    for child in children(server):
        os.kill(child, signal.SIGABRT)
    until(lambda: get(server, "/healthz")[0] == 200)
    _, metrics, _ = get(server, "/metrics", Authorization=f"Bearer {WATCHER}")

    store = redis.Redis.from_url(redis_server.url)
    store.save()
    kept = {f"redis {key!r}": key + (store.dump(key) or b"") for key in store.scan_iter(count=1000)}
    kept["metrics"] = metrics.encode()
    places = (redis_server.folder, server.log.parent, STATE_FOLDER / "metrics" / f"{server.port}-2")
    for place in places:
        kept.update({str(path): path.read_bytes() for path in place.rglob("*") if path.is_file()})
    assert any(b"hotline:talk:" in value for value in kept.values())
    assert b'"outcome": "answered"' in kept[str(server.log)]
    assert any(path.endswith("appointments.db") for path in kept)
    for secret in (*WORDS, *numbers()):
        for form in forms(secret):
            if len(form) >= 6:
                assert [name for name, value in kept.items() if holds(value, form)] == [], (secret, form)


def holds(value: bytes, form: bytes) -> bool:
    """Whether it is in there; seven digits inside a long random id in hex are chance, not a telephone number."""
    if len(form) < 10 and form.isdigit():
        return re.search(rb"(?<![0-9a-f]{6})%b(?![0-9a-f]{6})" % form, value) is not None
    return form in value


def test_seven_digits_count_unless_a_random_id_holds_them() -> None:
    for revealing in (b"5557391", b"call 5557391 now", b"500-5557391", b"5005557391", b"+15005557391\n", b"a5557391b"):
        assert holds(revealing, b"5557391"), revealing
    assert not holds(b"hotline:message:18c6e4c27e449819375551a4ef62282f", b"1937555")


def children(server: WebServer) -> list[int]:
    """The processes that answer."""
    found = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return [int(child) for child in found]


def test_a_process_that_crashes_leaves_no_picture_of_its_memory(server: WebServer) -> None:
    for process in (server.process.pid, *children(server)):
        limits = Path(f"/proc/{process}/limits").read_text()
        (core,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
        assert core.split()[4:6] == ["0", "0"]
