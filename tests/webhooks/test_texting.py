"""Texts that we send ourselves: what goes to Twilio's REST interface, and what every answer of it means to a caller.

Twilio's servers are stood in for by a client that takes nothing but what the interface documents.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from requests.exceptions import ConnectionError as NotConnected
from requests.exceptions import ReadTimeout
from twilio.http import HttpClient
from twilio.http.response import Response

from bot.settings import Settings
from bot.texting import BLOCKED, FAILED, SENT
from webhooks.twilio_rest import TIMEOUT, TwilioTexting, texting_of

ACCOUNT = "AC" + "0" * 32
SETTINGS = Settings(account_sid=ACCOUNT, auth_tokens=("token",), phone_number="+15005550010")
TO, BODY = "+15005550006", "Stay calm. Keep the door closed."
_SENT = {"sid": "SM" + "0" * 32, "status": "queued", "account_sid": ACCOUNT}

Answer = Callable[[], Response]


@dataclass
class TwilioServers(HttpClient):  # type: ignore[misc]
    """Answers look-ups by `line_type` and messages by `answers`, one after the other."""

    answers: list[Answer | Exception] = field(default_factory=list)
    line_type: str = "mobile"
    sent: list[dict[str, str]] = field(default_factory=list)

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        address = urlsplit(url)
        assert address.scheme == "https"
        assert auth == (ACCOUNT, "token")
        if address.hostname == "lookups.twilio.com":
            assert (method, address.path) == ("GET", f"/v2/PhoneNumbers/{TO}")
            assert params == {"Fields": "line_type_intelligence"}
            return _json(200, {"phone_number": TO, "line_type_intelligence": {"type": self.line_type}})
        assert (method, address.hostname) == ("POST", "api.twilio.com")
        assert address.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        assert data is not None
        assert set(data) in ({"To", "From", "Body"}, {"To", "MessagingServiceSid", "Body"})
        assert data["To"] == TO
        assert 0 < len(data["Body"]) <= 1600
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        response = answer()
        if response.status_code == 201:
            self.sent.append(data)
        return response


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(status, json.dumps(body))


def ok() -> Response:
    return _json(201, _SENT)


def refused(status: int, code: int) -> Answer:
    return lambda: _json(status, {"code": code, "message": "refused", "status": status})


# what happens, what Twilio answers, what the caller is told, how many texts went out
CASES = [
    ("sent", [ok], SENT, 1),
    ("opted out", [refused(400, 21610)], BLOCKED, 0),
    ("no mobile telephone", [refused(400, 21614)], BLOCKED, 0),
    ("no such number", [refused(400, 21211)], BLOCKED, 0),
    ("busy, then sent", [refused(429, 20429), ok], SENT, 1),
    ("broken, then sent", [refused(503, 20503), ok], SENT, 1),
    ("broken twice", [refused(500, 20500), refused(500, 20500)], FAILED, 0),
    ("not registered: asking again would not help", [refused(400, 30034)], FAILED, 0),
    ("wrong token", [refused(401, 20003)], FAILED, 0),
    ("no connection, then sent", [NotConnected(), ok], SENT, 1),
    ("no connection twice", [NotConnected(), NotConnected()], FAILED, 0),
    # It may have been sent: a second text would be one too many.
    ("no answer in time", [ReadTimeout()], FAILED, 0),
    ("a proxy's page", [lambda: Response(200, "<html>502 Bad Gateway</html>")], FAILED, 0),
]


@pytest.mark.parametrize(("answers", "outcome", "texts"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_every_answer_of_twilio(answers: list[Answer | Exception], outcome: str, texts: int) -> None:
    servers = TwilioServers(list(answers))
    assert TwilioTexting(SETTINGS, servers).send(TO, BODY) == outcome
    assert len(servers.sent) == texts
    assert servers.answers == [], "every answer was asked for"


def test_a_landline_gets_no_text() -> None:
    servers = TwilioServers(line_type="landline")
    assert TwilioTexting(SETTINGS, servers).send(TO, BODY) == BLOCKED


def test_the_messaging_service_sends_where_there_is_one() -> None:
    service = "MG" + "0" * 32
    servers = TwilioServers([ok])
    settings = Settings(account_sid=ACCOUNT, auth_tokens=("token",), messaging_service_sid=service)
    assert TwilioTexting(settings, servers).send(TO, BODY) == SENT
    assert servers.sent[0]["MessagingServiceSid"] == service


def test_a_caller_does_not_wait_for_ever() -> None:
    assert TwilioTexting(SETTINGS)._http.timeout == TIMEOUT


@pytest.mark.parametrize("missing", ["account_sid", "auth_tokens", "phone_number"])
def test_without_an_account_no_texts_are_offered(missing: str) -> None:
    import dataclasses

    empty: Any = () if missing == "auth_tokens" else ""
    assert texting_of(dataclasses.replace(SETTINGS, **{missing: empty})) is None
    assert texting_of(SETTINGS) is not None
