"""The appointments of one place as iCalendar (RFC 5545), for ordinary calendar programs. It says nothing about anyone.

The address of a feed is its secret: a keyed hash of the place and of `feed` in its file. A new number there makes the
old address void.
"""

from __future__ import annotations

import datetime
import hmac

import sqlalchemy as sa
from icalendar import Calendar, Event

from bot.caller_ids import keyed_hash
from bot.content import Content
from bot.flow_engine.model import ClinicEntry
from bot.languages.supported import LANGUAGES
from bot.scheduling.tables import BOOKED, CANCELLED, DECLINED, PAST, WAITING, Database, appointments

_SHOWN_BEFORE = 7 * 24 * 3600


def feed_token(entry: ClinicEntry, key: bytes) -> str:
    """What stands in the address of a place's feed."""
    return keyed_hash(f"feed:{entry.clinic.id}:{entry.clinic.feed}", key)


def feed(content: Content, database: Database, clinic: str, token: str, key: bytes, now: int) -> bytes | None:
    """The calendar of `clinic`, or None where there is no such place or the token is not its own."""
    entry = content.flows.clinics.get(clinic)
    # Compared also where there is no such place, so that the answer takes the same time.
    expected = feed_token(entry, key) if entry else keyed_hash(f"none:{clinic}", key)
    if not hmac.compare_digest(expected.encode(), token.encode()) or entry is None:
        return None
    return calendar(entry, database, now)


def calendar(entry: ClinicEntry, database: Database, now: int) -> bytes:
    """Every appointment of the place from a week ago on. Cancelled ones say so, that programs take them away."""
    result = Calendar()
    result.add("prodid", "-//hotline//appointments//EN")
    result.add("version", "2.0")
    result.add("method", "PUBLISH")
    result.add("x-wr-calname", f"Appointments, {entry.name.text}")
    result.add("refresh-interval", datetime.timedelta(minutes=15), parameters={"value": "DURATION"})
    table = appointments.c
    query = (
        sa.select(appointments)
        .where(
            table.clinic == entry.clinic.id,
            table.state.in_([BOOKED, PAST, CANCELLED, DECLINED]),
            table.starts_at > now - _SHOWN_BEFORE,
        )
        .order_by(table.starts_at, table.id)
    )
    with database.reading() as connection:
        for row in connection.execute(query).mappings():
            begin = datetime.datetime.fromtimestamp(row["starts_at"], datetime.timezone.utc)
            language = LANGUAGES.get(row["language"])
            event = Event()
            event.add("uid", f"{row['id']}@hotline")
            event.add("dtstamp", datetime.datetime.fromtimestamp(row["changed_at"], datetime.timezone.utc))
            event.add("sequence", row["revision"])
            event.add("dtstart", begin)
            event.add("dtend", begin + datetime.timedelta(minutes=row["minutes"]))
            # The last four digits tell two appointments of one time apart; the whole code would be a key to it.
            ending = f", code ...{row['code'][-4:]}" if row["code"] else ""
            event.add("summary", f"Appointment, {language.english_name if language else row['language']}{ending}")
            event.add("location", entry.clinic.address)
            event.add("class", "PRIVATE")
            live = "TENTATIVE" if row["partner"] == WAITING else "CONFIRMED"
            event.add("status", live if row["state"] in {BOOKED, PAST} else "CANCELLED")
            result.add_component(event)
    return bytes(result.to_ical())
