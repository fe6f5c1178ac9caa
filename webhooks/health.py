"""GET /healthz: the process lives. GET /readyz: it can answer, and remembers."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify

from bot.errors import DeskUnavailable, MemoryUnavailable

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> str:
    """The process lives."""
    return "ok\n"


@health.get("/readyz")
def ready() -> tuple[Response, int]:
    """200 when Redis and the database answer, else 503 and what is wrong.

    The model is loaded, or the process had not started.
    """
    hotline = current_app.config["HOTLINE"]
    try:
        hotline.memory.ping()
        redis = "ok"
    except MemoryUnavailable:
        redis = "does not answer: topics are still answered, conversations are not remembered"
    desk = "ok"
    if hotline.database is not None:
        try:
            with hotline.database.reading():
                pass
        except DeskUnavailable:
            desk = "does not answer: no appointments are made, residents are told whom to call"
    body = {"model": "ok", "redis": redis, "appointments": desk, "languages": list(hotline.content.languages)}
    return jsonify(body), 200 if redis == desk == "ok" else 503
