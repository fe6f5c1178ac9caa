"""hotline appointments: what is booked. Residents are known by a code; a number is shown one by one, with a reason."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
import structlog

from bot.content import Content, load_content
from bot.errors import ContentError, SettingsError
from bot.scheduling.calendar_feed import calendar, feed_token
from bot.scheduling.clinics import Visit
from bot.scheduling.contact import new_private_key, open_contact, public_key_of
from bot.scheduling.desk import BookingDesk
from bot.scheduling.tables import BOOKED, Database, appointments, handoffs
from bot.session_state import Memory
from bot.settings import Settings
from bot.start import database_of

log = structlog.get_logger()

_COLUMNS = ("time", "place", "minutes", "language", "help_with", "state", "partner", "code")


def list_(place: str | None, everything: bool, as_json: bool) -> int:
    """Print the appointments. Returns the exit code."""
    _, content, database = _open()
    rows = _rows(content, database, place, everything)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    if not rows:
        click.echo("No appointments.")
        return 0
    widths = [max(len(column), *(len(str(row[column])) for row in rows)) for column in _COLUMNS]
    for cells in (_COLUMNS, *([str(row[column]) for column in _COLUMNS] for row in rows)):
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths)).rstrip())
    return 0


def show(code: str, by: str, because: str) -> int:
    """Print one appointment with its number; who asked and why is logged. Returns the exit code."""
    settings, content, database = _open()
    row = _find(database, code)
    number = None
    if row["contact"] is not None:
        if not settings.contact_private_keys:
            raise SettingsError("CONTACT_PRIVATE_KEY is not set; without it no number can be read.")
        log.info("contact_shown", appointment=row["id"], by=by, because=because)
        number = open_contact(row["contact"], row["id"], settings.contact_private_keys)
    for name, value in _told(content, row).items():
        click.echo(f"{name:<10}{value}")
    click.echo(f"{'number':<10}{number or 'none: the resident wanted no reminders, or it is erased'}")
    with database.reading() as connection:
        query = sa.select(handoffs).where(handoffs.c.appointment == row["id"]).order_by(handoffs.c.number)
        for handoff in connection.execute(query).mappings():
            why = f" ({handoff['why']})" if handoff["why"] else ""
            click.echo(f"{'hand-off':<10}{handoff['kind']}: {handoff['state']}, {handoff['attempts']} tries{why}")
    return 0


def cancel(code: str, by: str) -> int:
    """Cancel one appointment. Returns the exit code."""
    settings, content, database = _open()
    row = _find(database, code)
    if row["state"] != BOOKED:
        click.echo(f"This appointment is {row['state']} already.")
        return 1
    desk = BookingDesk(database, lambda: content.places, content.clock, settings.desk == "webhook")
    with database.writing() as connection:
        desk.cancel_row(connection, row["id"], row["revision"])
    log.info("appointment_cancelled", appointment=row["id"], by=by)
    click.echo("Cancelled; the time is free for someone else. The resident has not been told.")
    return 0


def export(form: str, place: str | None, output: Path) -> int:
    """Write a file. Returns the exit code."""
    _, content, database = _open()
    if form == "ics":
        entry = content.flows.clinics.get(place or "")
        if entry is None:
            raise ContentError(f"--place names one of: {', '.join(content.flows.clinics)}.")
        output.write_bytes(calendar(entry, database, int(time.time())))
        click.echo(f"{output}: the calendar of {entry.name.text}.")
        return 0
    rows = _rows(content, database, place, everything=True)
    # With a mark, by which Excel knows that it is UTF-8.
    with output.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    click.echo(f"{output}: {len(rows)} appointments.")
    return 0


def feeds() -> int:
    """Print the address of each place's calendar. Returns the exit code."""
    settings, content, _ = _open()
    key = Memory(settings.redis_url, settings.secret_keys).hash_key
    base = settings.public_url or f"http://127.0.0.1:{settings.port}"
    for entry in content.flows.clinics.values():
        click.echo(f"{entry.name.text}: {base}/calendar/{entry.clinic.id}/{feed_token(entry, key)}.ics")
    return 0


def new_key() -> int:
    """Print a pair of keys. Returns the exit code."""
    private = new_private_key()
    click.echo(f"CONTACT_PUBLIC_KEY={public_key_of(private)}")
    click.echo(f"CONTACT_PRIVATE_KEY={private}")
    click.echo("The web process needs the public one alone; the worker and `hotline appointments show` the private.")
    return 0


def _open() -> tuple[Settings, Content, Database]:
    settings = Settings.from_environment()
    database = database_of(settings)
    if database is None:
        raise SettingsError("SCHEDULING_DESK is phone: no appointments are made here.")
    return settings, load_content(settings.flows), database


def _find(database: Database, code: str) -> Mapping[str, Any]:
    digits = "".join(character for character in code if character.isdecimal())
    with database.reading() as connection:
        row = connection.execute(sa.select(appointments).where(appointments.c.code == digits)).mappings().first()
    if row is None:
        raise ContentError(f"There is no appointment with the code {code}. See: hotline appointments list")
    found: Mapping[str, Any] = row
    return found


def _rows(content: Content, database: Database, place: str | None, everything: bool) -> list[dict[str, Any]]:
    query = sa.select(appointments).order_by(appointments.c.starts_at, appointments.c.clinic, appointments.c.seat)
    if place is not None:
        if place not in content.flows.clinics:
            raise ContentError(f'"{place}" is not a place; there are {", ".join(content.flows.clinics)}.')
        query = query.where(appointments.c.clinic == place)
    if not everything:
        query = query.where(appointments.c.state == BOOKED, appointments.c.starts_at > int(time.time()))
    with database.reading() as connection:
        return [_told(content, row) for row in connection.execute(query).mappings()]


def _told(content: Content, row: Mapping[str, Any]) -> dict[str, Any]:
    entry = content.flows.clinics.get(row["clinic"])
    return {
        "time": f"{Visit(row['starts_at'], row['clinic']).when:%Y-%m-%d %H:%M}",
        "place": entry.name.text if entry else row["clinic"],
        "minutes": row["minutes"],
        "language": row["language"],
        "help_with": row["help_with"],
        "state": row["state"],
        "partner": row["partner"] or "",
        "code": row["code"] or "",
    }
