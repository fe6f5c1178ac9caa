"""Reminders: once each, whatever happens to the worker; never at night, never to who opted out, in neutral words."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import signal
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from twilio.http import HttpClient
from twilio.http.response import Response

from bot.caller_ids import sender_id
from bot.content import Content
from bot.flow_engine.state import DialogueState
from bot.opening_hours import NEW_YORK
from bot.scheduling.backlog import levels_of
from bot.scheduling.clinics import Visit, Wish
from bot.scheduling.contact import new_private_key, public_key_of, seal_contact
from bot.scheduling.desk import BookingDesk
from bot.scheduling.reminders import CLAIM_SECONDS, Reminders
from bot.scheduling.tables import Database, appointments, reminders
from bot.session_state import Memory
from bot.settings import Settings
from tests.conftest import SECRET, RedisServer
from webhooks.twilio_rest import TwilioTexting

KEY = new_private_key()
SETTINGS = Settings(
    secret_keys=(SECRET,), account_sid="AC" + "0" * 32, auth_tokens=("token",), phone_number="+15005550010"
)
BOOKED_AT = datetime.datetime(2026, 12, 7, 9, 0, tzinfo=NEW_YORK)
DUE = datetime.datetime(2026, 12, 7, 10, 0, tzinfo=NEW_YORK)  # a day before the first free time


class Network(HttpClient):
    """Twilio's side of REST, strict. What it has sent stands in a file, which outlives a killed worker."""

    def __init__(self, file: Path, clock: Callable[[], datetime.datetime]) -> None:
        self.file, self._clock = file, clock
        self.fail: list[int] = []  # HTTP states to answer with first
        self.lose_answer = 0  # texts that go out though their answer is lost
        self.before: Callable[[], None] = lambda: None

    @property
    def sent(self) -> list[dict[str, str]]:
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return [json.loads(line) for line in lines]

    def request(self, method: str, url: str, params: Any = None, data: Any = None, **rest: Any) -> Response:
        self.before()
        path = urllib.parse.urlsplit(url).path
        if "PhoneNumbers" in path:
            assert method == "GET"
            return Response(200, json.dumps({"line_type_intelligence": {"type": "mobile"}}))
        assert path == f"/2010-04-01/Accounts/{SETTINGS.account_sid}/Messages.json"
        assert rest["auth"] == (SETTINGS.account_sid, "token")
        if method == "GET":
            found = [message for message in reversed(self.sent) if message["to"] == params["To"]]
            return Response(200, json.dumps({"messages": found, "next_page_uri": None, "page": 0}))
        assert set(data) == {"To", "Body", "From"}
        assert data["From"] == SETTINGS.phone_number
        assert data["To"].startswith("+1")
        if self.fail:
            state = self.fail.pop(0)
            return Response(
                state, json.dumps({"code": 21610 if state == 400 else 20500, "message": "no", "status": state})
            )
        created = format_datetime(self._clock().astimezone(datetime.timezone.utc))
        message = {
            "to": data["To"],
            "body": data["Body"],
            "direction": "outbound-api",
            "date_created": created,
            "sid": "SM1",
        }
        with self.file.open("a") as file:
            file.write(json.dumps(message) + "\n")
        self.before()
        if self.lose_answer:
            self.lose_answer -= 1
            from requests.exceptions import ReadTimeout

            raise ReadTimeout
        return Response(201, json.dumps(message))


@dataclass
class Scene:
    database: Database
    memory: Memory
    content: Content
    network: Network
    now: datetime.datetime

    def clock(self) -> datetime.datetime:
        return self.now

    def worker(self) -> Reminders:
        texting = TwilioTexting(SETTINGS, http=self.network)
        return Reminders(self.database, self.memory, self.content, texting, (KEY,), self.clock)

    def at(self, time: str) -> None:
        self.now = datetime.datetime.fromisoformat(time).replace(tzinfo=NEW_YORK)
        self.content.clock = self.clock

    def book(self, number: str, language: str = "en") -> Visit:
        desk = BookingDesk(self.database, lambda: self.content.places, self.clock)
        person = sender_id("sms", number, self.memory.hash_key)
        visit = desk.open_times(Wish(borough="bronx", language=language)).visits[0]
        assert desk.hold(person, visit, Wish(language=language))
        assert desk.book(person, lambda ident: seal_contact(number, ident, public_key_of(KEY)))
        return visit

    def states(self) -> list[str]:
        with self.database.reading() as connection:
            return [row.state for row in connection.execute(sa.select(reminders).order_by(reminders.c.due_at))]


