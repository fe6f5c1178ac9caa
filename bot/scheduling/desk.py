"""The desk: open times, a hold, a booking, a change. Every method is one transaction and may be asked twice.

`BookingDesk` keeps appointments in our tables; with `hands_over` each booking, move and cancellation is also written
into the outbox for a partner, in the same transaction. `PhoneDesk` books nothing: residents get the numbers.
"""

from __future__ import annotations

import datetime
import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bot.scheduling.clinics import Clinic, OpenTimes, Visit, Wish, rings
from bot.scheduling.reminder_times import reminder_times
from bot.scheduling.tables import (
    BOOKED,
    CANCELLED,
    DECLINED,
    HELD,
    PAST,
    PENDING,
    WAITING,
    Database,
    appointments,
    handoffs,
    opt_outs,
    reminders,
    skip_reminders,
)

HOLD_SECONDS = 10 * 60
NOTICE = 2 * 3600  # nobody is sent across the city at once
DAYS_AHEAD = 21
OFFERED = 3  # times in one text: what fits and what a caller can keep in mind
_A_DAY_AT_MOST = 2
_TRIES = 5


@dataclass(frozen=True)
class Appointment:
    """A booking as its resident sees it. `partner` is None, "waiting", "confirmed" or "declined"."""

    id: str
    visit: Visit
    code: str
    language: str
    help_with: str
    partner: str | None
    revision: int = 0


class Desk(Protocol):
    """What the conversation can ask of a desk. `person` is the keyed hash of whoever asks."""

    @property
    def books(self) -> bool:
        """Whether there is anything to book here at all."""
        ...

    def open_times(self, wish: Wish, skip: int = 0) -> OpenTimes: ...
    def hold(self, person: str, visit: Visit, wish: Wish) -> bool: ...
    def book(self, person: str, seal: Callable[[str], bytes] | None) -> Appointment | None: ...
    def find(self, person: str) -> Appointment | None: ...
    def find_by_code(self, code: str, person: str) -> Appointment | None: ...
    def cancel(self, person: str) -> bool: ...
    def erase(self, person: str) -> None: ...
    def opt(self, person: str, out: bool) -> None: ...
    def opted_out(self, person: str) -> bool: ...


class PhoneDesk:
    """No appointments: residents are told whom to call."""

    books = False

    def open_times(self, wish: Wish, skip: int = 0) -> OpenTimes:
        return OpenTimes()

    def hold(self, person: str, visit: Visit, wish: Wish) -> bool:
        return False

    def book(self, person: str, seal: Callable[[str], bytes] | None) -> Appointment | None:
        return None

    def find(self, person: str) -> Appointment | None:
        return None

    def find_by_code(self, code: str, person: str) -> Appointment | None:
        return None

    def cancel(self, person: str) -> bool:
        return False

    def erase(self, person: str) -> None:
        return None

    def opt(self, person: str, out: bool) -> None:
        return None

    def opted_out(self, person: str) -> bool:
        return False


NO_DESK = PhoneDesk()


