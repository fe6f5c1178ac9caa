"""The desk on SQLite and on PostgreSQL: what is free, a hold, a booking, a move, a way out, and what is forgotten."""

from __future__ import annotations

import datetime
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import DeskUnavailable
from bot.opening_hours import NEW_YORK
from bot.scheduling.clinics import Clinic, Schedule, Visit, Wish
from bot.scheduling.desk import HOLD_SECONDS, BookingDesk
from bot.scheduling.tables import BOOKED, PENDING, Database, appointments, handoffs, reminders
from bot.scheduling.tidying import APPOINTMENT_KEPT, CONTACT_KEPT, forget_what_is_over


@dataclass
class Clock:
    now: datetime.datetime = datetime.datetime(2026, 12, 7, 9, 0, tzinfo=NEW_YORK)  # a Monday

    def __call__(self) -> datetime.datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now = (self.now.astimezone(datetime.timezone.utc) + datetime.timedelta(**by)).astimezone(NEW_YORK)


def place(name: str, borough: str, capacity: int, day: str = "TU", languages: tuple[str, ...] = ("en",)) -> Clinic:
    hours = datetime.time(10), datetime.time(12)
    schedule = Schedule(frozenset({day}), *hours, minutes=30, capacity=capacity)
    return Clinic(name, borough, "1 Street", frozenset(languages), False, frozenset({"court", "other"}), (schedule,))


@dataclass
class Bench:
    database: Database
    clock: Clock = field(default_factory=Clock)
    places: dict[str, Clinic] = field(
        default_factory=lambda: {
            "small": place("small", "bronx", 1),
            "large": place("large", "queens", 2, languages=("en", "es")),
        }
    )

    def desk(self, hands_over: bool = False) -> BookingDesk:
        return BookingDesk(self.database, lambda: self.places, self.clock, hands_over)

    def rows(self, table: sa.Table) -> list[dict[str, object]]:
        with self.database.reading() as connection:
            return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def seal(ident: str) -> bytes:
    return f"sealed for {ident}".encode()


def times(visits: tuple[Visit, ...]) -> list[str]:
    return [f"{visit.when:%a %H:%M} {visit.clinic}" for visit in visits]


def test_what_is_free_in_the_borough_then_elsewhere(bench: Bench) -> None:
    desk = bench.desk()
    found = desk.open_times(Wish(borough="bronx"))
    assert times(found.visits) == ["Tue 10:00 small", "Tue 10:30 small", "Tue 10:00 small"], "two a day, then a week on"
    assert not found.elsewhere
    assert found.more
    assert desk.open_times(Wish(borough="bronx", language="es")).elsewhere, "nobody there speaks Spanish"
    assert times(desk.open_times(Wish(borough="bronx", language="es")).visits)[0] == "Tue 10:00 large"
    assert desk.open_times(Wish(help_with="work")).visits == ()
    assert desk.open_times(Wish(language="ko")).visits == ()
    later = desk.open_times(Wish(borough="bronx"), skip=3).visits
    assert not set(later) & set(found.visits)


def test_nobody_is_sent_across_the_city_at_once(bench: Bench) -> None:
    bench.clock.now = datetime.datetime(2026, 12, 8, 9, 0, tzinfo=NEW_YORK)
    assert times(bench.desk().open_times(Wish(borough="bronx")).visits)[0] == "Tue 11:00 small"


def test_a_hold_keeps_others_out_and_ends_by_itself(bench: Bench) -> None:
    desk = bench.desk()
    visit = desk.open_times(Wish(borough="bronx")).visits[0]
    assert desk.hold("ana", visit, Wish())
    assert desk.hold("ana", visit, Wish()), "asked twice"
    assert not desk.hold("ben", visit, Wish())
    assert visit not in desk.open_times(Wish(borough="bronx")).visits
    bench.clock.move(seconds=HOLD_SECONDS + 1)
    assert visit in desk.open_times(Wish(borough="bronx")).visits
    assert desk.hold("ben", visit, Wish())
    assert desk.book("ana", None) is None


def test_a_second_hold_frees_the_first(bench: Bench) -> None:
    desk = bench.desk()
    first, second = desk.open_times(Wish(borough="bronx")).visits[:2]
    assert desk.hold("ana", first, Wish())
    assert desk.hold("ana", second, Wish())
    assert desk.hold("ben", first, Wish())


