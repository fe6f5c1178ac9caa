"""Requests as a text that people can read, and how one is spoiled.

An input is one request or several, sent one after the other by the same sender:

    POST /sms
    Content-Type: application/x-www-form-urlencoded
    Content-Length: {length}
    X-Twilio-Signature: {signature}

    From=%2B15005550006&Body=hola&MessageSid=SM1
    =====
    POST /sms
    ...

`{length}` and `{signature}` become what they should be, unless a slip has put something else there.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from urllib.parse import urlencode

from tests.fuzz import slips
from tests.fuzz.nasty_texts import NASTY

BETWEEN = b"\n=====\n"
FORM = "application/x-www-form-urlencoded"
NUMBER = "+15005550006"
MOST_REQUESTS = 8

TEXT_PATHS = ("/sms", "/fallback/sms")
CALL_PATHS = (
    *("/voice", "/voice/turn?n=1&l=en", "/voice/turn?n=2&l=es&q=main_menu/menu", "/voice/turn?n=1&k=all"),
    *("/voice/transfer?n=3&l=en", "/voice/whisper?l=es&topic=privacy", "/voice/whisper/answer", "/fallback/voice"),
)
REPORT_PATHS = ("/sms/status", "/voice/status")
GET_PATHS = (
    *("/healthz", "/readyz", "/voice/audio/ht/000000000000000000000000.wav", "/voice/audio/..%2f..%2f/x.wav"),
    *("/calendar/legal_aid_bronx/0123456789abcdef.ics", "/calendar/%00/%ff.ics", "/calendar/../../etc/passwd", "/"),
    *("/static/../bot/settings.py", "//evil.example/sms", "/sms/", "/sms;a=b", "/%2e%2e/%2e%2e", "*", "/sms%2fstatus"),
)
PATHS = (*TEXT_PATHS, *CALL_PATHS, *REPORT_PATHS, *GET_PATHS)
METHODS = ("GET", "POST", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "PATCH", "get", "CONNECT", "PROPFIND")
QUERIES = (
    "n=-1",
    "n=99999",
    "n=²",
    "n=1&n=2",
    "t=0",
    "t=99999999999",
    "l=xx",
    "l=../..",
    "q=a/b",
    "q=/",
    "k=all",
    "%ff=%00",
)

# Field → values that mean something somewhere.
FIELDS: dict[str, tuple[str, ...]] = {
    "From": (
        NUMBER,
        "",
        "whatsapp:+15005550006",
        "+447700900000",
        "anonymous",
        "+266696687",
        "12345",
        ":",
        "a:b:c",
        "sip:x@y",
        "+15005550006:x",
    ),
    "To": ("+15005550010", ""),
    "Body": ("menu", "1", "2", "hola", "ICE is at my door", "DELETE", "STOP", "YES", "español", "book appointment"),
    "MessageSid": ("SM1", "SM2", "SM3", ""),
    "NumMedia": ("0", "1", "-1", "x", "²"),
    "OptOutType": ("STOP", "START", "HELP", "stop", "x"),
    "ButtonText": ("menu", ""),
    "Latitude": ("40.7", "x"),
    "CallSid": ("CA1", "CA2", ""),
    "CallStatus": ("ringing", "in-progress", "completed", "x"),
    "CallDuration": ("60", "-1", "²", "9999999"),
    "Digits": ("1", "2", "7", "0", "9", "*", "#", "12", "", "12345678", "w"),
    "SpeechResult": ("they are knocking", "yes", "lawyer", "no", "two"),
    "Confidence": ("0.9", "0.1", "nan", "inf", "-1", "x", ""),
    "FinishedOnKey": ("#", ""),
    "DialCallStatus": ("completed", "busy", "no-answer", "failed", "x"),
    "DialBridged": ("true", "false"),
    "ErrorUrl": (
        "http://h/voice/turn?n=1&l=es",
        "http://[",
        "http://h:99999999/voice",
        "/voice/transfer?n=1",
        "%",
        "//[::1",
    ),
    "MessageStatus": ("delivered", "failed", "x"),
    "ErrorCode": ("30003", "²", "-1", "9999999"),
    "AccountSid": ("AC" + "0" * 32, ""),
}
HEADERS = (
    *(
        "Host: evil.example",
        "Host: ",
        "Host: a\nHost: b",
        "Host: [::1",
        "Host: a:b:c",
        "X-Forwarded-Host: evil.example",
    ),
    *(
        "X-Forwarded-Proto: https",
        "X-Forwarded-For: 127.0.0.1",
        "X-Forwarded-For: unknown, 1.2.3.4",
        "Forwarded: for=x",
    ),
    *("X-Real-Ip: 127.0.0.1", "X-Forwarded-Prefix: /sms", "X-Original-URL: /healthz", "X-HTTP-Method-Override: GET"),
    *("Content-Length: 0", "Content-Length: -1", "Content-Length: 1e3", "Content-Length: 70000", "Content-Length: +5"),
    *("Content-Length: 99999999999999999999", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked, identity"),
    *(
        "Transfer-Encoding: \x0bchunked",
        "Content-Encoding: gzip",
        "Content-Encoding: br",
        "Expect: 100-continue",
        "Expect: x",
    ),
    *(
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Type: multipart/form-data",
        "Content-Type: application/json",
    ),
    *(
        "Content-Type: application/x-www-form-urlencoded; charset=utf-7",
        "Content-Type: ;;;",
        "Content-Type: a/b; c*=x''%ff",
    ),
    *("Content-Type: text/plain; charset=\xff", "Cookie: session=.eJx; a=b; =; \xff", "Cookie: " + "a=b; " * 300),
    *("X-Twilio-Signature: ", "X-Twilio-Signature: \xe9\xe9", "X-Twilio-Signature: AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    *(
        "X-Twilio-Signature: {signature}\nX-Twilio-Signature: x",
        "If-None-Match: *",
        "If-Modified-Since: x",
        "Range: bytes=0-",
    ),
    *("Authorization: Basic Og==", "Upgrade: h2c", "Connection: upgrade", "SCRIPT_NAME: /x", "Script-Name: /x"),
    *(
        "Accept: " + "a" * 4000,
        "A_B: c",
        " folded: x",
        "Keep-Alive",
        ": x",
        "X-A: \x00",
        "Max-Forwards: 0",
        "Origin: null",
    ),
)


def request(path: str, fields: dict[str, str], method: str = "POST", more: Iterable[str] = ()) -> bytes:
    """One request of our notation."""
    head = [f"{method} {path}"]
    if method == "POST":
        head += [f"Content-Type: {FORM}", "Content-Length: {length}", "X-Twilio-Signature: {signature}"]
    head += more
    body = urlencode(fields, errors="surrogatepass")
    return "\n".join(head).encode("latin-1") + b"\n\n" + body.encode()


def text_of(body: str, number: int = 1, path: str = "/sms", **more: str) -> bytes:
    """A text message."""
    fields = {"MessageSid": f"SM{number}", "From": NUMBER, "To": "+15005550010", "NumMedia": "0", "Body": body, **more}
    return request(path, fields)


def turn_of(query: str, **said: str) -> bytes:
    """A turn of a call."""
    fields = {"CallSid": "CA1", "From": NUMBER, "CallStatus": "in-progress", **said}
    return request(f"/voice/turn?{query}" if query else "/voice", fields)


def text_seeds() -> list[bytes]:
    """Every nasty text as a first text, every field's values, and conversations through menus and a booking."""
    seeds = [text_of(text) for text in NASTY.values()]
    seeds += [text_of("hola", **{name: value}) for name, values in FIELDS.items() for value in values]
    for talk in (
        ("menu", "1", "2", "back", "more"),
        ("español", "menu", "3", "repeat", "source"),
        ("book an appointment", "1", "1", "1", "1", "1", "1"),
        ("book an appointment", "2", "6", "2", "1", "2", "my appointment"),
        ("change my appointment", "1234 5678", "1"),
        ("asdf qwer", "zxcv", "1", "who", "delete", "yes"),
        ("العربية", "menu", "٢", "اردو", "1"),
    ):
        seeds.append(BETWEEN.join(text_of(said, number) for number, said in enumerate(talk)))
    return seeds


