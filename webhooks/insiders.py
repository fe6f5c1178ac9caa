"""Who may see how the hotline does: this machine, and whoever has the token. Everybody else sees yes or no.

The address is the peer's own. `X-Forwarded-For` is never believed: that it is there at all says that the request came
from outside, through a proxy that stands on this machine or near it.
"""

from __future__ import annotations

import hmac
import ipaddress

from flask import Request

from bot.settings import Settings

_SCHEME = "Bearer "


def is_insider(request: Request, settings: Settings) -> bool:
    """Whether a request may see numbers and what is wrong."""
    if settings.metrics_token:
        given = request.headers.get("Authorization", "")
        wanted = _SCHEME + settings.metrics_token
        return hmac.compare_digest(given.encode(), wanted.encode())
    return is_this_machine(request)


def is_this_machine(request: Request) -> bool:
    """Whether a request was made on this machine and not through a proxy, which would make the whole world look so."""
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip")):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
