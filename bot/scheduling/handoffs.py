"""Handing appointments over to a partner's system: signed JSON over HTTPS, in order, until it has been taken.

The outbox is filled in the transaction that books, so nothing is lost while the partner is away. A hand-off keeps its
idempotency key through all its tries; a partner that answers twice, or late, takes it once.

What is sent (POST, application/json), and how it is signed:

    {"kind": "book" | "move" | "cancel", "appointment": id, "revision": 0, "code": "12345678", "starts_at":
     "2026-12-01T10:00:00-05:00", "minutes": 30, "place": clinic id, "language": "es", "help_with": "family",
     "contact": "+1212..." or null}
    Idempotency-Key: <id>          Hotline-Signature: t=<seconds>,v1=<hex of HMAC-SHA256 over "<t>.<body>">

2xx: taken; the JSON answer may say {"status": "confirmed"} or {"status": "declined"}. 409: declined. 4xx otherwise:
a fault of ours, tried again slowly and shown to staff. 5xx, 429, no answer: tried again.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import random
from collections.abc import Callable, Mapping
from typing import Any

import requests
import sqlalchemy as sa
import structlog

from bot.counting.counters import count
from bot.deadline import deadline
from bot.errors import DeadlineExceeded
from bot.scheduling.clinics import Visit
from bot.scheduling.contact import open_contact
from bot.scheduling.reminder_times import DECLINED_KIND
from bot.scheduling.tables import (
    BOOKED,
    CONFIRMED,
    DECLINED,
    PENDING,
    SENT,
    WAITING,
    Database,
    appointments,
    handoffs,
    reminders,
    skip_reminders,
)

log = structlog.get_logger()

TIMEOUT = (3, 10)  # seconds to connect, and between two pieces of the answer
MOST_SECONDS = 20.0  # of it all: an answer that drips would keep the reminders waiting
MOST_BYTES = 64 * 1024
# A try that nobody has marked after this was a worker's that is gone.
_CLAIM = 60
_FIRST_WAIT, _LONGEST_WAIT = 5, 15 * 60
_AT_ONCE = 50


def status_in(answer: bytes) -> str:
    """What a partner's 2xx means: DECLINED if it says so, else CONFIRMED."""
    try:
        status = json.loads(answer).get("status") if answer else None
    except (ValueError, AttributeError, RecursionError):
        status = None  # taken all the same: the partner has said 2xx
    return DECLINED if status == "declined" else CONFIRMED


