"""Twilio's own copies of texts and calls: kept, redacted or deleted, as the setting says.

Twilio's servers are stood in for by a client that takes nothing but what the interface documents.
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from requests.exceptions import ReadTimeout
from twilio.http import HttpClient
from twilio.http.response import Response

from bot import twilio_copies
from bot.messages import Reply
from bot.session_state import Memory
from bot.settings import Settings
from bot.twilio_copies import FORGOTTEN_AFTER, TRY_AGAIN_AFTER, TwilioCopies
from webhooks.sms import sms
from webhooks.twilio_rest import TwilioTexting
from webhooks.voice import voice

ACCOUNT = "AC" + "0" * 32
SETTINGS = Settings(account_sid=ACCOUNT, auth_tokens=("token",), phone_number="+15005550010")


def sid(kind: str) -> str:
    return kind + uuid.uuid4().hex


@dataclass
class Archive(HttpClient):  # type: ignore[misc]
    """What Twilio keeps: id → body, and its next troubles."""

    kept: dict[str, str] = field(default_factory=dict)
    troubles: list[int | Exception] = field(default_factory=list)

    def request(self, method: str, url: str, data: Any = None, **rest: Any) -> Response:
        assert rest["auth"] == (ACCOUNT, "token")
        _, version, accounts, account, kind, name = urlsplit(url).path.removesuffix(".json").split("/")
        assert (version, accounts, account) == ("2010-04-01", "Accounts", ACCOUNT)
        assert kind == ("Calls" if name.startswith("CA") else "Messages")
        if self.troubles:
            trouble = self.troubles.pop(0)
            if isinstance(trouble, Exception):
                raise trouble
            return Response(trouble, json.dumps({"code": 20000, "message": "trouble", "status": trouble}))
        if name not in self.kept:
            return Response(404, json.dumps({"code": 20404, "message": "not found", "status": 404}))
        if method == "DELETE":
            del self.kept[name]
            return Response(204, "")
        assert (method, kind, data) == ("POST", "Messages", {"Body": ""})
        self.kept[name] = ""
        return Response(200, json.dumps({"sid": name, "body": ""}))


@pytest.fixture
def archive(memory: Memory) -> Archive:
    for name in memory.copies_due(2**40, 1000):
        memory.strike_copy(name)
    return Archive({sid("SM"): "ICE is at my door", sid("MM"): "a picture", sid("CA"): "+12125550101"})


def work(memory: Memory, archive: Archive, how: str, monkeypatch: pytest.MonkeyPatch, later: float) -> int:
    worker = TwilioCopies(memory, TwilioTexting(SETTINGS, archive), how, lambda: False)
    now = time.time()
    with monkeypatch.context() as patch:
        patch.setattr("bot.twilio_copies.time.time", lambda: now + later)
        return worker.forget_due()


# the setting → what is left at Twilio
LEFT = [
    ("keep", ["ICE is at my door", "a picture", "+12125550101"]),
    ("redact", ["", "", "+12125550101"]),
    ("delete", []),
]


@pytest.mark.parametrize(("how", "left"), LEFT)
def test_an_hour_later(
    memory: Memory, archive: Archive, monkeypatch: pytest.MonkeyPatch, how: str, left: list[str]
) -> None:
    for name in archive.kept:
        twilio_copies.note(memory, how, name)
    assert work(memory, archive, how, monkeypatch, FORGOTTEN_AFTER - 10) == 0, "it may still be looked up"
    work(memory, archive, how, monkeypatch, FORGOTTEN_AFTER + 10)
    assert list(archive.kept.values()) == left
    assert memory.copies_due(2**40, 10) == []


@pytest.mark.parametrize("trouble", [500, 429, 409, ReadTimeout()])
def test_what_twilio_refuses_is_tried_again(
    memory: Memory, archive: Archive, monkeypatch: pytest.MonkeyPatch, trouble: int | Exception
) -> None:
    name = next(iter(archive.kept))
    twilio_copies.note(memory, "delete", name)
    archive.troubles = [trouble]
    assert work(memory, archive, "delete", monkeypatch, FORGOTTEN_AFTER + 10) == 0
    assert work(memory, archive, "delete", monkeypatch, FORGOTTEN_AFTER + 20) == 0, "not at once"
    assert work(memory, archive, "delete", monkeypatch, FORGOTTEN_AFTER + TRY_AGAIN_AFTER + 20) == 1
    assert name not in archive.kept


def test_what_twilio_has_not_is_done_with(memory: Memory, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    twilio_copies.note(memory, "delete", sid("SM"))
    assert work(memory, archive, "delete", monkeypatch, FORGOTTEN_AFTER + 10) == 1


@pytest.mark.parametrize("name", ["", "+12125550101", "SM", "SM../Accounts", "XX" + "0" * 32])
def test_only_ids_are_noted(memory: Memory, archive: Archive, name: str) -> None:
    twilio_copies.note(memory, "delete", name)
    assert memory.copies_due(2**40, 10) == []


# route and form → whether it is over, so that its copy is noted
REPORTS = [
    ("/sms", {"MessageSid": "SM" + "1" * 32, "From": "+12125550101", "Body": "menu", "NumMedia": "0"}, True),
    ("/sms/status", {"MessageSid": "SM" + "2" * 32, "MessageStatus": "delivered"}, True),
    ("/sms/status", {"MessageSid": "SM" + "3" * 32, "MessageStatus": "sent"}, False),
    ("/voice/status", {"CallSid": "CA" + "4" * 32, "CallStatus": "completed"}, True),
    ("/voice/status", {"CallSid": "CA" + "5" * 32, "CallStatus": "in-progress"}, False),
]


@pytest.mark.parametrize(("route", "form", "over"), REPORTS)
@pytest.mark.parametrize("how", ["keep", "delete"])
def test_the_door_notes_what_is_over(
    memory: Memory, archive: Archive, route: str, form: dict[str, str], over: bool, how: str
) -> None:
    settings = Settings(twilio_copies=how)
    app = Flask(__name__)
    replies = SimpleNamespace(reply_to=lambda message: Reply("Hello.", "en"))
    app.config.update(
        SETTINGS=settings, HOTLINE=SimpleNamespace(memory=memory, settings=settings, conversation=replies)
    )
    app.register_blueprint(sms)
    app.register_blueprint(voice)
    assert app.test_client().post(route, data=form).status_code in {200, 204}
    noted = [form.get("MessageSid") or form["CallSid"]] if over and how == "delete" else []
    assert memory.copies_due(2**40, 10) == noted