@pytest.fixture
def scene(database: Database, redis_server: RedisServer, content: Content, tmp_path: Path) -> Iterator[Scene]:
    memory = Memory(redis_server.url, (SECRET,))
    memory._answer(lambda server: server.client.flushdb())
    clock = content.clock
    made = Scene(database, memory, content, Network(tmp_path / "network", lambda: made.now), BOOKED_AT)
    content.clock = made.clock
    yield made
    content.clock = clock


def test_the_day_before_and_two_hours_before(scene: Scene) -> None:
    visit = scene.book("+12125550101")
    assert f"{visit.when:%a %H:%M}" == "Tue 10:00"
    for time, count in (
        ("12-07 09:59", 0),
        ("12-07 10:00", 1),
        ("12-07 11:00", 1),
        ("12-08 07:59", 1),
        ("12-08 08:00", 2),
    ):
        scene.at(f"2026-{time}")
        scene.worker().send_due()
        assert len(scene.network.sent) == count, time
    assert scene.states() == ["sent", "sent"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "Hello. A reminder: Tue, Dec 8, 10:00 AM. Will you come?\n1 I will come\n2 Another time\n3 I cannot come",
        ),
        ("es", "Hola. Un recordatorio: mar, 8 dic, 10:00. ¿Va a ir?\n1 Voy a ir\n2 Otra hora\n3 No puedo ir"),
    ],
)
def test_its_words_give_nothing_away_and_it_can_be_answered(scene: Scene, language: str, text: str) -> None:
    visit = scene.book("+12125550101", language)
    scene.now = DUE
    scene.worker().send_due()
    assert [message["body"] for message in scene.network.sent] == [text]
    state = DialogueState.from_json(scene.memory.load(sender_id("sms", "+12125550101", scene.memory.hash_key)))
    assert state.frames[-1] == ["appointment_reminder", "reminder"]
    assert state.slots["visit"] == visit.key
    assert "+1212555" not in str(state)


def test_not_at_night_and_not_when_it_is_too_late(scene: Scene) -> None:
    scene.book("+12125550101")
    scene.at("2026-12-07 22:00")
    assert scene.worker().send_due() == 0
    scene.at("2026-12-08 09:55")
    assert scene.worker().send_due() == 0
    assert scene.network.sent == []
    assert scene.states() == ["skipped", "skipped"]


@pytest.mark.parametrize("how", ["opted out here", "opted out there", "cancelled", "erased", "moved"])
def test_not_to_who_does_not_want_it(scene: Scene, how: str) -> None:
    scene.book("+12125550101")
    person = sender_id("sms", "+12125550101", scene.memory.hash_key)
    desk = BookingDesk(scene.database, lambda: scene.content.places, scene.clock)
    if how == "opted out here":
        desk.opt(person, out=True)
    elif how == "opted out there":
        scene.network.fail = [400]
    elif how == "cancelled":
        desk.cancel(person)
    elif how == "erased":
        desk.erase(person)
    else:
        desk.hold(person, desk.open_times(Wish(borough="bronx")).visits[-1], Wish())
        desk.book(person, None)
    scene.now = DUE
    scene.worker().send_due()
    assert scene.network.sent == []
    assert set(scene.states()) <= {"skipped", "pending"}


def test_a_worker_without_the_right_key_throws_nothing_away(scene: Scene) -> None:
    scene.book("+12125550101")
    scene.now = DUE
    texting = TwilioTexting(SETTINGS, http=scene.network)
    wrong = Reminders(scene.database, scene.memory, scene.content, texting, (new_private_key(),), scene.clock)
    assert wrong.send_due() == 0
    assert scene.states() == ["pending", "pending"]
    assert scene.worker().send_due() == 1


def test_in_again_after_out(scene: Scene) -> None:
    scene.book("+12125550101")
    person = sender_id("sms", "+12125550101", scene.memory.hash_key)
    desk = BookingDesk(scene.database, lambda: scene.content.places, scene.clock)
    desk.opt(person, out=True)
    desk.opt(person, out=False)
    scene.now = DUE
    scene.worker().send_due()
    assert len(scene.network.sent) == 1


def test_what_the_network_refuses_is_tried_again_and_what_it_swallowed_is_not(scene: Scene) -> None:
    scene.book("+12125550101")
    scene.network.fail = [503, 503]
    scene.now = DUE
    scene.worker().send_due()
    assert scene.network.sent == []
    scene.now += datetime.timedelta(seconds=CLAIM_SECONDS)
    scene.network.lose_answer = 1
    scene.worker().send_due()
    assert len(scene.network.sent) == 1, "it went out, but nobody said so"
    for _ in range(3):
        scene.now += datetime.timedelta(seconds=CLAIM_SECONDS)
        scene.worker().send_due()
    assert len(scene.network.sent) == 1
    assert scene.states()[0] == "sent"


