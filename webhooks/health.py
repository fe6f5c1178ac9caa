"""GET /healthz: the process lives. GET /readyz: it can answer, and remembers; if not, what is wrong and what to do."""

from __future__ import annotations

import dataclasses
import time

from flask import Blueprint, Response, current_app, jsonify, request

from bot.readiness import Finding, Readiness
from webhooks.insiders import is_insider

health = Blueprint("health", __name__)

# Whoever asks again within so many seconds gets the same answer: a look at a Redis that hangs takes a second.
_GOOD_FOR = 2.0


class LastLook:
    """The findings of a moment ago."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness
        self._at = -_GOOD_FOR
        self._findings: list[Finding] = []

    def findings(self) -> list[Finding]:
        """What was found less than two seconds ago, or is found now."""
        if time.monotonic() - self._at >= _GOOD_FOR:
            self._findings = self._readiness.findings()
            self._at = time.monotonic()
        return self._findings


@health.get("/healthz")
def alive() -> str:
    """The process lives."""
    return "ok\n"


@health.get("/readyz")
def ready() -> tuple[Response, int]:
    """200 when all that is needed holds, else 503. What is wrong is told to insiders, others get yes or no."""
    findings = current_app.config["LAST_LOOK"].findings()
    serves = all(finding.ok for finding in findings if finding.needed)
    body: dict[str, object] = {"ready": serves}
    if is_insider(request, current_app.config["SETTINGS"]):
        body["findings"] = [dataclasses.asdict(finding) for finding in findings]
        body["languages"] = list(current_app.config["HOTLINE"].content.languages)
    return jsonify(body), 200 if serves else 503
