"""What an attacker sends, and what comes back: the real worker and application in this process, as in production.

Requests are written as `tests/fuzz/requests_as_text.py` says.
"""

from __future__ import annotations

import dataclasses
import http.client
import io
from unittest import mock

import pytest

from bot.content import Content
from bot.flow_engine.model import Words
from tests.fuzz.nasty_texts import MARKUP
from tests.fuzz.requests_as_text import NUMBER, request, text_of, turn_of
from tests.fuzz.web_targets import Door, door, on_the_wire

pytestmark = pytest.mark.engine


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: str


@pytest.fixture
def web() -> Door:
    """The web process with a token and a public https address, as before the first message."""
    made = door(signed=True)
    made.tested.begin()
    return made


class _Read:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def send(web: Door, text: bytes) -> Answer:
    raw = on_the_wire(text)
    response = http.client.HTTPResponse(_Read(web.answer(raw)), method=raw.partition(b" ")[0].decode())  # type: ignore[arg-type]
    response.begin()
    return Answer(response.status, response.headers, response.read().decode())


GOOD = text_of("menu")


def other_head(line: str, old: bytes = b"") -> bytes:
    """The good request with one more line in its head, in place of `old`."""
    if old:
        assert old in GOOD
        return GOOD.replace(old, line.encode("latin-1"), 1)
    return GOOD.replace(b"\n\n", b"\n" + line.encode("latin-1") + b"\n\n", 1)


SIGNATURE = b"X-Twilio-Signature: {signature}"


def signature_of(text: bytes) -> str:
    """The right signature of a request, to be used for another."""
    head = on_the_wire(text).partition(b"\r\n\r\n")[0].decode("latin-1")
    return next(line.partition(": ")[2] for line in head.split("\r\n") if line.startswith("X-Twilio"))


SIGNED = GOOD.replace(b"{signature}", signature_of(GOOD).encode())
FORGED = [
    ("as Twilio sends it", GOOD, 200),
    ("without a signature", GOOD.replace(SIGNATURE + b"\n", b""), 403),
    ("an empty one", other_head("X-Twilio-Signature: ", SIGNATURE), 403),
    ("one of the right length", other_head("X-Twilio-Signature: " + "A" * 27 + "=", SIGNATURE), 403),
    ("the right one, and a second", other_head("X-Twilio-Signature: x"), 403),
    ("the right one in small letters", other_head("X-Twilio-Signature: " + signature_of(GOOD).lower(), SIGNATURE), 403),
    ("that of another text", text_of("2").replace(b"{signature}", signature_of(GOOD).encode()), 403),
    (
        "replayed to another route",
        SIGNED.replace(b"/sms", b"/voice"),
        403,
    ),
    (
        "replayed to the fallback",
        SIGNED.replace(b"/sms", b"/fallback/sms"),
        403,
    ),
    (
        "replayed with a query",
        SIGNED.replace(b"/sms", b"/sms?a=1"),
        403,
    ),
    ("a field more", SIGNED + b"&Digits=1", 403),
    ("the fields in the address", b"POST /sms?" + GOOD.partition(b"\n\n")[2] + b"\nContent-Length: 0\n\n", 403),
    ("a body that is JSON", b"POST /sms\nContent-Type: application/json\nContent-Length: {length}\n\n{}", 403),
    (
        "a body that is compressed",
        other_head("Content-Encoding: gzip").partition(b"\n\n")[0] + b"\n\n\x1f\x8b\x08",
        403,
    ),
]


@pytest.mark.parametrize(("text", "status"), [row[1:] for row in FORGED], ids=[row[0] for row in FORGED])
def test_signature(web: Door, text: bytes, status: int) -> None:
    answer = send(web, text)
    assert answer.status == status
    if status == 403:
        assert web.tested.store.dbsize() == 0, "nothing is remembered of it"


