"""What a turn of a call costs beside a text: both asked of one server, in turn, in one run.

python -m tests.bench.calls
"""

from __future__ import annotations

import http.client
import secrets
import sys
import time
from collections.abc import Mapping
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from bot.staff.telephone import Telephone
from tests.bench import hotline_side, report
from tests.bench.load import Cost
from tests.bench.processes import cpu_seconds
from tests.bench.sentences import free_texts
from tests.bench.side import Message, new_sender

ROUNDS, COUNT = 3, 150
KEY_TEXT, KEY_CALL = "Menu answer by text", "Menu answer by key, in a call"
WORDS_TEXT, WORDS_CALL = "Question by text", "Question spoken, in a call"


class _Line:
    """Twilio's side of the calls: signed, each request on a connection of its own, the last one timed."""

    def __init__(self, side: hotline_side.HotlineSide) -> None:
        self._side = side
        self.seconds = 0.0

    def post(self, path: str, form: Mapping[str, str]) -> tuple[int, str, bytes]:
        url = f"http://127.0.0.1:{self._side.port}{path}"
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": RequestValidator(hotline_side.TOKEN).compute_signature(url, dict(form)),
        }
        body = urlencode(form)
        started = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self._side.port, timeout=60)
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        answer = response.status, response.headers["Content-Type"] or "", response.read()
        connection.close()
        self.seconds = time.perf_counter() - started
        return answer

    def get(self, path: str) -> tuple[int, str, bytes]:
        return 200, "audio/wav", b"-"


def main() -> int:
    """Measure, print, write. Returns the exit code."""
    costs = {name: Cost() for name in (KEY_TEXT, KEY_CALL, WORDS_TEXT, WORDS_CALL)}
    with hotline_side.serve() as side:
        _round(side, {name: Cost() for name in costs}, COUNT // 5)
        for number in range(ROUNDS):
            print(f"round {number + 1} of {ROUNDS}", flush=True)
            _round(side, costs, COUNT)
        failed = side.failures()
    table = ["| | CPU ms | wait p50, ms | wait p95, ms | unanswered |", "|---|---:|---:|---:|---:|"]
    for name, cost in costs.items():
        table.append(
            f"| {name} | {cost.cpu_ms:.1f} | {cost.wait_ms(50):.1f} | {cost.wait_ms(95):.1f} | {cost.unanswered} |"
        )
    keys = costs[KEY_CALL].wait_ms(95) / costs[KEY_TEXT].wait_ms(95)
    words = costs[WORDS_CALL].wait_ms(95) / costs[WORDS_TEXT].wait_ms(95)
    table.append(f"\np95 of a call's turn over a text's: {keys:.2f} by key, {words:.2f} by speech; {failed} failed.")
    print("\n".join(table))
    print(report.write("\n".join(table), "calls"))
    return 0


def _round(side: hotline_side.HotlineSide, costs: dict[str, Cost], count: int) -> None:
    """Texts and calls in turn, so that whatever else the machine does hits both."""
    texts = free_texts()
    for _ in range(count):
        sender = new_sender()
        side.send(side.request(Message(sender, "menu")))
        _text(side, costs[KEY_TEXT], Message(sender, "3"))
        _call(side, costs[KEY_CALL], "3")
        question = next(texts)
        sender = new_sender()
        side.send(side.request(Message(sender, "menu")))
        _text(side, costs[WORDS_TEXT], Message(sender, question))
        _call(side, costs[WORDS_CALL], question)


def _text(side: hotline_side.HotlineSide, cost: Cost, message: Message) -> None:
    request = side.request(message)
    before = cpu_seconds(side.process.pid)
    answer = side.send(request)
    cost.cpu += cpu_seconds(side.process.pid) - before
    cost.messages += 1
    cost.waits.append(answer.seconds)
    cost.unanswered += not side.is_answer(answer.body)


def _call(side: hotline_side.HotlineSide, cost: Cost, act: str) -> None:
    line = _Line(side)
    telephone = Telephone(line, f"+1500{secrets.randbelow(10**7):07d}")
    telephone.call()
    telephone.press("1")
    before = cpu_seconds(side.process.pid)
    telephone.act(act)
    cost.cpu += cpu_seconds(side.process.pid) - before
    cost.messages += 1
    cost.waits.append(line.seconds)
    cost.unanswered += not telephone.heard or bool(telephone.faults)


if __name__ == "__main__":
    sys.exit(main())
