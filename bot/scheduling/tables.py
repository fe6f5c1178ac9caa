"""The tables of the desk, and the way to them: SQLite or PostgreSQL through SQLAlchemy. Times are seconds of the epoch.

What stands in each column, why and how long: docs/data-map.md.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.counting.counters import count
from bot.errors import DeskUnavailable, SettingsError
from bot.private_files import private_file

HELD, BOOKED, PAST, CANCELLED, DECLINED = "held", "booked", "past", "cancelled", "declined"
# Of a reminder, and of a hand-off.
PENDING, SENDING, SENT, SKIPPED = "pending", "sending", "sent", "skipped"
WAITING, CONFIRMED = "waiting", "confirmed"

metadata = sa.MetaData()


def _one_a_person(name: str, state: str) -> sa.Index:
    """An index by which a person has one row of `state` at most."""
    where = sa.text(f"state = '{state}'")
    return sa.Index(name, "person", unique=True, sqlite_where=where, postgresql_where=where)


appointments = sa.Table(
    "appointments",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("clinic", sa.String(64), nullable=False),
    sa.Column("starts_at", sa.BigInteger, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    # Which of the places at that time; null frees it.
    sa.Column("seat", sa.Integer),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("held_until", sa.BigInteger),
    sa.Column("code", sa.String(8), unique=True),
    sa.Column("person", sa.String(32)),
    sa.Column("contact", sa.LargeBinary),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("help_with", sa.String(32), nullable=False),
    # Whether a partner has taken it over: null where there is no partner.
    sa.Column("partner", sa.String(16)),
    sa.Column("revision", sa.Integer, nullable=False, default=0),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("clinic", "starts_at", "seat", name="one_resident_a_seat"),
    *(_one_a_person(name, state) for name, state in (("one_booking_a_person", BOOKED), ("one_hold_a_person", HELD))),
)
reminders = sa.Table(
    "reminders",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("appointment", sa.String(32), sa.ForeignKey("appointments.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("starts_at", sa.BigInteger, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("claimed_at", sa.BigInteger),
    # Of the text that was about to go out, to find it again at the network.
    sa.Column("digest", sa.String(32)),
    sa.UniqueConstraint("appointment", "kind", "starts_at", name="one_reminder_a_kind"),
)
handoffs = sa.Table(
    "handoffs",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("id", sa.String(32), unique=True, nullable=False),
    sa.Column("appointment", sa.String(32), sa.ForeignKey("appointments.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("next_try_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("why", sa.String(64)),
)
opt_outs = sa.Table(
    "opt_outs",
    metadata,
    sa.Column("person", sa.String(32), primary_key=True),
    sa.Column("since", sa.BigInteger, nullable=False),
)


def skip_reminders(connection: Connection, appointment: str) -> None:
    """Of an appointment that will not be: what has not gone out yet stays."""
    pending = sa.and_(reminders.c.appointment == appointment, reminders.c.state == PENDING)
    connection.execute(reminders.update().where(pending).values(state=SKIPPED))


_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY = 2  # seconds a writer waits for another one, and anybody for the server
# Seconds for which a database is left alone that did not answer: else every booking would wait, and others behind it.
REST_AFTER_FAILURE = 3.0


class Database:
    """The tables behind one address. Every method raises DeskUnavailable when the database does not answer."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._rest_until = {"reading": 0.0, "writing": 0.0}

    @property
    def file(self) -> Path | None:
        """The file of a database that is one."""
        name = self.engine.url.database
        return Path(name) if self.engine.dialect.name == "sqlite" and name and name != ":memory:" else None

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it or nothing."""
        with self._left_alone_after_failure("writing"), _told_plainly(), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A look that keeps nobody waiting."""
        with (
            self._left_alone_after_failure("reading", "writing"),
            _told_plainly(),
            self.engine.connect().execution_options(reading=True) as connection,
        ):
            yield connection

    @contextlib.contextmanager
    def _left_alone_after_failure(self, what: str, *fails_too: str) -> Iterator[None]:
        """One that cannot be written, being locked or full, can be read all the same."""
        if time.monotonic() < self._rest_until[what]:
            raise DeskUnavailable("the database did not answer a moment ago")
        try:
            yield
        except DeskUnavailable:
            for other in (what, *fails_too):
                self._rest_until[other] = time.monotonic() + REST_AFTER_FAILURE
            raise

    def insert_if_free(self, connection: Connection, table: sa.Table, values: dict[str, Any]) -> bool:
        """Insert a row unless one like it is there already; whether it was inserted."""
        dialect: Any = sqlite if self.engine.dialect.name == "sqlite" else postgresql
        return bool(connection.execute(dialect.insert(table).values(values).on_conflict_do_nothing()).rowcount)

    def migrate(self) -> None:
        """Bring the tables to the present form; does nothing where they have it."""
        with _told_plainly():
            if self.file:
                self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.engine.connect() as connection, connection.begin():
                if self.engine.dialect.name == "postgresql":
                    # Two processes that start at once must not build the same table.
                    connection.execute(sa.text("select pg_advisory_xact_lock(724516)"))
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")

    def is_current(self) -> bool:
        """Whether the tables have the form this code wants."""
        with self.reading() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
        return bool(present == ScriptDirectory.from_config(_config()).get_current_head())

    def forget_connections(self) -> None:
        """A forked child must not speak on its parent's connections."""
        self.engine.dispose(close=False)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def _engine(url: str) -> Engine:
    try:
        address = make_url(url.replace("postgres://", "postgresql://", 1))
    except SQLAlchemyError as error:
        raise SettingsError("DATABASE_URL cannot be read; write postgresql://user:password@host/name.") from error
    if address.get_backend_name() == "postgresql":
        from bot.scheduling.postgres_waiting import wait_no_longer_than

        wait_no_longer_than(_BUSY)
        # "postgres://" is what platforms hand out; the driver is named here and nowhere else.
        return sa.create_engine(address.set(drivername="postgresql+psycopg2"), future=True, pool_pre_ping=True)
    if address.get_backend_name() != "sqlite":
        raise SettingsError("DATABASE_URL must begin with postgresql:// or sqlite:///.")
    if address.database and address.database != ":memory:" and (path := Path(address.database)).parent.is_dir():
        private_file(path)  # SQLite gives its other files the same rights
    engine = sa.create_engine(address, future=True, connect_args={"timeout": _BUSY})
    event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_sqlite(connection: Any, record: object) -> None:
    # The driver's own idea of when a transaction begins is off, so that ours holds.
    connection.isolation_level = None
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma foreign_keys=on")


def _begin_sqlite(connection: Connection) -> None:
    # A writer queues at once; one that became a writer later would be turned away.
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("begin" if reading else "begin immediate")


@contextlib.contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise  # no fault of the database: two wanted the same thing
    except SQLAlchemyError as error:
        count("hotline_database_failures")
        raise DeskUnavailable(f"the database does not answer: {type(error).__name__}") from error