def call_seeds() -> list[bytes]:
    """The same for calls, heard and keyed."""
    seeds = [turn_of("n=1&l=en", SpeechResult=text, Confidence="0.9") for text in NASTY.values()]
    seeds += [turn_of("n=1&l=en", **{name: value}) for name, values in FIELDS.items() for value in values]
    seeds += [request(path, {"CallSid": "CA1", "From": NUMBER}) for path in CALL_PATHS]
    for keys in ("211", "1100", "13121", "1*#9", "18271", "1799", "81", "141111112"):
        turns = [turn_of("")] + [turn_of(f"n={at}&l=en", Digits=key) for at, key in enumerate(keys, start=1)]
        seeds.append(BETWEEN.join(turns[:MOST_REQUESTS]))
    return seeds


def edge_seeds() -> list[bytes]:
    """Each route by each method, each header trick, and bodies that are no forms."""
    seeds = [request(path, {"From": NUMBER}, method) for path in PATHS for method in ("GET", "POST")]
    seeds += [request("/sms", {"From": NUMBER, "MessageSid": "SM1", "Body": "2"}, more=[line]) for line in HEADERS]
    seeds += [b"POST /sms\n" + line.encode("latin-1") + b"\n\nFrom=%2B1&Body=x" for line in HEADERS]
    multipart = b'--x\r\nContent-Disposition: form-data; name="From"\r\n\r\n+15005550006\r\n--x--\r\n'
    bodies = [multipart, b"{}", b"&" * 3000, b"a=b&" * 9000, b"=" * 99, b"%", b"Body=%ff%c3%28%ed%a0%80", b"x" * 66000]
    bodies += [b"5\r\nFrom=\r\n0\r\n\r\n", b"fffffffff\r\n", b"\x1f\x8b\x08\x00", b"<x/>"]
    for kind in (FORM, "multipart/form-data; boundary=x", "application/json"):
        head = f"POST /sms\nContent-Type: {kind}\nContent-Length: {{length}}\nX-Twilio-Signature: {{signature}}\n\n"
        seeds += [head.encode() + body for body in bodies]
    return seeds


