"""Only Twilio may call: every request carries a signature over its address and its form."""

from __future__ import annotations

import functools
import hmac
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Request, abort, current_app, request
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from bot.counting.counters import count
from bot.settings import Settings
from webhooks.insiders import is_this_machine

View = TypeVar("View", bound=Callable[..., Any])


def signed_by_twilio(view: View) -> View:
    """Answer 403 to a request that is unsigned, altered, or of another account, before anything else happens."""

    @functools.wraps(view)
    def guarded(*arguments: Any, **names: Any) -> Any:
        if not is_signed(request, current_app.config["SETTINGS"]):
            count("hotline_signature_refusals", route=request.url_rule.rule if request.url_rule else "none")
            abort(403)
        return view(*arguments, **names)

    return guarded  # type: ignore[return-value]


def is_signed(request: Request, settings: Settings) -> bool:
    """Whether the request's signature fits one of our tokens.

    Without a token (development only) there is nothing to check: then only this machine is served, and not through a
    proxy, which would make the whole world look like this machine.
    """
    if not settings.auth_tokens:
        return not settings.production and is_this_machine(request)
    if settings.account_sid and not hmac.compare_digest(
        request.form.get("AccountSid", "").encode(), settings.account_sid.encode()
    ):
        return False
    signature = request.headers.get("X-Twilio-Signature", "")
    url = signed_url(request.environ, settings.public_url)
    # The form as it came: one value may stand twice, and query parameters are signed with the address instead.
    return any(_fits(token, url, request.form, signature) for token in settings.auth_tokens)


def signed_url(environ: Mapping[str, Any], public_url: str) -> str:
    """The address as Twilio signed it: our public one, then path and query exactly as sent.

    Flask's own `request.url` decodes the query and so breaks signatures over percent-encoded characters.
    """
    path = str(environ.get("RAW_URI") or "")
    if not path.startswith("/"):
        path = str(environ.get("PATH_INFO", "/"))
        query = str(environ.get("QUERY_STRING", ""))
        path += f"?{query}" if query else ""
    base = public_url or f"{environ.get('wsgi.url_scheme', 'http')}://{environ.get('HTTP_HOST', '')}"
    return base + path


def _fits(token: str, url: str, form: MultiDict[str, str], signature: str) -> bool:
    """Whether the signature is the token's, with the address as it is or, as Twilio may, with another port in it."""
    try:
        validator = RequestValidator(token)
        expected = validator.compute_signature(url, form)
        return hmac.compare_digest(expected.encode(), signature.encode()) or bool(
            signature and validator.validate(url, form, signature)
        )
    except (ValueError, TypeError, UnicodeError):
        return False
