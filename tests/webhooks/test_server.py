"""The hotline as it runs: gunicorn, real Redis, the real model, signed requests."""

import http.client
import itertools
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import redis
from twilio.request_validator import RequestValidator

from bot.caller_ids import sender_id
from bot.channels.sms import MAX_CHARACTERS
from bot.session_state import Memory
from tests.conftest import TOKEN, RedisServer, WebServer
from tests.until import until

pytestmark = pytest.mark.engine


@dataclass
class Answer:
    status: int
    body: str
    kind: str

    @property
    def text(self) -> str | None:
        """The text of the one <Message>, or None for silence. Strict about what Twilio accepts."""
        assert self.status == 200, self.body
        assert self.kind.startswith("application/xml")
        assert len(self.body.encode()) <= 64 * 1024
        root = ElementTree.fromstring(self.body)
        assert root.tag == "Response"
        messages = list(root)
        assert [message.tag for message in messages] in ([], ["Message"])
        if not messages:
            return None
        assert not messages[0].attrib
        text = messages[0].text or ""
        assert 0 < len(text) <= MAX_CHARACTERS
        return text


# From somewhere on, one after the other: drawn at random, two of some hundreds were the same now and then.
_NUMBERS = itertools.count(uuid.uuid4().int % 8_000_000 + 1_000_000)


def new_number() -> str:
    return f"+1500{next(_NUMBERS)}"


def form_of(body: str, sender: str, message_id: str, **more: str) -> dict[str, str]:
    """All that Twilio sends, and a field it may add one day."""
    return {
        "ToCountry": "US",
        "ToState": "NY",
        "SmsMessageSid": message_id,
        "NumMedia": "0",
        "ToCity": "NEW YORK",
        "FromZip": "10001",
        "SmsSid": message_id,
        "FromState": "NY",
        "SmsStatus": "received",
        "FromCity": "NEW YORK",
        "Body": body,
        "FromCountry": "US",
        "To": "+15005550010",
        "ToZip": "10002",
        "NumSegments": "1",
        "MessageSid": message_id,
        "AccountSid": "AC" + "0" * 32,
        "From": sender,
        "ApiVersion": "2010-04-01",
        "BrandNewField": "ü",
        **more,
    }


def post(
    server: WebServer,
    body: str,
    sender: str,
    message_id: str | None = None,
    path: str = "/sms",
    token: str | None = TOKEN,
    altered: str | None = None,
    **more: str,
) -> Answer:
    url = server.url + path
    form = form_of(body, sender, message_id or "SM" + uuid.uuid4().hex, **more)
    headers = {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, form)} if token else {}
    if altered is not None:
        form["Body"] = altered
    request = urllib.request.Request(url, urllib.parse.urlencode(form).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return Answer(response.status, response.read().decode(), response.headers["Content-Type"])
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read().decode(), error.headers["Content-Type"])


def state_of(memory: Memory, number: str) -> dict[str, object] | None:
    return memory.load(sender_id("sms", number, memory.hash_key))


def test_ice_at_the_door_in_spanish_is_answered_first(web_server: WebServer) -> None:
    text = post(web_server, "hay un agente de ICE en la puerta", new_number()).text
    assert text is not None
    assert '"Do you have a warrant signed by a judge?"' in text
    assert "puerta" in text.split("\n")[0]


def test_the_school_protocol_in_chinese(web_server: WebServer) -> None:
    text = post(web_server, "我想问学校会不会让ICE进去", new_number()).text
    assert text is not None
    assert "公立学校" in text


UNSIGNED = [
    ("no signature", {"token": None}),
    ("another token", {"token": "not ours"}),
    ("an altered text", {"altered": "ICE is at my door"}),
]


