"""Handing over to a partner that refuses, times out, fails or answers twice: each hand-off arrives once, in order."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa

from bot.content import Content
from bot.opening_hours import NEW_YORK
from bot.scheduling import handoffs as outbox
from bot.scheduling.clinics import Wish
from bot.scheduling.contact import new_private_key, public_key_of, seal_contact
from bot.scheduling.counter import Counter
from bot.scheduling.desk import BookingDesk
from bot.scheduling.handoffs import Handoffs
from bot.scheduling.tables import Database, handoffs, reminders

KEY = new_private_key()
SECRET = "a secret that we share with the partner"


@dataclass
class Partner:
    """A partner's system: checks the signature, takes each key once, and misbehaves as `plan` says."""

    plan: list[str] = field(default_factory=list)
    taken: dict[str, dict[str, object]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    requests: int = 0
    faults: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, key: str, signature: str, body: bytes) -> tuple[int, bytes]:
        self.requests += 1
        moment, _, digest = signature.partition(",")
        expected = hmac.new(
            SECRET.encode(), moment.removeprefix("t=").encode() + b"." + body, hashlib.sha256
        ).hexdigest()
        if not hmac.compare_digest(digest, f"v1={expected}"):
            self.faults.append("a signature that is not ours")
        behaviour = self.plan.pop(0) if self.plan else "takes"
        if behaviour in {"503", "404", "429"}:
            return int(behaviour), b"no"
        if key not in self.taken:
            self.taken[key] = json.loads(body)
            self.order.append(str(self.taken[key]["kind"]))
        if behaviour == "takes, but the answer is lost":
            return 0, b""
        if behaviour == "answers a letter at a time":
            return -30, b""
        if behaviour == "answers without end":
            return 200, b" " * 1_000_000
        if behaviour == "answers in brackets":
            return 200, b"[" * 50_000
        if behaviour == "409":
            return 409, b""
        if behaviour == "declines":
            return 200, b'{"status": "declined"}'
        return (200, b"not JSON") if behaviour == "answers nonsense" else (202, b'{"status": "confirmed"}')


@pytest.fixture
def partner() -> Iterator[Partner]:
    made = Partner()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state, answer = made.answer(self.headers["Idempotency-Key"], self.headers["Hotline-Signature"], body)
            if not state:
                self.connection.close()
                return
            if state < 0:
                for _ in range(-state):
                    with contextlib.suppress(OSError):
                        self.wfile.write(b"H")
                        time.sleep(0.1)
                self.connection.close()
                return
            self.send_response(state)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}/appointments"
    yield made
    server.shutdown()
    server.server_close()
    assert made.faults == []


@dataclass
class Scene:
    database: Database
    content: Content
    partner: Partner
    now: datetime.datetime = datetime.datetime(2026, 12, 7, 9, 0, tzinfo=NEW_YORK)

    def clock(self) -> datetime.datetime:
        return self.now

    @property
    def desk(self) -> BookingDesk:
        return BookingDesk(self.database, lambda: self.content.places, self.clock, hands_over=True)

    def worker(self) -> Handoffs:
        return Handoffs(self.database, self.partner.url, SECRET, (KEY,), self.clock)

    def book(self, person: str = "ana", which: int = 0) -> None:
        visit = self.desk.open_times(Wish("court", "bronx", "es")).visits[which]
        assert self.desk.hold(person, visit, Wish("court", "bronx", "es"))
        assert self.desk.book(person, lambda ident: seal_contact("+12125550101", ident, public_key_of(KEY)))

    def shown(self, person: str = "ana") -> object:
        """What the resident is told of the appointment."""
        return Counter(self.desk, person, "", "").act("action_my_appointment", {}, "en")["appointment"]

    def work(self, minutes: int) -> None:
        """Let the worker look every ten seconds."""
        for _ in range(minutes * 6):
            self.worker().deliver_due()
            self.now += datetime.timedelta(seconds=10)


@pytest.fixture
def scene(database: Database, content: Content, partner: Partner) -> Iterator[Scene]:
    clock = content.clock
    made = Scene(database, content, partner)
    content.clock = made.clock
    yield made
    content.clock = clock


