"""Callers who want the answer as a text while Twilio's REST interface fails: each turn of a call is answered."""

from __future__ import annotations

import asyncio
import http.client
import time
from collections.abc import Mapping
from urllib.parse import urlencode

from bot.content import Content
from bot.staff.telephone import Telephone
from bot.wording import phrase_text
from tests.faults.crowd import Findings
from tests.faults.texting_server import FAILURES, OK, TextingServer
from tests.traffic.residents import new_number
from tests.traffic.twilio_side import PATIENCE, signature_of


class _Line:
    """Twilio's side of a call: signed, patient for fifteen seconds."""

    def __init__(self, port: int, found: Findings) -> None:
        self._port = port
        self._found = found

    def post(self, path: str, form: Mapping[str, str]) -> tuple[int, str, bytes]:
        url = f"http://127.0.0.1:{self._port}{path}"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        headers["X-Twilio-Signature"] = signature_of(url, dict(form))
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        connection.request("POST", path, urlencode(form), headers)
        response = connection.getresponse()
        answer = response.status, response.headers["Content-Type"] or "", response.read()
        connection.close()
        self._found.longest = max(self._found.longest, time.monotonic() - started)
        self._found.counts["texts"] += 1
        return answer

    def get(self, path: str) -> tuple[int, str, bytes]:
        return 200, "audio/wav", b"-"


async def call_while_texting_fails(port: int, texting: TextingServer, content: Content, calls: int) -> Findings:
    """So many calls in each way to fail, then in none."""
    found = Findings()
    for mode in (*FAILURES, OK):
        texting.mode = mode
        await asyncio.gather(*(_one_call(port, texting, content, found) for _ in range(calls)))
    return found


async def _one_call(port: int, texting: TextingServer, content: Content, found: Findings) -> None:
    number, mode = new_number(), texting.mode
    telephone = Telephone(_Line(port, found), number)
    told = "text_sent" if mode == OK else "text_failed"
    for act in ("", "1", "they are knocking", "7"):
        await asyncio.to_thread(telephone.act if act else telephone.call, *([act] if act else []))
    heard = " ".join(sound.text for sound in telephone.heard)
    wanted = phrase_text(content, told, "en")
    for fault in telephone.faults:
        found.fault("unanswered", f"{mode}: {fault}")
    if wanted not in heard:
        found.fault("wrong", f"{mode}: {wanted!r} is not in {heard[:120]!r}")
    found.counts["due" if mode == OK else "help"] += 1
    if texting.sent.count(number) != (mode == OK):
        found.fault("texts", f"{mode}: {texting.sent.count(number)} texts went out")