def test_a_time_that_a_partner_declined_is_told_once(scene: Scene) -> None:
    visit = scene.book("+12125550101")
    with scene.database.writing() as connection:
        connection.execute(appointments.update().values(state="declined", seat=None))
        connection.execute(reminders.delete())
        (ident,) = connection.execute(sa.select(appointments.c.id)).one()
        row = {"appointment": ident, "kind": "declined", "starts_at": visit.starts_at, "state": "pending"}
        connection.execute(reminders.insert().values(**row, due_at=int(DUE.timestamp())))
    scene.now = DUE
    scene.worker().send_due()
    scene.worker().send_due()
    (message,) = scene.network.sent
    assert message["body"].startswith("Hello. Tue, Dec 8, 10:00 AM is not possible after all.")


def test_two_workers_at_once_send_once(scene: Scene) -> None:
    for number in range(8):
        scene.now = BOOKED_AT
        scene.book(f"+1212555{number:04d}")
    scene.at("2026-12-07 20:00")
    children = [_forked(scene, lambda: scene.worker().send_due()) for _ in range(3)]
    for child in children:
        os.waitpid(child, 0)
    while scene.worker().send_due():
        pass
    to = [message["to"] for message in scene.network.sent]
    assert len(to) == len(set(to))
    assert len(to) == scene.states().count("sent") > 0


def test_a_worker_killed_at_any_moment_sends_none_twice_and_loses_none(scene: Scene) -> None:
    """SIGKILL before every statement to the database and before and after every word with the network, one by one."""
    moment = 0
    survived = False
    while not survived:
        moment += 1
        number = f"+1212666{moment:04d}"
        scene.now = BOOKED_AT
        with scene.database.writing() as connection:
            connection.execute(sa.text("delete from appointments"))
            connection.execute(sa.text("delete from reminders"))
        scene.book(number)
        scene.now = DUE
        child = _forked(scene, lambda last=moment: _work_until(scene, last))
        _, status = os.waitpid(child, 0)
        survived = not os.WIFSIGNALED(status)
        assert survived or os.WTERMSIG(status) == signal.SIGKILL
        # The next worker comes when the claim of the dead one, and its lock, are over.
        scene.memory._answer(lambda server: server.client.flushdb())
        for _ in range(3):
            scene.now += datetime.timedelta(seconds=CLAIM_SECONDS)
            scene.worker().send_due()
        sent = [message for message in scene.network.sent if message["to"] == number]
        assert len(sent) == 1, f"killed at moment {moment}: sent {len(sent)} times"
        assert scene.states()[0] == "sent"
    assert moment > 8, "there are more moments than that"


def _work_until(scene: Scene, last: int) -> None:
    """Work, and die at the last moment that is counted."""
    moments = 0

    def count(*_: object) -> None:
        nonlocal moments
        moments += 1
        if moments == last:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(scene.database.engine, "before_cursor_execute", count)
    event.listen(scene.database.engine, "commit", count)
    scene.network.before = count
    scene.worker().send_due()


def _forked(scene: Scene, work: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        scene.database.forget_connections()
        with contextlib.suppress(BaseException):
            work()
            os._exit(0)
        os._exit(1)
    return child


def test_a_worker_that_is_to_stop_finishes_one_and_begins_no_other(scene: Scene) -> None:
    for number in ("+12125550101", "+12125550102"):
        scene.book(number)
    scene.now = DUE
    texting = TwilioTexting(SETTINGS, http=scene.network)
    stopping = lambda: bool(scene.network.sent)  # noqa: E731
    worker = Reminders(scene.database, scene.memory, scene.content, texting, (KEY,), scene.clock, stopping)
    assert worker.send_due() == 1
    assert sorted(scene.states()) == ["pending", "pending", "pending", "sent"]
    scene.worker().send_due()
    assert len({message["to"] for message in scene.network.sent}) == 2


def test_what_waits_is_told_to_whoever_watches(scene: Scene) -> None:
    def levels() -> dict[str, float]:
        return {name: value for name, _, value in levels_of(scene.database, int(scene.now.timestamp()))}

    scene.book("+12125550101")
    assert set(levels().values()) == {0}
    scene.now = DUE + datetime.timedelta(minutes=3)
    waiting = levels()
    assert (waiting["hotline_reminders_due"], waiting["hotline_reminders_late_seconds"]) == (1, 180)
    scene.network.lose_answer = 1
    scene.worker().send_due()
    scene.now += datetime.timedelta(seconds=2 * CLAIM_SECONDS)
    assert levels()["hotline_reminders_unsure"] == 1
    scene.worker().send_due()
    assert set(levels().values()) == {0}
