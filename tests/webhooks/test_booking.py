"""Two hundred residents race for twenty seats, by signed requests and four web processes; then what is kept.

On SQLite and on PostgreSQL.
"""

from __future__ import annotations

import datetime
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa
import vobject

from bot.caller_ids import keyed_hash
from bot.content import Content
from bot.opening_hours import NEW_YORK
from bot.scheduling.contact import new_private_key, public_key_of
from bot.scheduling.reminders import Reminders
from bot.scheduling.tables import Database, appointments, metadata, reminders
from bot.session_state import Memory
from bot.settings import PROJECT
from tests.conftest import SECRET, RedisServer, WebServer, serve
from tests.project_copy import ProjectCopy, copy_project
from tests.scheduling.test_reminders import SETTINGS as TEXTING
from tests.scheduling.test_reminders import Network
from tests.until import until
from tests.webhooks.test_server import new_number, post
from webhooks.twilio_rest import TwilioTexting

pytestmark = pytest.mark.engine

RESIDENTS, SEATS = 200, 20
KEY = new_private_key()


@dataclass
class Office:
    server: WebServer
    database: Database
    project: ProjectCopy
    redis: RedisServer


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """The hotline with one place that has twenty seats at a time."""
    folder = tmp_path_factory.mktemp("office")
    project = copy_project(folder / "project", redis_server.url)
    project.edit(
        "flows/clinics.yml",
        "minutes: 30, capacity: 2}\n    source: A sample",
        f"minutes: 30, capacity: {SEATS}}}\n    source: A sample",
    )
    url = f"sqlite:///{folder / 'appointments.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    database = Database(url)
    database.migrate()
    with database.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    told = {
        **project.environment,
        "DATABASE_URL": url,
        # The web process has the public key alone.
        "CONTACT_PUBLIC_KEY": public_key_of(KEY),
        "WEB_CONCURRENCY": "4",
    }
    project.environment |= {"DATABASE_URL": url, "CONTACT_PRIVATE_KEY": KEY}
    with serve(told, project.folder, folder / "log") as server:
        yield Office(server, database, project, redis_server)
    database.engine.dispose()


def say(office: Office, number: str, *texts: str) -> str:
    """Send texts one after the other; the last reply."""
    reply = ""
    for text in texts:
        reply = post(office.server, text, number).text or ""
    return reply


def code_in(reply: str) -> str:
    """The code of an appointment, as it is told."""
    found = re.search(r"\d{4} \d{4}", reply)
    assert found, reply
    return found[0]


def test_two_hundred_race_for_twenty_seats(office: Office) -> None:
    numbers = [new_number() for _ in range(RESIDENTS)]
    with ThreadPoolExecutor(16) as pool:
        # The Bronx has one place; everybody is offered the same first time.
        asked = list(pool.map(lambda number: say(office, number, "i need an appointment", "1", "1", "2"), numbers))
        assert len({re.search(r"1 (.*)", reply)[1] for reply in asked}) == 1  # type: ignore[index]
        chosen = list(pool.map(lambda number: say(office, number, "1"), numbers))
        held = [number for number, reply in zip(numbers, chosen) if "is yours for 10 minutes" in reply]
        late = [reply for reply in chosen if "someone just took that time" in reply]
        assert len(held) == SEATS
        assert len(late) == RESIDENTS - SEATS
        assert all(re.search(r"\n1 \w{3}, \w{3} \d+, .*Bronx help office", reply) for reply in late), "offered others"
        booked = list(pool.map(lambda number: say(office, number, "1"), held))
    codes = {re.search(r"Your code is (\d{4} \d{4})", reply)[1] for reply in booked}  # type: ignore[index]
    assert len(codes) == SEATS
    with office.database.reading() as connection:
        rows = connection.execute(sa.select(appointments).where(appointments.c.state == "booked")).all()
    assert len(rows) == SEATS
    assert len({(row.clinic, row.starts_at) for row in rows}) == 1
    assert sorted(row.seat for row in rows) == list(range(1, SEATS + 1))
    assert len({row.person for row in rows}) == SEATS