# Behind a proxy these headers come from anybody. The address that is signed is PUBLIC_URL's, whatever they say.
HEADERS = [
    ("another host", "Host: evil.example", 200),
    ("a host that is none", "Host: [::1", 200),
    ("no host", "Host: ", 200),
    ("a forwarded host", "X-Forwarded-Host: evil.example", 200),
    ("a forwarded scheme", "X-Forwarded-Proto: http", 200),
    ("a forwarded sender", "X-Forwarded-For: 127.0.0.1", 200),
    ("a forwarded prefix", "X-Forwarded-Prefix: /healthz", 200),
    ("another address", "X-Original-URL: /healthz", 200),
    ("another method", "X-HTTP-Method-Override: DELETE", 200),
    ("a script's name with a line below", "SCRIPT_NAME: /evil", 400),
    ("cookies", "Cookie: session=.eJx; admin=1", 200),
    ("a second length", "Content-Length: 5", 400),
    ("a length and chunks", "Transfer-Encoding: chunked", 400),
    ("chunks by another name", "Transfer-Encoding: xchunked", 400),
    ("a line that goes on", " folded: x", 400),
    ("a header without a name", ": x", 400),
    ("a null byte", "X-A: a\x00b", 400),
    ("more headers than anybody sends", "\n".join(f"X-{at}: a" for at in range(80)), 431),
    ("a header as long as a letter", "X-A: " + "a" * 5000, 431),
]


@pytest.mark.parametrize(("line", "status"), [row[1:] for row in HEADERS], ids=[row[0] for row in HEADERS])
def test_header(web: Door, line: str, status: int) -> None:
    answer = send(web, other_head(line))
    assert answer.status == status
    if status == 200:
        assert "<Message>" in answer.body


@pytest.mark.parametrize("line", ["X-Forwarded-Host: rights.example.org", "Host: rights.example.org"])
def test_a_signature_for_another_host_is_refused_whatever_the_headers_say(web: Door, line: str) -> None:
    with mock.patch("tests.fuzz.web_targets.PUBLIC_URL", "https://evil.example"):
        assert send(web, other_head(line)).status == 403


PATHS = [
    ("GET", "/voice/audio/ht/..%2f..%2f..%2f.hotline%2fsecret_key.wav", 404),
    ("GET", "/voice/audio/..%2f..%2fflows/x.wav", 404),
    ("GET", "/voice/audio/ht/%00.wav", 404),
    ("GET", "/voice/audio/en/000000000000000000000000.wav", 404),
    ("GET", "/calendar/bronx_sample/00000000000000000000000000000000.ics", 404),
    ("GET", "/calendar/bronx_sample/%ff%fe.ics", 404),
    ("GET", "/calendar/%7B%7B7*7%7D%7D/x.ics", 404),
    ("GET", "/calendar/../../etc/passwd", 404),
    ("GET", "/static/app.py", 404),
    ("GET", "/.env", 404),
    ("GET", "//evil.example/%2e%2e", 404),
    ("GET", "/sms", 405),
    ("DELETE", "/voice", 405),
    ("TRACE", "/healthz", 405),
    ("PUT", "/calendar/bronx_sample/x.ics", 405),
    ("GET", "/" + "a" * 3000, 414),
]


@pytest.mark.parametrize(("method", "path", "status"), PATHS)
def test_path(web: Door, method: str, path: str, status: int) -> None:
    answer = send(web, f"{method} {path}\n\n".encode())
    assert answer.status == status
    assert "passwd" not in answer.body
    assert "7B7" not in answer.body


LARGE = [
    ("a text as large as a book", text_of("a" * 70_000), 413),
    ("a book's length, and nothing behind it", b"POST /sms\nContent-Length: 999999999\n\n", 413),
    ("ten thousand fields", GOOD + b"&a=b" * 10_000, 200),
    ("one field ten thousand times", GOOD + b"&Body=x" * 5_000, 200),
    (
        "as many parts",
        b"POST /sms\nContent-Type: multipart/form-data; boundary=x\nContent-Length: {length}\n\n"
        + b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 1_100
        + b"--x--\r\n",
        413,
    ),
]


@pytest.mark.parametrize(("text", "status"), [row[1:] for row in LARGE], ids=[row[0] for row in LARGE])
def test_size(web: Door, text: bytes, status: int) -> None:
    assert send(web, text).status == status