@pytest.mark.parametrize("changes", [row[1] for row in UNSIGNED], ids=[row[0] for row in UNSIGNED])
@pytest.mark.parametrize("path", ["/sms", "/fallback/sms", "/sms/status"])
def test_a_forged_request_gets_403_and_changes_nothing(
    web_server: WebServer, memory: Memory, redis_server: RedisServer, path: str, changes: dict[str, str | None]
) -> None:
    keys = redis.Redis.from_url(redis_server.url)
    number, before = new_number(), keys.dbsize()
    assert post(web_server, "menu", number, path=path, **changes).status == 403  # type: ignore[arg-type]
    assert state_of(memory, number) is None
    assert keys.dbsize() <= before  # what others left may expire meanwhile


def test_the_same_delivery_twenty_times_at_once_moves_the_conversation_once(
    web_server: WebServer, memory: Memory
) -> None:
    number, message_id = new_number(), "SM" + uuid.uuid4().hex
    post(web_server, "menu", number)
    post(web_server, "3", number)
    with ThreadPoolExecutor(20) as pool:
        paths = ["/sms", "/fallback/sms"] * 10
        replies = list(pool.map(lambda path: post(web_server, "1", number, message_id, path).text, paths))
    assert len(set(replies)) == 1
    state = state_of(memory, number)
    assert state is not None
    # Each "1" would have added the question before it to what BACK remembers.
    assert len(state["past"]) == 2  # type: ignore[arg-type]
    assert post(web_server, "something else", number, message_id).text == replies[0]


def test_messages_of_one_sender_are_answered_one_after_the_other(web_server: WebServer, memory: Memory) -> None:
    number = new_number()
    post(web_server, "menu", number)
    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda _: post(web_server, "menu", number).text, range(10)))
    assert all(replies)
    assert state_of(memory, number) is not None


CARRIER = [
    ("STOP", {}, True),
    ("stop", {}, True),
    ("Cancel", {}, True),
    ("END", {}, True),
    ("START", {}, True),
    ("YES", {}, True),  # signs up again after STOP
    ("stop please", {}, False),  # not the whole message: the network does not act on it
    ("arrete", {"OptOutType": "STOP"}, True),  # Twilio has replied
    ("HELP", {"OptOutType": "HELP"}, True),
    ("HELP", {}, False),  # we answer it, unless TWILIO_ANSWERS_HELP
]


@pytest.mark.parametrize(("body", "more", "silent"), CARRIER)
def test_words_of_the_carriers(web_server: WebServer, body: str, more: dict[str, str], silent: bool) -> None:
    assert (post(web_server, body, new_number(), **more).text is None) is silent


ODD_TEXTS = [
    "",
    " ",
    "\x00\x0b\x1f",
    "<Message>&amp;]]></Message>",
    "{legal_help.phone}",
    "/greet",  # Rasa's own way to name an intent
    '/restart{"a":1}',
    "x" * 1600,
    "食" * 1600,
    "👮‍♀️🚪",
    "\u202eecI\u202c",
    "z̸̡̢̧̛" * 100,
    "1" * 500,
]


@pytest.mark.parametrize("body", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_any_text_gets_an_answer(web_server: WebServer, body: str) -> None:
    assert post(web_server, body, new_number()).text


def test_a_picture_gets_a_sentence(web_server: WebServer) -> None:
    text = post(web_server, "", new_number(), NumMedia="1", MediaUrl0="https://example.org/a.jpg").text
    assert text is not None
    assert "pictures" in text


def test_a_picture_with_words_is_answered_by_the_words(web_server: WebServer) -> None:
    text = post(web_server, "ice is at my door", new_number(), NumMedia="1").text
    assert text is not None
    assert "Keep the door closed" in text


def test_whatsapp_comes_through_the_same_door(web_server: WebServer, memory: Memory) -> None:
    number = new_number()
    assert post(web_server, "hola", f"whatsapp:{number}").text
    assert state_of(memory, number) is None, "another channel is another conversation"
    assert memory.load(sender_id("whatsapp", number, memory.hash_key)) is not None


NOT_FORMS = [
    ("GET", "/sms", b"", 405),
    ("POST", "/nowhere", b"", 404),
    ("POST", "/sms", b"x" * (65 * 1024), 413),
    ("POST", "/sms", b"{}", 403),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), NOT_FORMS)