@pytest.mark.parametrize("key", ["nowhere/1796742000", "small/1", "small/1796742060", "small/99999999999"])
def test_what_no_place_offers_cannot_be_held(bench: Bench, key: str) -> None:
    visit = Visit.read(key)
    assert visit is not None
    assert not bench.desk().hold("ana", visit, Wish())


def test_a_booking_has_a_code_and_reminders_and_is_made_once(bench: Bench) -> None:
    desk = bench.desk()
    visit = desk.open_times(Wish(borough="bronx")).visits[2]
    assert desk.book("ana", seal) is None, "nothing is held"
    desk.hold("ana", visit, Wish("court", "bronx", "en"))
    booked = desk.book("ana", seal)
    assert booked is not None
    assert desk.book("ana", seal) == booked, "asked twice"
    assert booked.visit == visit
    assert len(booked.code) == 8
    assert booked.code.isdecimal()
    assert desk.find("ana") == booked
    assert [(row["kind"], row["state"]) for row in bench.rows(reminders)] == [("day", PENDING), ("hours", PENDING)]
    (row,) = bench.rows(appointments)
    assert bytes(row["contact"]) == seal(booked.id)


def test_without_consent_no_number_and_no_reminder(bench: Bench) -> None:
    desk = bench.desk()
    desk.hold("ana", desk.open_times(Wish()).visits[0], Wish())
    assert desk.book("ana", None)
    assert bench.rows(appointments)[0]["contact"] is None
    assert bench.rows(reminders) == []


def test_a_move_keeps_the_code_frees_the_old_time_and_sets_new_reminders(bench: Bench) -> None:
    desk = bench.desk()
    first, _, later = desk.open_times(Wish(borough="bronx")).visits
    desk.hold("ana", first, Wish())
    booked = desk.book("ana", seal)
    desk.hold("ana", later, Wish())
    assert desk.find("ana") == booked, "what is held is not moved to yet"
    moved = desk.book("ana", seal)
    assert booked is not None
    assert moved is not None
    assert (moved.id, moved.code, moved.visit, moved.revision) == (booked.id, booked.code, later, 1)
    assert desk.hold("ben", first, Wish())
    assert {row["starts_at"] for row in bench.rows(reminders)} == {later.starts_at}
    assert len(bench.rows(appointments)) == 2


def test_giving_a_time_back_frees_it_and_forgets_who_it_was(bench: Bench) -> None:
    desk = bench.desk()
    visit = desk.open_times(Wish(borough="bronx")).visits[0]
    desk.hold("ana", visit, Wish())
    desk.book("ana", seal)
    assert desk.cancel("ana")
    assert not desk.cancel("ana")
    assert desk.find("ana") is None
    assert desk.hold("ben", visit, Wish())
    row = next(row for row in bench.rows(appointments) if row["state"] == "cancelled")
    assert (row["person"], row["contact"], row["seat"]) == (None, None, None)
    assert {row["state"] for row in bench.rows(reminders)} == {"skipped"}


def test_a_code_opens_the_appointment_from_another_telephone(bench: Bench) -> None:
    desk = bench.desk()
    desk.hold("ana", desk.open_times(Wish()).visits[0], Wish())
    booked = desk.book("ana", None)
    assert booked is not None
    assert desk.find_by_code("00000000", "sister") is None
    assert desk.find_by_code(booked.code, "sister") == booked
    assert desk.find("sister") == booked
    desk.hold("ben", desk.open_times(Wish()).visits[0], Wish())
    desk.book("ben", None)
    assert desk.find_by_code(booked.code, "ben") is None, "who has an appointment cannot collect another"


def test_erasing_leaves_the_booking_without_its_resident(bench: Bench) -> None:
    desk = bench.desk()
    desk.hold("ana", desk.open_times(Wish()).visits[0], Wish("court"))
    booked = desk.book("ana", seal)
    assert booked is not None
    desk.opt("ana", out=True)
    desk.erase("ana")
    assert desk.find("ana") is None
    (row,) = bench.rows(appointments)
    assert (row["person"], row["contact"], row["help_with"], row["state"]) == (None, None, "", BOOKED)
    assert bench.rows(reminders) == []
    assert "ana" not in str([bench.rows(table) for table in (appointments, reminders, handoffs)])
    found = desk.find_by_code(booked.code, "ana")
    assert found is not None
    assert found.id == booked.id