class Handoffs:
    """What the worker does about hand-offs."""

    def __init__(
        self,
        database: Database,
        url: str,
        secret: str,
        private_keys: tuple[str, ...],
        clock: Callable[[], datetime.datetime],
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._url = url
        self._secret = secret.encode()
        self._keys = private_keys
        self._clock = clock
        self._stopping = stopping
        self._session = requests.Session()

    def deliver_due(self) -> int:
        """Try what is due, the oldest of each appointment first; how many were taken. Raises DeskUnavailable."""
        table = handoffs.c
        with self._database.reading() as connection:
            first = (
                sa.select(sa.func.min(table.number))
                .where(table.state == WAITING)
                .group_by(table.appointment)
                .scalar_subquery()
            )
            query = sa.select(table.number).where(table.number.in_(first), table.next_try_at <= self._now())
            waiting = [row.number for row in connection.execute(query.order_by(table.next_try_at).limit(_AT_ONCE))]
        return sum(self._deliver(number) for number in waiting if not self._stopping())

    def _deliver(self, number: int) -> bool:
        handoff = self._claim(number)
        if handoff is None:
            return False
        message = self._message(handoff)
        if handoff["contact"] is not None and message["contact"] is None:
            return self._later(handoff, "CONTACT_PRIVATE_KEY does not open the number")
        body = json.dumps(message, ensure_ascii=False).encode()
        try:
            with deadline(MOST_SECONDS):
                code, answer = self._post(body, handoff["id"])
        except requests.RequestException as error:
            return self._later(handoff, type(error).__name__)
        except DeadlineExceeded:
            return self._later(handoff, "answered too slowly")
        if code == 409:
            self._taken(handoff, DECLINED)
            return True
        if not 200 <= code < 300:
            return self._later(handoff, f"answered {code}")
        if len(answer) > MOST_BYTES:
            return self._later(handoff, "answered too much")
        self._taken(handoff, status_in(answer))
        return True

    def _post(self, body: bytes, key: str) -> tuple[int, bytes]:
        """The partner's answer: its status, and its body up to a byte too many."""
        headers = self._headers(key, body)
        with self._session.post(
            self._url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True
        ) as answer:
            read = b""
            for piece in answer.iter_content(4096):
                read += piece
                if len(read) > MOST_BYTES:
                    break
            return answer.status_code, read

    def _claim(self, number: int) -> Mapping[str, Any] | None:
        """Take a try for ourselves; None when another worker has it."""
        with self._database.writing() as connection:
            table, now = handoffs.c, self._now()
            mine = sa.and_(table.number == number, table.state == WAITING, table.next_try_at <= now)
            values = {"attempts": table.attempts + 1, "next_try_at": now + _CLAIM}
            if not connection.execute(handoffs.update().where(mine).values(**values)).rowcount:
                return None
            joined = handoffs.join(appointments, table.appointment == appointments.c.id)
            columns = [column for column in appointments.c if column.name not in {"id", "state"}]
            query = sa.select(table.id, table.number, table.appointment, table.kind, table.attempts, *columns)
            found: Mapping[str, Any] = (
                connection.execute(query.select_from(joined).where(table.number == number)).mappings().one()
            )
            return found

    def _message(self, handoff: Mapping[str, Any]) -> dict[str, Any]:
        visit = Visit(handoff["starts_at"], handoff["clinic"])
        sealed = handoff["contact"]
        return {
            "kind": handoff["kind"],
            "appointment": handoff["appointment"],
            "revision": handoff["revision"],
            "code": handoff["code"],
            "starts_at": visit.when.isoformat(),
            "minutes": handoff["minutes"],
            "place": visit.clinic,
            "language": handoff["language"],
            "help_with": handoff["help_with"],
            "contact": open_contact(sealed, handoff["appointment"], self._keys) if sealed else None,
        }

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        time = str(self._now())
        signature = hmac.new(self._secret, time.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "Hotline-Signature": f"t={time},v1={signature}",
        }

    def _taken(self, handoff: Mapping[str, Any], status: str) -> None:
        with self._database.writing() as connection:
            mine = sa.and_(handoffs.c.number == handoff["number"], handoffs.c.state == WAITING)
            done = handoffs.update().where(mine).values(state=SENT, why=None)
            if not connection.execute(done).rowcount:
                return
            # What was changed meanwhile is not what the partner has answered to: it still waits.
            this = sa.and_(
                appointments.c.id == handoff["appointment"],
                appointments.c.state == BOOKED,
                appointments.c.revision == handoff["revision"],
            )
            if handoff["kind"] == "cancel":
                return
            values: dict[str, Any] = {"partner": status}
            if status == DECLINED:
                values |= {"state": DECLINED, "seat": None, "changed_at": self._now()}
                skip_reminders(connection, handoff["appointment"])
                if handoff["contact"] is not None:
                    # Who wanted reminders is told, by the same way and once.
                    self._database.insert_if_free(connection, reminders, self._word_of_it(handoff))
            connection.execute(appointments.update().where(this).values(**values))
        count("hotline_handoffs", outcome=status)
        log.info("handoff", outcome=status, kind=handoff["kind"], attempts=handoff["attempts"])

    def _word_of_it(self, handoff: Mapping[str, Any]) -> dict[str, Any]:
        about = {"appointment": handoff["appointment"], "starts_at": handoff["starts_at"]}
        return {**about, "kind": DECLINED_KIND, "due_at": self._now(), "state": PENDING}

    def _later(self, handoff: Mapping[str, Any], why: str) -> bool:
        wait = min(_FIRST_WAIT * 2 ** (handoff["attempts"] - 1), _LONGEST_WAIT) * random.uniform(0.8, 1.2)
        with self._database.writing() as connection:
            mine = sa.and_(handoffs.c.number == handoff["number"], handoffs.c.state == WAITING)
            values = {"next_try_at": self._now() + int(wait), "why": why[:64]}
            connection.execute(handoffs.update().where(mine).values(**values))
        count("hotline_handoffs", outcome="later")
        log.warning("handoff", outcome="later", why=why, attempts=handoff["attempts"])
        return False

    def _now(self) -> int:
        return int(self._clock().timestamp())
