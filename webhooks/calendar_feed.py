"""GET /calendar/<place>/<token>.ics: the appointments of a place, for the calendar programs of its staff."""

from __future__ import annotations

import time

from flask import Blueprint, Response, abort, current_app, request

from bot.errors import DeskUnavailable

calendar_feed = Blueprint("calendar_feed", __name__)


@calendar_feed.get("/calendar/<clinic>/<token>.ics")
def show(clinic: str, token: str) -> Response:
    """Who has the address may read it. A wrong one looks like a place that does not exist."""
    hotline = current_app.config["HOTLINE"]
    try:
        data = hotline.calendar(clinic, token, int(time.time()))
    except DeskUnavailable:
        abort(503)
    if data is None:
        abort(404)
    response = Response(data, mimetype="text/calendar")
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["Content-Disposition"] = f'inline; filename="{clinic}.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    response.make_conditional(request)
    return response
