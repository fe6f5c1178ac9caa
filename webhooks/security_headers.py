"""Headers on every response: nothing is guessed, framed, kept in a cache or told to another site."""

from __future__ import annotations

from flask import Flask, Response

from bot.settings import Settings

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
_A_YEAR = 365 * 24 * 3600


def add_security_headers(app: Flask, settings: Settings) -> None:
    """What a route has set itself stays: sounds and calendars may be kept."""
    headers = dict(HEADERS)
    if settings.public_url.startswith("https://"):
        # Over plain http browsers have to ignore it.
        headers["Strict-Transport-Security"] = f"max-age={_A_YEAR}"

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response
