"""How much work waits for the worker, at this moment: for whoever watches that it is done."""

from __future__ import annotations

import sqlalchemy as sa

from bot.scheduling.tables import PENDING, SENDING, WAITING, Database, handoffs, reminders

Level = tuple[str, str, float]


def levels_of(database: Database, now: int) -> list[Level]:
    """(name, meaning, value) of what waits. Raises DeskUnavailable."""
    due = sa.and_(reminders.c.state.in_([PENDING, SENDING]), reminders.c.due_at <= now)
    waiting = handoffs.c.state == WAITING
    with database.reading() as connection:
        query = sa.select(sa.func.count(), sa.func.min(reminders.c.due_at)).select_from(reminders).where(due)
        reminders_due, since = connection.execute(query).one()
        stuck = sa.select(sa.func.count()).select_from(reminders).where(due, reminders.c.state == SENDING)
        claimed = connection.execute(stuck).scalar_one()
        query = sa.select(sa.func.count(), sa.func.max(handoffs.c.attempts)).select_from(handoffs).where(waiting)
        handoffs_waiting, attempts = connection.execute(query).one()
    return [
        ("hotline_reminders_due", "Reminders whose time has come; at night they wait for the morning.", reminders_due),
        ("hotline_reminders_late_seconds", "How long the first of them has been due.", now - since if since else 0),
        ("hotline_reminders_unsure", "Reminders begun, of which nobody knows yet whether they went out.", claimed),
        ("hotline_handoffs_waiting", "Appointments that wait for the partner.", handoffs_waiting),
        ("hotline_handoffs_most_attempts", "Tries of the one that was tried most often.", attempts or 0),
    ]