def test_nothing_that_is_kept_leads_to_anybody(office: Office) -> None:
    """Every key in Redis and every column of the database stands in docs/data-map.md; no number stands in clear."""
    number = new_number()
    digits = number.removeprefix("+")
    say(office, number, "i need an appointment", "1", "1", "2", "1", "1")
    say(office, new_number(), "español")
    page = (PROJECT / "docs" / "data-map.md").read_text()
    documented = {re.sub(r"<.*", "", name) for name in re.findall(r"`(hotline:[^`]*)`", page)}
    server = redis.Redis.from_url(office.redis.url)
    everything = bytearray()
    for key in server.scan_iter("*", count=1000):
        kind = ":".join(key.decode().split(":")[:2])
        assert any(kind == name.rstrip(":") for name in documented), f"{kind} is not on the page"
        kept = server.dump(key) or b""
        everything += key + kept
        if kind in {"hotline:talk", "hotline:language", "hotline:message", "hotline:rate", "hotline:callback"}:
            assert 0 < server.ttl(key) <= 90 * 24 * 3600, kind
    columns = set(re.findall(r"^\| `(\w+\.\w+)` \|", page, re.MULTILINE))
    inspector = sa.inspect(office.database.engine)
    found = {
        f"{table}.{column['name']}" for table in inspector.get_table_names() for column in inspector.get_columns(table)
    }
    assert found == columns
    with office.database.reading() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                everything += b"".join(
                    bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode() for value in row
                )
    everything += office.server.log.read_bytes()
    for encoded in (
        digits,
        digits[1:],
        digits[::-1],
        digits.encode().hex(),
        f"{digits[1:4]}-{digits[4:7]}-{digits[7:]}",
    ):
        assert encoded.encode() not in everything
    assert digits.encode("utf-16-le") not in everything


def test_erasing_by_text(office: Office) -> None:
    number = new_number()
    code = code_in(say(office, number, "i need an appointment", "1", "4", "2", "1", "1"))
    erased = say(office, number, "DELETE")
    assert "Your appointment stays" in erased
    assert code in erased
    with office.database.reading() as connection:
        row = connection.execute(sa.select(appointments).where(appointments.c.code == code.replace(" ", ""))).one()
    assert (row.person, row.contact, row.help_with, row.state) == (None, None, "", "booked")
    found = say(office, number, "change my appointment", "1", code)
    assert "Your NYC appointment" in found


REPLIES = [
    ("1", "See you then", "booked"),
    ("3", "Your time is free for someone else", "cancelled"),
    ("2", "Which time is good for you?", "booked"),
    ("I cannot come", "Your time is free for someone else", "cancelled"),
]


@pytest.mark.parametrize(("reply", "answer", "state"), REPLIES)
def test_a_reminder_can_be_answered(
    office: Office, content: Content, tmp_path: Path, reply: str, answer: str, state: str
) -> None:
    """The real worker, with Twilio's side stood in for; the answer comes by the real webhook."""
    number = new_number()
    code = code_in(say(office, number, "i need an appointment", "1", "3", "2", "1", "1")).replace(" ", "")
    with office.database.reading() as connection:
        row = connection.execute(sa.select(appointments).where(appointments.c.code == code)).one()
        due = connection.execute(
            sa.select(reminders.c.due_at).where(reminders.c.appointment == row.id).order_by(reminders.c.due_at)
        ).first()
    assert due is not None
    now = datetime.datetime.fromtimestamp(due.due_at, NEW_YORK)
    network = Network(tmp_path / "network", lambda: now)
    memory = Memory(office.redis.url, (SECRET,))
    texting = TwilioTexting(TEXTING, http=network)
    Reminders(office.database, memory, content, texting, (KEY,), lambda: now).send_due()
    (body,) = [message["body"] for message in network.sent if message["to"] == number]
    assert body.startswith("Hello. A reminder: ")
    assert answer in say(office, number, reply)
    with office.database.reading() as connection:
        found = connection.execute(sa.select(appointments).where(appointments.c.id == row.id)).one()
    assert found.state == state


