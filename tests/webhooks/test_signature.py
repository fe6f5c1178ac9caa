"""Signatures: Twilio's own vectors, and everything that may not pass."""

import base64
import hashlib
import hmac
from collections.abc import Iterable

import pytest
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from bot.settings import Settings
from webhooks.twilio_signature import is_signed

AC = "AC" + "0" * 32
SM = "SM" + "0" * 31 + "1"


def text_form(body: str) -> list[tuple[str, str]]:
    return [
        ("AccountSid", AC),
        ("From", "+15005550006"),
        ("To", "+15005550010"),
        ("MessageSid", SM),
        ("NumMedia", "0"),
        ("Body", body),
    ]


CALL = [
    ("Digits", "1234"),
    ("To", "+18005551212"),
    ("From", "+14158675309"),
    ("Caller", "+14158675309"),
    ("CallSid", "CA1234567890ABCDE"),
]
TWICE = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
ADDRESS = "https://mycompany.com/myapp.php?foo=1&bar=2"
# Address, form, signature, all under the token 12345: Twilio's documents and SDK tests, and our own for other scripts.
VECTORS = [
    (ADDRESS, CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    (ADDRESS, TWICE, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    ("https://example.org/sms", text_form("¿Dónde? ayuda"), "jEeX/WLM4rtzO9T3bvxvN/Hyu54="),
    ("https://example.org/sms", text_form("食物券"), "kO3T5zUbzIfhTcOLD9BifdqO1gs="),
    ("https://example.org/sms", text_form("کھانا"), "7BPl5b9whBl+97OcI23CGcWcYxw="),
    ("https://example.org/sms", text_form(""), "fHyaOQtbvF92wDC1id0T07iIdxw="),
    ("https://example.org/sms", text_form("a b+c&d=e%20"), "U7sW4Yz0wMNNABz/er9RKpWSUPM="),
]


def signed(
    url: str,
    form: Iterable[tuple[str, str]],
    signature: str | None,
    settings: Settings,
    raw_path: str | None = None,
    **environ: str,
) -> bool:
    """Whether a POST of `form` to `url` passes."""
    base, _, path = url.removeprefix("https://").partition("/")
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    app = Flask(__name__)
    with app.test_request_context(
        f"/{path}",
        method="POST",
        base_url=f"https://{base}",
        data=MultiDict(list(form)),
        headers=headers,
        environ_overrides={"RAW_URI": raw_path or f"/{path}", **environ},
    ):
        return is_signed(request, settings)


def with_token(url: str, *tokens: str) -> Settings:
    return Settings(auth_tokens=tokens or ("12345",), public_url="/".join(url.split("/")[:3]))


@pytest.mark.parametrize(("url", "form", "signature"), VECTORS)
def test_vector(url: str, form: list[tuple[str, str]], signature: str) -> None:
    assert signed(url, form, signature, with_token(url))


def independent_signature(url: str, form: list[tuple[str, str]], token: str) -> str:
    """The algorithm as documented, without Twilio's library."""
    text = url + "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


NAMES = st.text(alphabet="AZaz09_", min_size=1, max_size=8)
VALUES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.dictionaries(NAMES, VALUES, max_size=6), st.sampled_from(["", "?a=1", "?q=%E4%B8%AD%27%28", "?b=%20+"]))
def test_whatever_twilio_signs_passes(form: dict[str, str], query: str) -> None:
    url, fields = f"https://example.org/sms{query}", list(form.items())
    signature = independent_signature(url, fields, "12345")
    assert signed(url, fields, signature, with_token(url))


URL, GOOD_FORM, GOOD = VECTORS[2]
REFUSED = [
    ("no signature", URL, GOOD_FORM, None, with_token(URL)),
    ("an empty signature", URL, GOOD_FORM, "", with_token(URL)),
    ("another token", URL, GOOD_FORM, GOOD, with_token(URL, "54321")),
    ("an altered text", URL, text_form("¿Dónde? Ayuda"), GOOD, with_token(URL)),
    ("a field more", URL, [*GOOD_FORM, ("Extra", "1")], GOOD, with_token(URL)),
    ("a field less", URL, GOOD_FORM[1:], GOOD, with_token(URL)),
    ("another path", URL + "2", GOOD_FORM, GOOD, with_token(URL)),
    ("a query added", URL + "?a=1", GOOD_FORM, GOOD, with_token(URL)),
    ("another host", "https://example.com/sms", GOOD_FORM, GOOD, with_token("https://example.com/sms")),
    ("a signature that is no base64", URL, GOOD_FORM, "é" * 28, with_token(URL)),
    ("another account", URL, GOOD_FORM, GOOD, Settings(auth_tokens=("12345",), public_url=URL[:19], account_sid="AC1")),
    ("no token in production", URL, GOOD_FORM, GOOD, Settings(production=True)),
]


@pytest.mark.parametrize(
    ("url", "form", "signature", "settings"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_refused(url: str, form: list[tuple[str, str]], signature: str | None, settings: Settings) -> None:
    assert not signed(url, form, signature, settings)


def test_the_old_token_passes_while_it_is_replaced() -> None:
    assert signed(URL, GOOD_FORM, GOOD, with_token(URL, "new", "12345"))


def test_our_own_account_passes() -> None:
    assert signed(URL, GOOD_FORM, GOOD, Settings(auth_tokens=("12345",), public_url=URL[:19], account_sid=AC))


WITHOUT_TOKEN = [
    ({"REMOTE_ADDR": "127.0.0.1"}, True, "this machine"),
    ({"REMOTE_ADDR": "::1"}, True, "this machine, version 6"),
    ({"REMOTE_ADDR": "192.0.2.7"}, False, "another machine"),
    ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}, False, "through a proxy on this machine"),
    ({"REMOTE_ADDR": ""}, False, "nobody knows"),
]


@pytest.mark.parametrize(("environ", "passes", "because"), WITHOUT_TOKEN)
def test_without_a_token_only_this_machine_is_served(environ: dict[str, str], passes: bool, because: str) -> None:
    assert signed(URL, GOOD_FORM, None, Settings(), **environ) is passes, because
