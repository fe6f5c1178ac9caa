"""Calls as they run: gunicorn, real Redis, the real model, signed requests, and a telephone as strict as Twilio."""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis
from twilio.request_validator import RequestValidator

from bot.audio import audio_name
from bot.caller_ids import sender_id
from bot.flow_engine.state import DialogueState
from bot.session_state import Memory
from bot.settings import PROJECT
from bot.staff.telephone import Telephone
from tests.conftest import SECRET, TOKEN, RedisServer, WebServer, process_environment, serve
from tests.webhooks.test_server import new_number, post

pytestmark = pytest.mark.engine

PERSON = "+12125550100"


@pytest.fixture(scope="module")
def web_server(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """A hotline that can connect callers with a person at any hour."""
    settings = {"TWILIO_PHONE_NUMBER": "+15005550010", "TRANSFER_NUMBER": PERSON}
    with serve(
        process_environment(redis_server.url, **settings), PROJECT, tmp_path_factory.mktemp("voice") / "log"
    ) as server:
        yield server


class Line:
    """Twilio's side: every POST is signed, and carries a field that it may add one day."""

    def __init__(self, server: WebServer, token: str | None = TOKEN) -> None:
        self._server = server
        self._token = token
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.answers: list[bytes] = []

    def post(self, path: str, form: Mapping[str, str]) -> tuple[int, str, bytes]:
        fields = {**form, "BrandNewField": "ü"}
        url = self._server.url + path
        headers = {}
        if self._token:
            headers["X-Twilio-Signature"] = RequestValidator(self._token).compute_signature(url, fields)
        self.requests.append((path, dict(form)))
        answer = _fetch(urllib.request.Request(url, urllib.parse.urlencode(fields).encode(), headers))
        self.answers.append(answer[2])
        return answer

    def get(self, path: str) -> tuple[int, str, bytes]:
        return _fetch(urllib.request.Request(self._server.url + path))


def _fetch(request: urllib.request.Request) -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.headers["Content-Type"] or "", response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"] or "", error.read()


def call(server: WebServer, number: str | None = None) -> tuple[Telephone, Line]:
    line = Line(server)
    telephone = Telephone(line, number or new_number())
    telephone.call()
    return telephone, line


def heard(telephone: Telephone) -> str:
    return " ".join(sound.text for sound in telephone.heard)


def state_of(memory: Memory, telephone: Telephone) -> DialogueState:
    key = f"{sender_id('voice', telephone.id, memory.hash_key)}@{sender_id('sms', telephone.caller, memory.hash_key)}"
    return DialogueState.from_json(memory.load(key))


def test_a_call_from_the_language_to_an_answer(web_server: WebServer) -> None:
    telephone, _ = call(web_server)
    assert "For English, press 1" in heard(telephone)
    assert "Para español" in heard(telephone)
    telephone.press("2")
    assert "programa de computadora" in heard(telephone)
    telephone.press("1")
    assert "Do you have a warrant signed by a judge?" in heard(telephone)
    assert telephone.faults == []


VOICE_ROUTES = [
    "/voice",
    "/voice/turn?n=1&l=en",
    "/voice/transfer?n=1&l=en",
    "/voice/whisper?l=en&topic=privacy",
    "/voice/whisper/answer",
    "/voice/status",
    "/fallback/voice",
]


@pytest.mark.parametrize("token", [None, "not ours"], ids=["no signature", "another token"])
@pytest.mark.parametrize("path", VOICE_ROUTES)
def test_a_forged_request_gets_403_and_changes_nothing(
    web_server: WebServer, redis_server: RedisServer, path: str, token: str | None
) -> None:
    keys = redis.Redis.from_url(redis_server.url)
    before = keys.dbsize()
    form = {"CallSid": "CA" + secrets.token_hex(16), "From": new_number(), "CallStatus": "ringing"}
    assert Line(web_server, token).post(path, form)[0] == 403
    assert keys.dbsize() <= before  # what others left may expire meanwhile


def test_the_same_turn_twenty_times_at_once_moves_the_call_once(web_server: WebServer, memory: Memory) -> None:
    telephone, line = call(web_server)
    telephone.press("1")
    telephone.press("3")
    assert telephone.gather is not None
    path = telephone.gather.get("action", "")
    form = {**line.requests[0][1], "CallStatus": "in-progress", "Digits": "1"}
    failed = {**form, "ErrorCode": "11200", "ErrorUrl": web_server.url + path}
    with ThreadPoolExecutor(20) as pool:
        tries = [(path, form), ("/fallback/voice", failed)] * 10
        answers = list(pool.map(lambda try_: Line(web_server).post(*try_), tries))
    assert {status for status, _, _ in answers} == {200}
    # The address of the next turn holds the second at which the call began.
    assert len({re.sub(rb"t=\d+", b"", body) for _, _, body in answers}) == 1
    assert [item[2] for item in state_of(memory, telephone).said if item[0] == "step"] == ["agent_now"]
    assert len(state_of(memory, telephone).past) == 2, "each more would have been remembered for BACK"


def test_a_call_that_begins_twice_begins_once(web_server: WebServer) -> None:
    telephone, line = call(web_server)
    path, form = line.requests[0]
    telephone.press("1")
    assert b"Para espa" in Line(web_server).post(path, form)[2]
    telephone.press("1")
    assert "Keep the door closed" in heard(telephone), "the call goes on where it was"


def test_the_fallback_begins_a_call_too(web_server: WebServer) -> None:
    form = {"CallSid": "CA" + secrets.token_hex(16), "From": new_number(), "CallStatus": "ringing"}
    failed = {**form, "ErrorCode": "11200", "ErrorUrl": f"{web_server.url}/voice"}
    status, _, body = Line(web_server).post("/fallback/voice", failed)
    assert status == 200
    assert b"For English, press" in body


def test_the_language_is_shared_with_texts_and_nothing_else_is(web_server: WebServer, memory: Memory) -> None:
    number = new_number()
    post(web_server, "español", number)
    post(web_server, "3", number)
    before = memory.load(sender_id("sms", number, memory.hash_key))
    telephone, _ = call(web_server, number)
    assert "¿En qué puedo ayudar?" in heard(telephone)
    telephone.press("1")
    assert memory.load(sender_id("sms", number, memory.hash_key)) == before
    telephone.press("81")
    assert "What is happening now?" in heard(telephone)
    text = post(web_server, "menu", number).text
    assert text is not None


WITHHELD = ["anonymous", "Anonymous", "unknown", "restricted", "+266696687", ""]


@pytest.mark.parametrize("caller", WITHHELD)
def test_a_withheld_number_is_served_and_kept_apart(
    web_server: WebServer, redis_server: RedisServer, caller: str
) -> None:
    keys = redis.Redis.from_url(redis_server.url)
    languages = set(keys.keys("hotline:language:*"))
    first, second = call(web_server, caller)[0], call(web_server, caller)[0]
    first.press("2")
    first.press("1")
    assert "warrant signed by a judge" in heard(first)
    second.press("1")
    assert "How can I help" in heard(second), "another caller, another language"
    assert "press 7" not in heard(first)
    kept = set(keys.keys("hotline:language:*")) - languages
    person = sender_id("sms", caller, Memory(redis_server.url, (SECRET,)).hash_key).encode()
    assert not any(person in key for key in kept), "who withholds the number shares nothing with others who do"


def test_the_person_hears_language_and_topic_and_no_more(web_server: WebServer) -> None:
    number = new_number()
    path = "/voice/whisper?l=es&topic=school_ice_protocol"
    _, _, whisper = Line(web_server).post(path, {"CallSid": "CA" + secrets.token_hex(16), "From": number, "To": PERSON})
    assert number.encode() not in whisper
    assert b"Language: Spanish. Topic: ICE and my child's school. Press 1 to take it." in whisper


@pytest.mark.parametrize(("digits", "joined"), [("1", True), ("2", False), ("", False)])
def test_only_1_takes_a_call(web_server: WebServer, digits: str, joined: bool) -> None:
    form = {"CallSid": "CA" + secrets.token_hex(16), "Digits": digits}
    _, _, body = Line(web_server).post("/voice/whisper/answer", form)
    assert [verb.tag for verb in ElementTree.fromstring(body)] == ([] if joined else ["Hangup"])


ODD_TURNS = [
    ("a turn that was never asked for", {"Digits": "3"}, "n=99&l=xx&q=nowhere/nothing"),
    ("a number that is none", {"Digits": "1"}, "n=-1&t=yesterday"),
    ("markup as speech", {"SpeechResult": "<Say>&amp;]]>{legal_help.phone}", "Confidence": "0.9"}, "n=1"),
    ("control characters as speech", {"SpeechResult": "\x00\x0b\x1f", "Confidence": "0.9"}, "n=1"),
    ("half a character", {"SpeechResult": "\udc80 hola".encode("utf-8", "surrogatepass").decode("latin-1")}, "n=1"),
    ("a doubt that is no number", {"SpeechResult": "lawyer", "Confidence": "very"}, "n=1&l=en"),
    ("more speech than a minute holds", {"SpeechResult": "ice " * 3000, "Confidence": "0.9"}, "n=1"),
    ("all keys", {"Digits": "0123456789*#"}, "n=1&k=all"),
    ("a command of Rasa's", {"SpeechResult": "/restart", "Confidence": "1"}, "n=1"),
    ("a call as long as a night", {"Digits": "1"}, "n=2&t=1000&l=es"),
    ("more turns than anybody takes", {"Digits": "1"}, "n=121&l=zh-Hans"),
]


@pytest.mark.parametrize(("said", "query"), [row[1:] for row in ODD_TURNS], ids=[row[0] for row in ODD_TURNS])
def test_any_turn_gets_an_answer_that_twilio_takes(web_server: WebServer, said: dict[str, str], query: str) -> None:
    from bot.staff.twiml_rules import faults

    form = {"CallSid": "CA" + secrets.token_hex(16), "From": new_number(), "CallStatus": "in-progress", **said}
    status, kind, body = Line(web_server).post(f"/voice/turn?{query}", form)
    assert status == 200
    assert faults(body, kind) == []
    assert b"<Say" in body


def test_very_long_calls_end_with_a_persons_number(web_server: WebServer) -> None:
    form = {"CallSid": "CA" + secrets.token_hex(16), "From": new_number(), "CallStatus": "in-progress", "Digits": "1"}
    for query in ("n=2&t=1000&l=en", "n=121&l=en"):
        body = Line(web_server).post(f"/voice/turn?{query}", form)[2]
        assert b"800-354-0365" in body
        assert b"<Hangup" in body


def test_sounds_are_found_by_their_text_cached_and_nothing_else_is(web_server: WebServer) -> None:
    path = f"/voice/audio/ht/{audio_name('ht', 'Mwen pa tande ou.')}.wav"
    with urllib.request.urlopen(web_server.url + path, timeout=20) as response:
        assert response.headers["Content-Type"] == "audio/wav"
        assert "max-age=31536000" in response.headers["Cache-Control"]
        tag = response.headers["ETag"]
        assert response.read()[:4] == b"RIFF"
    again = urllib.request.Request(web_server.url + path, headers={"If-None-Match": tag})
    assert _fetch(again)[0] == 304
    for wrong in (
        "ht/" + "0" * 24,
        "en/" + "0" * 24,
        "ht/..%2f..%2fsecret_key",
        "..%2f..%2f.hotline/secret_key",
        "xx/1",
    ):
        assert _fetch(urllib.request.Request(f"{web_server.url}/voice/audio/{wrong}.wav"))[0] == 404


def test_what_became_of_a_call_is_noted_without_a_number(web_server: WebServer) -> None:
    telephone, line = call(web_server)
    telephone.press("1")
    telephone.say("can ice come into my kids school")
    telephone.hang_up()
    assert line.post("/voice/status", {**line.requests[0][1], "CallStatus": "<odd>", "CallDuration": "x"})[0] == 204
    log = web_server.log.read_text()
    assert '"seconds": 60, "state": "completed"' in log
    assert '"state": "unknown"' in log
    assert telephone.caller.lstrip("+") not in log
    assert telephone.id not in log
    assert "kids" not in log


def test_a_wish_to_be_called_back_is_sealed_shown_and_erased(
    web_server: WebServer, redis_server: RedisServer, memory: Memory
) -> None:
    number = new_number()
    key = f"x@{sender_id('sms', number, memory.hash_key)}"
    memory.keep_call_back(key, {"number": number, "language": "ht", "topic": "privacy", "at": 1_790_000_000})
    stored = redis.Redis.from_url(redis_server.url).get(f"hotline:callback:{key[2:]}")
    assert stored is not None
    assert number.encode() not in stored
    listed = _hotline(redis_server, "callbacks")
    assert "Haitian Creole, at any time: Who sees my texts?" in listed
    assert number not in listed
    assert number in _hotline(redis_server, "callbacks", "show", key[2:10], "--by", "A Colleague")
    post(web_server, "menu", number)
    post(web_server, "DELETE", number)
    assert "Nobody waits" in _hotline(redis_server, "callbacks") or key[2:10] not in _hotline(redis_server, "callbacks")


def _hotline(redis_server: RedisServer, *arguments: str) -> str:
    command = [str(Path(sys.executable).with_name("hotline")), *arguments]
    return subprocess.run(
        command, env=process_environment(redis_server.url), capture_output=True, text=True, check=True
    ).stdout


def test_redis_gone_a_call_goes_on(web_server: WebServer, redis_server: RedisServer) -> None:
    telephone, _ = call(web_server)
    telephone.press("2")
    redis.Redis.from_url(redis_server.url).save()
    redis_server.stop()
    try:
        telephone.press("1")
        assert "Do you have a warrant signed by a judge?" in heard(telephone)
        telephone.press("2")
        assert "No pelee, no corra" in heard(telephone)
        fresh, _ = call(web_server)
        fresh.say("ICE is at my door")
        assert "Keep the door closed" in heard(fresh)
        assert telephone.faults + fresh.faults == []
    finally:
        redis_server.restart()