def test_staff_see_what_is_booked_and_a_number_only_with_a_reason(office: Office) -> None:
    number = new_number()
    code = re.search(r"\d{4} \d{4}", say(office, number, "i need an appointment", "1", "4", "2", "1", "1"))[0].replace(
        " ", ""
    )  # type: ignore[index]
    listed = office.project.hotline("appointments", "list", "--place", "queens_sample")
    assert code in listed.stdout, listed.stderr
    assert number not in listed.stdout
    assert office.project.hotline("appointments", "show", code).returncode == 2, "a reason is asked for"
    shown = office.project.hotline("appointments", "show", code, "--by", "Jane", "--because", "flood")
    assert number in shown.stdout, shown.stderr
    assert "contact_shown" in shown.stdout + shown.stderr
    exported = office.project.hotline("appointments", "export", "-o", "all.csv")
    assert exported.returncode == 0, exported.stderr
    table = (office.project.folder / "all.csv").read_text(encoding="utf-8-sig")
    assert code in table
    assert number not in table
    assert office.project.hotline("appointments", "cancel", code, "--by", "Jane").returncode == 0
    assert "find no appointment" in say(office, number, "change my appointment")
    assert office.project.hotline("appointments", "show", "12", "--by", "J", "--because", "x").returncode == 2


def test_a_calendar_program_can_subscribe_and_reads_nothing_about_anyone(office: Office) -> None:
    number = new_number()
    reply = say(office, number, "i need an appointment", "2", "4", "2", "1", "1")
    code = code_in(reply).replace(" ", "")
    feeds = office.project.hotline("appointments", "feeds").stdout
    path = re.search(r"/calendar/queens_sample/\w+\.ics", feeds)[0]  # type: ignore[index]
    with urllib.request.urlopen(office.server.url + path, timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("text/calendar")
        data, etag = answer.read().decode(), answer.headers["ETag"]
    calendar = vobject.readOne(data)
    event = next(event for event in calendar.vevent_list if event.summary.value.endswith(code[-4:]))
    assert event.summary.value == f"Appointment, English, code ...{code[-4:]}"
    assert (event.dtend.value - event.dtstart.value).seconds == 30 * 60
    assert event.dtstart.value.timestamp() > time.time()
    assert event.status.value == "CONFIRMED"
    for secret in (number, number[2:], code, keyed_hash(f"sms:{number}", Memory(office.redis.url, (SECRET,)).hash_key)):
        assert secret not in data
    request = urllib.request.Request(office.server.url + path, headers={"If-None-Match": etag})
    with pytest.raises(urllib.error.HTTPError, match="304"):
        urllib.request.urlopen(request, timeout=10)
    say(office, number, "change my appointment", "3", "1")
    with urllib.request.urlopen(office.server.url + path, timeout=10) as answer:
        events = vobject.readOne(answer.read().decode()).vevent_list
    assert any(event.status.value == "CANCELLED" for event in events)


@pytest.mark.parametrize(
    "path",
    [
        "/calendar/queens_sample/" + "0" * 32 + ".ics",
        "/calendar/nowhere/" + "0" * 32 + ".ics",
        "/calendar/queens_sample/.ics",
        "/calendar/../etc/passwd.ics",
        "/calendar/queens_sample/%00.ics",
    ],
)
def test_a_wrong_address_is_no_calendar(office: Office, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(office.server.url + path, timeout=10)
    assert refused.value.code == 404


def test_without_the_database_residents_get_the_number_and_the_rest_works(office: Office) -> None:
    """Last, because it breaks the database of this office."""
    number = new_number()
    say(office, number, "i need an appointment", "1", "4")
    with office.database.writing() as connection:
        connection.execute(sa.text("alter table appointments rename to elsewhere"))
    try:
        assert "I cannot see the appointments right now" in say(office, number, "2")
        assert "Keep the door closed" in say(office, number, "ice is at my door")
    finally:
        with office.database.writing() as connection:
            connection.execute(sa.text("alter table elsewhere rename to appointments"))
    # A database that failed is left alone for a moment.
    until(lambda: "Which time" in say(office, new_number(), "i need an appointment", "1", "4", "2"))
