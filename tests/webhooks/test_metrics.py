"""Counts and log lines of a real server with several processes, under signed and other traffic."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import socket
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.settings import PROJECT
from tests.conftest import RedisServer, WebServer, process_environment, serve
from tests.until import until
from tests.webhooks.test_server import new_number, post

pytestmark = pytest.mark.engine

WATCHER = "the token of whoever watches, long enough"


@pytest.fixture(scope="module")
def server(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    settings = {"HOTLINE_METRICS_TOKEN": WATCHER, "HOTLINE_RATE_LIMIT": "6", "WEB_CONCURRENCY": "3"}
    with serve(
        process_environment(redis_server.url, **settings), PROJECT, tmp_path_factory.mktemp("metrics") / "log"
    ) as server:
        yield server


def get(server: WebServer, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(server.url + path, headers=named), timeout=10) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), dict(error.headers)


def counted(server: WebServer) -> dict[str, float]:
    """Series → value."""
    status, text, _ = get(server, "/metrics", Authorization=f"Bearer {WATCHER}")
    assert status == 200
    rows = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in rows}


def test_counts_are_exact_over_all_processes(server: WebServer) -> None:
    before = counted(server)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: post(server, "menu", new_number()), range(40)))
        list(pool.map(lambda _: post(server, "menu", new_number(), token="wrong"), range(7)))
    post(server, "", new_number(), path="/sms/status", MessageStatus="delivered")
    limited = new_number()
    for text in "abcdefghi":
        post(server, text, limited)
    after = counted(server)
    grown = {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}
    assert grown['hotline_requests_total{route="/sms",status="200"}'] == 49
    assert grown['hotline_requests_total{route="/sms",status="403"}'] == 7
    assert grown['hotline_signature_refusals_total{route="/sms"}'] == 7
    assert grown['hotline_request_seconds_count{route="/sms"}'] == 56
    assert grown['hotline_deliveries_total{state="delivered"}'] == 1
    assert grown['hotline_rate_limited_total{how="said"}'] == 1
    assert grown['hotline_rate_limited_total{how="silent"}'] == 2
    assert grown['hotline_turns_total{channel="sms",outcome="answered"}'] == 47
    assert grown['hotline_turns_total{channel="sms",outcome="silent"}'] == 2


def test_counts_outlive_the_process_that_counted(server: WebServer) -> None:
    before = counted(server)['hotline_requests_total{route="/sms",status="200"}']
    server.process.send_signal(signal.SIGHUP)
    for pid in children(server.process.pid):
        os.kill(pid, signal.SIGKILL)
    until(lambda: post(server, "menu", new_number()).status == 200)
    assert counted(server)['hotline_requests_total{route="/sms",status="200"}'] >= before + 1


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_ten_people_are_seen_and_nine_are_not(server: WebServer) -> None:
    series = 'hotline_conversations_total{channel="sms",language="ht"}'
    assert series not in counted(server)
    chatty = new_number()
    for _ in range(6):
        post(server, "bonswa, mwen bezwen yon avoka", chatty)
    for _ in range(8):
        post(server, "bonswa, mwen bezwen yon avoka", new_number())
    assert series not in counted(server), "nine"
    post(server, "bonswa, mwen bezwen yon avoka", new_number())
    assert counted(server)[series] == 10


def test_the_world_sees_no_counts_and_only_yes_or_no(server: WebServer) -> None:
    assert get(server, "/metrics")[0] == 403
    assert get(server, "/metrics", X_Forwarded_For="127.0.0.1")[0] == 403
    assert json.loads(get(server, "/readyz")[1]) == {"ready": True}
    assert "findings" in json.loads(get(server, "/readyz", Authorization=f"Bearer {WATCHER}")[1])


# What a line may hold; everything else would have to be thought about first.
FIELDS = {
    *("event", "level", "timestamp", "request_id", "route", "status", "ms", "outcome", "channel", "language", "error"),
    *("what", "at", "logger", "turn", "seconds", "state", "release", "off"),
}
NUMBER, TEXT = "+15005550178", 'mi tía Filomena 第八大道\n{"event": "forged"}'
SECRETS = [NUMBER[1:], NUMBER[2:], "Filomena", "tía", "第八大道", "forged", "s3cret"]


def raw(server: WebServer, request: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        connection.recv(1000)


def test_a_line_a_request_and_nothing_that_others_wrote(server: WebServer) -> None:
    began = len(server.log.read_text().splitlines())
    message_id = "SM" + uuid.uuid4().hex
    post(server, TEXT, NUMBER, message_id)
    post(server, TEXT, NUMBER, message_id, path="/fallback/sms")
    post(server, TEXT, NUMBER, token="wrong")
    post(server, TEXT, NUMBER, path="/sms?s3cret=1")
    post(server, "", NUMBER, path="/sms/status", MessageStatus=f"s3cret\n{NUMBER}", ErrorCode=NUMBER)
    forged = 'x\\n{"event": "forged"}'
    _, _, headers = get(server, f"/calendar/{NUMBER}/s3cret.ics?x=s3cret", X_Request_Id=forged, User_Agent=NUMBER)
    get(server, f"/s3cret/{urllib.parse.quote(TEXT)}", X_Request_Id="s3cret")
    raw(server, f"GARBAGE {NUMBER} s3cret\r\n\r\n".encode())
    raw(server, f"GET /s3cret{NUMBER} HTTP/1.1\r\nbad header {NUMBER}: s3cret\r\n\r\n".encode())
    raw(server, f"POST /sms HTTP/1.1\r\nTransfer-Encoding: {NUMBER}\r\n\r\n".encode())
    assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Request-Id"])
    until(lambda: server.log.read_text().count('"invalid_request"') >= 3)
    lines = [json.loads(line) for line in server.log.read_text().splitlines()[began:]]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["route"], line["status"]) for line in requests] == [
        ("/sms", 200),
        ("/fallback/sms", 200),
        ("/sms", 403),
        ("/sms", 200),
        ("/sms/status", 204),
        ("/calendar/<clinic>/<token>.ics", 404),
        ("none", 404),
    ]
    assert requests[5]["request_id"] == headers["X-Request-Id"]
    assert len({line["request_id"] for line in requests}) == len(requests)
    assert requests[0]["outcome"] == "answered"
    for line in lines:
        assert set(line) <= FIELDS, line
    logged = server.log.read_bytes()
    for secret in (*SECRETS, message_id):
        for form in spellings(secret):
            assert form not in logged, (secret, form)


def spellings(secret: str) -> list[bytes]:
    data = secret.encode()
    whole = [base64.b64encode(b"x" * shift + data)[4:-4] for shift in range(3)]
    return [
        data,
        secret.encode("utf-16-le"),
        secret.encode("utf-16-be"),
        json.dumps(secret)[1:-1].encode(),
        urllib.parse.quote(secret).encode(),
        secret.encode("unicode_escape"),
        repr(data)[2:-1].encode(),
        data.hex().encode(),
        secret[::-1].encode(),
        *(piece for piece in whole if len(piece) >= 8),
    ]
