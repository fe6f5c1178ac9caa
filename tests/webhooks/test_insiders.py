"""Who sees numbers and what is wrong, and who does not."""

from __future__ import annotations

import pytest
from flask import Flask, request

from bot.settings import Settings
from webhooks.insiders import is_insider

TOKEN = "t" * 32
LOCAL = {"REMOTE_ADDR": "127.0.0.1"}
BEARER = {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}
# token of the settings, what the request brings, whether it is let in
REQUESTS = [
    ("this machine", "", LOCAL, True),
    ("this machine, version 6", "", {"REMOTE_ADDR": "::1"}, True),
    ("a neighbour", "", {"REMOTE_ADDR": "10.0.0.7"}, False),
    ("the world", "", {"REMOTE_ADDR": "192.0.2.7"}, False),
    ("the world through a proxy here", "", {**LOCAL, "HTTP_X_FORWARDED_FOR": "192.0.2.7"}, False),
    ("the world that says it is here", "", {"REMOTE_ADDR": "192.0.2.7", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, False),
    ("an old proxy", "", {**LOCAL, "HTTP_FORWARDED": "for=192.0.2.7"}, False),
    ("nobody knows", "", {"REMOTE_ADDR": ""}, False),
    ("a token where none is set", "", {"REMOTE_ADDR": "192.0.2.7", **BEARER}, False),
    ("an empty token where none is set", "", {"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer "}, False),
    ("the token", TOKEN, {"REMOTE_ADDR": "192.0.2.7", **BEARER}, True),
    ("the token through a proxy", TOKEN, {**LOCAL, **BEARER, "HTTP_X_FORWARDED_FOR": "192.0.2.7"}, True),
    ("another token", TOKEN, {**LOCAL, "HTTP_AUTHORIZATION": f"Bearer {TOKEN}x"}, False),
    ("no scheme", TOKEN, {**LOCAL, "HTTP_AUTHORIZATION": TOKEN}, False),
    ("this machine without the token", TOKEN, LOCAL, False),
    ("no letters we know", TOKEN, {**LOCAL, "HTTP_AUTHORIZATION": "Bearer \xe9"}, False),
]


@pytest.mark.parametrize(
    ("token", "environ", "let_in"), [row[1:] for row in REQUESTS], ids=[row[0] for row in REQUESTS]
)
def test_insider(token: str, environ: dict[str, str], let_in: bool) -> None:
    with Flask(__name__).test_request_context("/metrics", environ_overrides=environ):
        assert is_insider(request, Settings(metrics_token=token)) is let_in