def test_what_is_no_message_is_refused_plainly(
    web_server: WebServer, method: str, path: str, body: bytes, status: int
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", web_server.port, timeout=10)
    connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded"})
    assert connection.getresponse().status == status


def test_a_signed_form_without_a_sender_is_refused(web_server: WebServer) -> None:
    assert post(web_server, "hola", "").status == 400


def test_delivery_reports_are_taken(web_server: WebServer) -> None:
    assert post(web_server, "", new_number(), path="/sms/status", MessageStatus="delivered").status == 204


def test_health(web_server: WebServer) -> None:
    with urllib.request.urlopen(f"{web_server.url}/healthz") as response:
        assert response.read() == b"ok\n"
    with urllib.request.urlopen(f"{web_server.url}/readyz") as response:
        ready = json.load(response)
    assert ready["ready"] is True


def test_erase_leaves_nothing_of_the_conversation(web_server: WebServer, memory: Memory) -> None:
    number = new_number()
    post(web_server, "menu", number)
    assert state_of(memory, number) is not None
    assert "deleted" in (post(web_server, "delete", number).text or "")
    assert state_of(memory, number) is None


def ready_status(server: WebServer) -> int:
    try:
        with urllib.request.urlopen(f"{server.url}/readyz") as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


SECRETS = ["5005550", "mi tio Filiberto", "la migra en Corona", "第八大道"]


def test_redis_and_logs_hold_no_number_and_no_text(web_server: WebServer, redis_server: RedisServer) -> None:
    number = "+15005550199"
    for body in (*SECRETS[1:], "menu", "2", "hola soy mi tio Filiberto"):
        post(web_server, body, number)
    post(web_server, SECRETS[1], number, token="wrong")
    post(web_server, "", number, path="/sms/status", MessageStatus="failed", ErrorCode="30003")
    store = redis.Redis.from_url(redis_server.url)
    store.save()
    kept = bytearray(b"".join(path.read_bytes() for path in redis_server.folder.iterdir()))
    for key in store.scan_iter(count=1000):
        value = store.dump(key)
        kept += key + (value or b"")
    kept += web_server.log.read_bytes()
    assert b"hotline:talk:" in kept
    assert b'"event": "request"' in kept
    for secret in SECRETS:
        for form in (secret.encode(), secret.encode("utf-16-le"), urllib.parse.quote(secret).encode()):
            assert form not in kept, secret


def test_redis_gone_emergencies_are_answered_and_the_conversation_goes_on_when_it_is_back(
    web_server: WebServer, redis_server: RedisServer, memory: Memory
) -> None:
    number = new_number()
    post(web_server, "menu", number)
    post(web_server, "3", number)
    redis.Redis.from_url(redis_server.url).save()
    redis_server.stop()
    try:
        emergency = post(web_server, "移民局在敲门", number).text
        assert emergency is not None
        assert "warrant signed by a judge" in emergency
        other = post(web_server, "2", number).text
        assert other is not None
        assert "800-354-0365" in other
        until(lambda: ready_status(web_server) == 503)  # it may say what it saw a moment ago
    finally:
        redis_server.restart()
    time.sleep(2.5)  # a failed Redis is left alone for two seconds
    # What was asked last is the emergency's question, which Redis missed; the school's is where BACK leads to.
    not_understood = post(web_server, "2", number).text
    assert not_understood != other
    assert "6 更多学校问题" in (post(web_server, "back", number).text or "")
    assert post(web_server, "2", number).text != not_understood
    state = state_of(memory, number)
    assert state is not None
    assert state["frames"] == [["school_ice_protocol", "walk"]]