def test_what_is_handed_over(scene: Scene) -> None:
    scene.book()
    assert scene.shown() == "waiting"
    scene.work(1)
    assert scene.shown() == "booked"
    (message,) = scene.partner.taken.values()
    assert {name: message[name] for name in ("kind", "starts_at", "minutes", "place", "language", "help_with")} == {
        "kind": "book",
        "starts_at": "2026-12-08T10:00:00-05:00",
        "minutes": 30,
        "place": "bronx_sample",
        "language": "es",
        "help_with": "court",
    }
    assert message["contact"] == "+12125550101"
    assert scene.partner.requests == 1


@pytest.mark.parametrize(
    "plan",
    [
        ["503"],
        ["503", "429", "404", "503"],
        ["takes, but the answer is lost"],
        ["takes, but the answer is lost", "503", "takes, but the answer is lost"],
        ["answers nonsense"],
        ["answers in brackets"],
        ["answers without end"],
        ["answers a letter at a time"],
    ],
)
def test_every_handoff_arrives_once(scene: Scene, plan: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_SECONDS", 1.0)
    scene.partner.plan = list(plan)
    scene.book()
    scene.work(1 if plan == ["answers nonsense"] else 5)
    assert scene.partner.order == ["book"]
    assert scene.shown() == "booked"
    assert scene.partner.plan == []


def test_a_partner_that_is_away_for_hours_loses_nothing(scene: Scene) -> None:
    url, scene.partner.url = scene.partner.url, "http://127.0.0.1:9/nobody"
    for person in ("ana", "ben"):
        scene.book(person)
    scene.work(3 * 60)
    assert scene.shown() == scene.shown("ben") == "waiting"
    with scene.database.reading() as connection:
        tries = [row.attempts for row in connection.execute(sa.select(handoffs))]
    assert all(10 < count < 30 for count in tries), "it is asked less and less often"
    scene.partner.url = url
    scene.work(20)
    assert scene.partner.order == ["book", "book"]
    assert scene.shown() == scene.shown("ben") == "booked"


def test_without_the_key_nothing_is_handed_over_without_its_number(scene: Scene) -> None:
    scene.book()
    wrong = Handoffs(scene.database, scene.partner.url, SECRET, (new_private_key(),), scene.clock)
    assert wrong.deliver_due() == 0
    assert scene.partner.requests == 0
    scene.work(1)
    assert scene.partner.order == ["book"]


def test_changes_arrive_in_their_order(scene: Scene) -> None:
    scene.partner.plan = ["503", "503", "503"]
    scene.book()
    scene.book(which=1)
    scene.desk.cancel("ana")
    scene.work(10)
    assert scene.partner.order == ["book", "move", "cancel"]


def test_an_old_answer_does_not_confirm_a_new_time(scene: Scene) -> None:
    scene.book()
    scene.worker().deliver_due()
    assert scene.shown() == "booked"
    scene.book(which=1)
    assert scene.shown() == "waiting"


@pytest.mark.parametrize("how", ["409", "declines"])
def test_a_declined_time_is_told_and_free_again(scene: Scene, how: str) -> None:
    visit = scene.desk.open_times(Wish("court", "bronx", "es")).visits[0]
    scene.partner.plan = [how]
    scene.book()
    scene.work(1)
    assert scene.shown() == "declined"
    assert scene.desk.hold("ben", visit, Wish())
    with scene.database.reading() as connection:
        told = [(row.kind, row.state) for row in connection.execute(sa.select(reminders).order_by(reminders.c.id))]
    assert told == [("day", "skipped"), ("hours", "skipped"), ("declined", "pending")], "the resident is told by text"
    scene.book(which=1)
    assert scene.shown() == "waiting", "the resident has chosen another time"


def test_a_partner_that_never_answers_in_time(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "TIMEOUT", (0.5, 0.2))
    slow = threading.Event()
    answer = scene.partner.answer

    def late(key: str, signature: str, body: bytes) -> tuple[int, bytes]:
        found = answer(key, signature, body)
        slow.wait(0.5)
        return found

    scene.partner.answer = late  # type: ignore[method-assign]
    scene.book()
    scene.worker().deliver_due()
    assert scene.shown() == "waiting"
    slow.set()
    scene.work(2)
    assert scene.partner.order == ["book"]
    assert scene.shown() == "booked"


def test_two_workers_at_once_hand_over_once(scene: Scene) -> None:
    for person in ("ana", "ben"):
        scene.book(person)
    workers = [threading.Thread(target=scene.worker().deliver_due) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert scene.partner.requests == 2