@pytest.mark.parametrize("name", MARKUP)
def test_markup_and_templates_are_only_words(web: Door, name: str) -> None:
    """By text and by speech: nothing of it comes back, and nothing in it is carried out."""
    text = MARKUP[name]
    told = send(web, text_of(text)), send(web, turn_of("n=1&l=en", SpeechResult=text, Confidence="0.9"))
    again = send(web, text_of(text, 2)), send(web, turn_of("n=2&l=en", SpeechResult=text, Confidence="0.9"))
    for answer in (*told, *again):
        assert answer.status == 200
        for trace in (
            "evil.example",
            "19005550100",
            "root:",
            "onetwo",
            "__class__",
            "FLUSHALL",
            "7*7",
            "{",
            "Redirect>h",
        ):
            assert trace not in answer.body, trace
    assert not web.tested.failures()


def test_braces_in_a_value_stay_braces(content: Content) -> None:
    words = Words("Your code: {appointment_code}", "x/y", "text", mock.Mock())
    value = "{legal_help.phone} {{7*7}} {appointment_code}"
    assert content.text(words, "en", {"appointment_code": value}) == f"Your code: {value}"


SENDERS = [
    ("a line of a log", 'x\n{"event": "message", "outcome": "answered"}:y'),
    ("a number where the channel stands", "+15005550006:x"),
    ("colours", "\x1b[31m:x"),
    ("the channel of calls", "voice:+15005550006"),
]


@pytest.mark.parametrize("sender", [row[1] for row in SENDERS], ids=[row[0] for row in SENDERS])
def test_nothing_of_an_address_gets_into_the_log(web: Door, sender: str) -> None:
    send(web, text_of("menu", From=sender))
    lines = [line for line in web.tested.log if line["event"] == "request"]
    assert [line["channel"] for line in lines] == ["sms"]
    assert sender not in str(lines)
    assert "Message>" in send(web, text_of("menu", 2, From=sender)).body, "it is answered as a text"


COMPARED = [
    ("a signature", GOOD.replace(b"{signature}", b"A" * 27 + b"="), "webhooks.twilio_signature.hmac.compare_digest"),
    (
        "the token of a calendar",
        b"GET /calendar/bronx_sample/" + b"0" * 32 + b".ics\n\n",
        "bot.scheduling.calendar_feed.hmac.compare_digest",
    ),
]


@pytest.mark.parametrize(("text", "function"), [row[1:] for row in COMPARED], ids=[row[0] for row in COMPARED])
def test_secrets_are_compared_in_constant_time(web: Door, text: bytes, function: str) -> None:
    """The function that takes as long for a near miss as for a far one is the one that decides."""
    with mock.patch(function, return_value=True) as compare:
        assert send(web, text).status == 200
    compare.assert_called()


ANSWERS = [
    ("a text", GOOD, 200),
    ("a call", request("/voice", {"CallSid": "CA1", "From": NUMBER}), 200),
    ("a report", request("/sms/status", {"MessageStatus": "sent"}), 204),
    ("forged", GOOD.replace(SIGNATURE + b"\n", b""), 403),
    ("nowhere", b"GET /nowhere\n\n", 404),
    ("another method", b"GET /sms\n\n", 405),
    ("too large", text_of("a" * 70_000), 413),
    ("no HTTP", other_head("Transfer-Encoding: chunked"), 400),
    ("alive", b"GET /healthz\n\n", 200),
    ("ready", b"GET /readyz\n\n", 200),
]


@pytest.mark.parametrize(("text", "status"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_every_answer_has_the_headers_that_keep_browsers_from_harm(web: Door, text: bytes, status: int) -> None:
    answer = send(web, text)
    assert answer.status == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert not any(character.isdigit() for character in answer.headers.get("Server", "")), "no version"
    if status != 400:  # what is no HTTP has no host either
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Set-Cookie" not in answer.headers


def test_over_http_there_is_no_promise_of_https() -> None:
    plain = door(signed=False)
    plain.tested.begin()
    assert "Strict-Transport-Security" not in send(plain, b"GET /healthz\n\n").headers
