"""GET /metrics: the counts of all processes of this machine, for Prometheus; not for the world."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, request

from bot.counting.shown import as_text
from bot.errors import DeskUnavailable
from bot.scheduling.backlog import levels_of
from webhooks.insiders import is_insider

metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics")
def show() -> Response:
    """What was counted, and how much work waits. Without the database the counts alone."""
    if not is_insider(request, current_app.config["SETTINGS"]):
        abort(403)
    hotline = current_app.config["HOTLINE"]
    levels: list[tuple[str, str, float]] = []
    if hotline.database is not None:
        try:
            levels = levels_of(hotline.database, int(hotline.content.clock().timestamp()))
        except DeskUnavailable:
            levels = []
    return Response(as_text(levels), content_type="text/plain; version=0.0.4; charset=utf-8")