def spoil(data: bytes, chance: random.Random) -> bytes:
    """One to four slips: in a field, in the address, among the headers, in the order, or in the bytes themselves."""
    requests = data.split(BETWEEN)[:MOST_REQUESTS]
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(requests))
        kind = chance.random()
        if kind < 0.55:
            requests[at] = _other_field(requests[at], chance)
        elif kind < 0.67:
            requests[at] = _other_address(requests[at], chance)
        elif kind < 0.77:
            requests[at] = _other_header(requests[at], chance)
        elif kind < 0.87 and len(requests) < MOST_REQUESTS:
            requests.insert(at + 1, _other_field(requests[at], chance))
        elif kind < 0.91 and len(requests) > 1:
            del requests[at]
        else:
            requests[at] = slips.spoiled(requests[at], chance, slips.LINES, 2)
    return BETWEEN.join(requests)


def _other_field(raw: bytes, chance: random.Random) -> bytes:
    head, gap, body = raw.partition(b"\n\n")
    fields = body.split(b"&")
    name = chance.choice(tuple(FIELDS))
    value = chance.choice(FIELDS[name]).encode() if chance.random() < 0.6 else slips.nasty(chance)
    field = name.encode() + b"=" + slips.escaped(value)
    if chance.random() < 0.1:
        fields.append(field)  # perhaps a second time
    else:
        fields = [old for old in fields if not old.startswith(name.encode() + b"=")] + [field]
    return head + (gap or b"\n\n") + b"&".join(fields)


def _other_address(raw: bytes, chance: random.Random) -> bytes:
    line, rest = [*raw.split(b"\n", 1), b""][:2]
    method, _, path = line.partition(b" ")
    if chance.random() < 0.4:
        path = chance.choice(PATHS).encode()
    elif chance.random() < 0.7:
        path += (b"&" if b"?" in path else b"?") + chance.choice(QUERIES).encode()
    elif chance.random() < 0.5:
        path += chance.choice((b"?l=", b"?q=", b"/", b"?topic=")) + slips.escaped(slips.nasty(chance))
    else:
        method = chance.choice(METHODS).encode()
    return method + b" " + path + b"\n" + rest


def _other_header(raw: bytes, chance: random.Random) -> bytes:
    head, gap, body = raw.partition(b"\n\n")
    lines = head.split(b"\n")
    new = chance.choice(HEADERS).encode("latin-1")
    if chance.random() < 0.1:
        new = new.partition(b":")[0] + b": " + slips.nasty(chance)
    name = new.partition(b":")[0].lower()
    if chance.random() < 0.5:
        lines = lines[:1] + [line for line in lines[1:] if line.partition(b":")[0].lower() != name]
    lines.insert(chance.randint(1, len(lines)), new)
    return b"\n".join(lines) + (gap or b"\n\n") + body