class BookingDesk:
    """Appointments in our own tables. `places` are asked anew each time: staff may publish others meanwhile."""

    def __init__(
        self,
        database: Database,
        places: Callable[[], Mapping[str, Clinic]],
        clock: Callable[[], datetime.datetime],
        hands_over: bool = False,
    ) -> None:
        self._database = database
        self._places = places
        self._clock = clock
        self._hands_over = hands_over

    @property
    def books(self) -> bool:
        return bool(self._places())

    # --- what is free -----------------------------------------------------------------------------

    def open_times(self, wish: Wish, skip: int = 0) -> OpenTimes:
        """The next free times for `wish`, leaving out the first `skip`; elsewhere when the borough has none."""
        for number, boroughs in enumerate(rings(wish.borough)):
            free = self._free(wish, boroughs)
            if free:
                shown = free[skip : skip + OFFERED] or free[:OFFERED]
                return OpenTimes(tuple(shown), elsewhere=number > 0, more=len(free) > OFFERED)
        return OpenTimes()

    def _free(self, wish: Wish, boroughs: tuple[str, ...]) -> list[Visit]:
        now = self._now()
        today = self._clock().date()
        days = [today + datetime.timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1)]
        offered: dict[Visit, int] = {}
        for clinic in self._places().values():
            if clinic.borough in boroughs and clinic.helps(wish.help_with) and clinic.speaks(wish.language):
                for begin, schedule in clinic.times(days):
                    if begin.timestamp() >= now + NOTICE:
                        offered[Visit(int(begin.timestamp()), clinic.id)] = schedule.capacity
        if not offered:
            return []
        taken = self._taken({visit.clinic for visit in offered}, now)
        found: list[Visit] = []
        for visit in sorted(offered):
            same_day = [other for other in found if other.when.date() == visit.when.date()]
            if taken.get(visit, 0) < offered[visit] and len(same_day) < _A_DAY_AT_MOST:
                found.append(visit)
        return found

    def _taken(self, clinics: Iterable[str], now: int) -> dict[Visit, int]:
        table = appointments.c
        lapsed = sa.and_(table.state == HELD, table.held_until < now)
        query = (
            sa.select(table.clinic, table.starts_at, sa.func.count())
            .where(table.clinic.in_(list(clinics)), table.starts_at > now, table.seat.is_not(None), sa.not_(lapsed))
            .group_by(table.clinic, table.starts_at)
        )
        with self._database.reading() as connection:
            return {Visit(starts_at, clinic): count for clinic, starts_at, count in connection.execute(query)}

    # --- taking a time ----------------------------------------------------------------------------

    def hold(self, person: str, visit: Visit, wish: Wish) -> bool:
        """Keep `visit` for `person` for ten minutes; False when somebody else has it."""
        clinic = self._places().get(visit.clinic)
        schedule = clinic.schedule_of(visit.when) if clinic else None
        now = self._now()
        if schedule is None or visit.starts_at < now:
            return False
        table = appointments.c
        with self._database.writing() as connection:
            same_time = sa.and_(table.clinic == visit.clinic, table.starts_at == visit.starts_at)
            lapsed = sa.and_(table.state == HELD, table.held_until < now, same_time)
            connection.execute(
                appointments.delete().where(sa.or_(lapsed, sa.and_(table.state == HELD, table.person == person)))
            )
            row = {
                "id": uuid.uuid4().hex,
                "clinic": visit.clinic,
                "starts_at": visit.starts_at,
                "minutes": schedule.minutes,
                "state": HELD,
                "held_until": now + HOLD_SECONDS,
                "person": person,
                "language": wish.language,
                "help_with": wish.help_with,
                "partner": None,
                "revision": 0,
                "changed_at": now,
            }
            return any(
                self._database.insert_if_free(connection, appointments, {**row, "seat": seat})
                for seat in range(1, schedule.capacity + 1)
            )

    def book(self, person: str, seal: Callable[[str], bytes] | None) -> Appointment | None:
        """Make the booking of what is held; with an earlier booking, move that one there. None when the hold is gone.

        `seal` turns the appointment's id into the sealed number for reminders; None keeps no number.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                with self._database.writing() as connection:
                    return self._book(connection, person, seal)
            except IntegrityError:
                # The code is another appointment's, or the same resident was faster in another process: look again.
                if attempt == _TRIES:
                    break
        return self.find(person)

    def _book(self, connection: Connection, person: str, seal: Callable[[str], bytes] | None) -> Appointment | None:
        table = appointments.c
        over = sa.and_(table.person == person, table.state == BOOKED, table.starts_at <= self._now())
        connection.execute(appointments.update().where(over).values(state=PAST))
        held, booked = self._own(connection, person, HELD), self._own(connection, person, BOOKED)
        if held is None:
            # Asked twice: it is booked already.
            just_now = booked is not None and booked["changed_at"] > self._now() - HOLD_SECONDS
            return _appointment(booked) if booked is not None and just_now else None
        values: dict[str, Any] = {
            "state": BOOKED,
            "held_until": None,
            "changed_at": self._now(),
            "partner": WAITING if self._hands_over else None,
        }
        if booked is None:
            ident = held["id"]
            values["code"] = str(10_000_000 + secrets.randbelow(90_000_000))
        else:
            # A move keeps the appointment and its code; the seat passes over within one transaction.
            ident = booked["id"]
            connection.execute(appointments.delete().where(appointments.c.id == held["id"]))
            taken = ("clinic", "starts_at", "minutes", "seat", "language", "help_with")
            values |= {name: held[name] for name in taken} | {"revision": booked["revision"] + 1}
        if seal is not None:
            values["contact"] = seal(ident)
            # Who says yes to a reminder wants texts again.
            connection.execute(opt_outs.delete().where(opt_outs.c.person == person))
        elif booked is not None:
            values["contact"] = None
        connection.execute(appointments.update().where(appointments.c.id == ident).values(values))
        self._set_reminders(connection, ident, held["starts_at"], seal is not None)
        self._tell_partner(connection, ident, "book" if booked is None else "move")
        row = connection.execute(sa.select(appointments).where(appointments.c.id == ident)).mappings().one()
        return _appointment(row)

    def _set_reminders(self, connection: Connection, ident: str, starts_at: int, wanted: bool) -> None:
        table = reminders.c
        connection.execute(reminders.delete().where(table.appointment == ident, table.state == PENDING))
        for kind, due_at in reminder_times(starts_at) if wanted else ():
            if due_at > self._now():
                row = {"appointment": ident, "kind": kind, "starts_at": starts_at, "due_at": due_at, "state": PENDING}
                self._database.insert_if_free(connection, reminders, row)

    def _tell_partner(self, connection: Connection, ident: str, kind: str) -> None:
        if self._hands_over:
            row = {"id": uuid.uuid4().hex, "appointment": ident, "kind": kind, "state": WAITING, "attempts": 0}
            connection.execute(handoffs.insert().values(**row, next_try_at=self._now()))

    # --- an appointment there is ------------------------------------------------------------------

    def find(self, person: str) -> Appointment | None:
        """The appointment of `person` that is not over yet, one that a partner declined included."""
        table = appointments.c
        with self._database.reading() as connection:
            query = (
                sa.select(appointments)
                .where(table.person == person, table.state.in_([BOOKED, DECLINED]), table.starts_at > self._now())
                .order_by(table.state, table.changed_at.desc())
            )
            row = connection.execute(query).mappings().first()
        return _appointment(row) if row else None

    def find_by_code(self, code: str, person: str) -> Appointment | None:
        """The appointment of a code, which is `person`'s from now on; None when there is none."""
        table = appointments.c
        with self._database.writing() as connection:
            row = (
                connection.execute(
                    sa.select(appointments)
                    .where(table.code == code, table.state == BOOKED, table.starts_at > self._now())
                    .with_for_update()
                )
                .mappings()
                .first()
            )
            if row is None or (row["person"] != person and self._own(connection, person, BOOKED)):
                return None
            connection.execute(appointments.update().where(table.id == row["id"]).values(person=person))
        return _appointment(row)

    def cancel(self, person: str) -> bool:
        """Give the time back to others; False when there is no appointment."""
        with self._database.writing() as connection:
            row = self._own(connection, person, BOOKED)
            if row is not None:
                self.cancel_row(connection, row["id"], row["revision"])
        return row is not None

    def cancel_row(self, connection: Connection, ident: str, revision: int) -> None:
        """Cancel one appointment inside a transaction: for residents above, for staff by its code."""
        values = {"state": CANCELLED, "seat": None, "contact": None, "person": None, "changed_at": self._now()}
        connection.execute(
            appointments.update().where(appointments.c.id == ident).values(**values, revision=revision + 1)
        )
        skip_reminders(connection, ident)
        self._tell_partner(connection, ident, "cancel")

    def erase(self, person: str) -> None:
        """Forget whose an appointment is, and the number. The time stays taken: its code still opens it."""
        table = appointments.c
        with self._database.writing() as connection:
            connection.execute(appointments.delete().where(table.state == HELD, table.person == person))
            own = sa.select(table.id).where(table.person == person)
            pending = sa.and_(reminders.c.appointment.in_(own), reminders.c.state == PENDING)
            connection.execute(reminders.delete().where(pending))
            connection.execute(
                appointments.update().where(table.person == person).values(person=None, contact=None, help_with="")
            )
            connection.execute(opt_outs.delete().where(opt_outs.c.person == person))

    def opt(self, person: str, out: bool) -> None:
        """Note that `person` wants no texts from us, or wants them again."""
        with self._database.writing() as connection:
            if out:
                self._database.insert_if_free(connection, opt_outs, {"person": person, "since": self._now()})
            else:
                connection.execute(opt_outs.delete().where(opt_outs.c.person == person))

    def opted_out(self, person: str) -> bool:
        """Whether `person` wants no texts from us."""
        with self._database.reading() as connection:
            found = connection.execute(sa.select(opt_outs.c.person).where(opt_outs.c.person == person))
            return found.first() is not None

    # --- inside -----------------------------------------------------------------------------------

    def _own(self, connection: Connection, person: str, state: str) -> Mapping[str, Any] | None:
        table = appointments.c
        query = sa.select(appointments).where(table.person == person, table.state == state)
        if state == BOOKED:
            query = query.where(table.starts_at > self._now())
        found: Mapping[str, Any] | None = connection.execute(query.with_for_update()).mappings().first()
        return found

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _appointment(row: Mapping[str, Any]) -> Appointment:
    partner = DECLINED if row["state"] == DECLINED else row["partner"]
    visit = Visit(row["starts_at"], row["clinic"])
    return Appointment(row["id"], visit, row["code"] or "", row["language"], row["help_with"], partner, row["revision"])
