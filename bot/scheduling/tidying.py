"""What is over is forgotten: numbers after three days, the rest of an appointment after thirty."""

from __future__ import annotations

import sqlalchemy as sa

from bot.scheduling.tables import BOOKED, HELD, PAST, WAITING, Database, appointments, handoffs

CONTACT_KEPT = 3 * 24 * 3600  # after the appointment
APPOINTMENT_KEPT = 30 * 24 * 3600


def forget_what_is_over(database: Database, now: int) -> None:
    """Erase what is past its time. Raises DeskUnavailable."""
    table = appointments.c
    with database.writing() as connection:
        connection.execute(appointments.delete().where(table.state == HELD, table.held_until < now))
        over = sa.and_(table.starts_at < now, table.state == BOOKED)
        connection.execute(appointments.update().where(over).values(state=PAST))
        known = sa.or_(table.contact.is_not(None), table.person.is_not(None), table.help_with != "")
        forgotten = sa.and_(table.starts_at < now - CONTACT_KEPT, known)
        connection.execute(
            appointments.update().where(forgotten).values(contact=None, person=None, help_with="", code=None)
        )
        waiting = sa.select(handoffs.c.appointment).where(handoffs.c.state == WAITING)
        gone = sa.and_(table.starts_at < now - APPOINTMENT_KEPT, table.id.not_in(waiting))
        connection.execute(appointments.delete().where(gone))
