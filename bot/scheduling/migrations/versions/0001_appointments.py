"""Appointments, reminders, hand-offs to a partner, and who wants no texts.

What stands here is history: a later change is a migration of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "appointments",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("clinic", sa.String(64), nullable=False),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("seat", sa.Integer),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("held_until", sa.BigInteger),
        sa.Column("code", sa.String(8), unique=True),
        sa.Column("person", sa.String(32)),
        sa.Column("contact", sa.LargeBinary),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("help_with", sa.String(32), nullable=False),
        sa.Column("partner", sa.String(16)),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("clinic", "starts_at", "seat", name="one_resident_a_seat"),
    )
    for name, state in (("one_booking_a_person", "booked"), ("one_hold_a_person", "held")):
        where = sa.text(f"state = '{state}'")
        op.create_index(name, "appointments", ["person"], unique=True, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "reminders",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("appointment", sa.String(32), sa.ForeignKey("appointments.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("starts_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("claimed_at", sa.BigInteger),
        sa.Column("digest", sa.String(32)),
        sa.UniqueConstraint("appointment", "kind", "starts_at", name="one_reminder_a_kind"),
    )
    op.create_table(
        "handoffs",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(32), unique=True, nullable=False),
        sa.Column("appointment", sa.String(32), sa.ForeignKey("appointments.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("why", sa.String(64)),
    )
    op.create_table(
        "opt_outs",
        sa.Column("person", sa.String(32), primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in ("opt_outs", "handoffs", "reminders", "appointments"):
        op.drop_table(table)