def test_a_second_appointment_after_the_first_is_over(bench: Bench) -> None:
    desk = bench.desk()
    desk.hold("ana", desk.open_times(Wish(borough="bronx")).visits[0], Wish())
    first = desk.book("ana", seal)
    bench.clock.move(days=2)
    assert desk.find("ana") is None
    desk.hold("ana", desk.open_times(Wish(borough="bronx")).visits[0], Wish())
    second = desk.book("ana", seal)
    assert first is not None
    assert second is not None
    assert first.id != second.id


def test_what_is_over_is_forgotten(bench: Bench) -> None:
    desk = bench.desk()
    visit = desk.open_times(Wish(borough="bronx")).visits[0]
    desk.hold("ana", visit, Wish("court"))
    desk.book("ana", seal)
    for after, kept in ((0, True), (CONTACT_KEPT - 60, True), (CONTACT_KEPT + 60, False)):
        forget_what_is_over(bench.database, visit.starts_at + after)
        (row,) = bench.rows(appointments)
        assert [row["contact"] is not None, row["person"] is not None, row["code"] is not None] == [kept] * 3
    forget_what_is_over(bench.database, visit.starts_at + APPOINTMENT_KEPT + 60)
    assert bench.rows(appointments) == bench.rows(reminders) == []


def test_a_partner_is_told_of_everything_in_one_transaction(bench: Bench) -> None:
    desk = bench.desk(hands_over=True)
    first, second = desk.open_times(Wish(borough="bronx")).visits[:2]
    desk.hold("ana", first, Wish())
    booked = desk.book("ana", seal)
    assert booked is not None
    assert booked.partner == "waiting"
    desk.hold("ana", second, Wish())
    desk.book("ana", seal)
    desk.cancel("ana")
    assert [row["kind"] for row in bench.rows(handoffs)] == ["book", "move", "cancel"]


def test_a_time_is_sold_to_as_many_as_there_are_seats(bench: Bench) -> None:
    desk = bench.desk()
    visit = next(visit for visit in desk.open_times(Wish(borough="queens")).visits)
    with ThreadPoolExecutor(8) as pool:
        held = list(pool.map(lambda who: desk.hold(f"person {who}", visit, Wish()), range(24)))
    assert held.count(True) == 2


def test_any_order_of_acts_never_sells_a_seat_twice(bench: Bench) -> None:
    """Random residents do random things; after each, the books balance."""
    desk, chance = bench.desk(), random.Random(7)
    people = [f"person {number}" for number in range(6)]
    for _ in range(150):
        who = chance.choice(people)
        act = chance.choice(["hold", "hold", "book", "book", "cancel", "wait"])
        if act == "hold" and (found := desk.open_times(Wish(), chance.choice([0, 3])).visits):
            desk.hold(who, chance.choice(found), Wish())
        elif act == "book":
            desk.book(who, chance.choice([seal, None]))
        elif act == "cancel":
            desk.cancel(who)
        else:
            bench.clock.move(minutes=chance.choice([1, 11]))
        rows = [row for row in bench.rows(appointments) if row["seat"] is not None]
        taken = [(row["clinic"], row["starts_at"], row["seat"]) for row in rows]
        assert len(taken) == len(set(taken))
        assert all(row["seat"] <= bench.places[row["clinic"]].schedules[0].capacity for row in rows)
        booked = [row["person"] for row in rows if row["state"] == BOOKED]
        assert len(booked) == len(set(booked))


@pytest.fixture
def gone(tmp_path: Path) -> Bench:
    return Bench(Database(f"sqlite:///{tmp_path}/never made/appointments.db"))


def test_a_database_that_is_gone_is_one_error_of_ours(gone: Bench) -> None:
    desk = gone.desk()
    for act in (lambda: desk.find("ana"), lambda: desk.open_times(Wish()), lambda: desk.cancel("ana")):
        with pytest.raises(DeskUnavailable):
            act()
