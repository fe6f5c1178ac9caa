"""Sending reminders: each once, whatever happens to the sender in between.

A reminder goes from pending to sending (claimed, with a digest of its text) to sent. A worker that is killed while one
is sending leaves it claimed. The next one then asks the network whether the text has gone out: what it knows is marked
as sent, what it does not know is sent now. So none is lost and none comes twice.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
import structlog

from bot import wording
from bot.caller_ids import keyed_hash
from bot.content import Content
from bot.counting.counters import count
from bot.errors import MemoryUnavailable, TextingUnknown
from bot.flow_engine.required import REMINDER
from bot.flow_engine.state import DialogueState
from bot.flow_engine.walking import Walk
from bot.scheduling.clinics import Visit
from bot.scheduling.contact import open_contact
from bot.scheduling.reminder_times import DECLINED_KIND, TOO_LATE, is_quiet
from bot.scheduling.tables import (
    BOOKED,
    DECLINED,
    PENDING,
    SENDING,
    SENT,
    SKIPPED,
    Database,
    appointments,
    opt_outs,
    reminders,
)
from bot.session_state import Memory
from bot.texting import FAILED, TracedTexting

log = structlog.get_logger()

# A claim older than this belongs to a worker that is gone: no text takes so long to be handed over.
CLAIM_SECONDS = 60
_AT_ONCE = 50


class Reminders:
    """What the worker does about reminders."""

    def __init__(
        self,
        database: Database,
        memory: Memory,
        content: Content,
        texting: TracedTexting,
        private_keys: tuple[str, ...],
        clock: Callable[[], datetime.datetime],
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._memory = memory
        self._content = content
        self._texting = texting
        self._keys = private_keys
        self._clock = clock
        self._stopping = stopping

    def send_due(self) -> int:
        """Send what is due; how many went out. Nothing goes out at night. Raises DeskUnavailable."""
        if is_quiet(self._clock()):
            return 0
        with self._database.reading() as connection:
            query = sa.select(reminders.c.id).where(self._is_due()).order_by(reminders.c.due_at).limit(_AT_ONCE)
            waiting = [row.id for row in connection.execute(query)]
        return sum(self._send(ident) for ident in waiting if not self._stopping())

    def _is_due(self) -> Any:
        """A claimed one is due again when its worker must be gone, or could not say what became of it."""
        table = reminders.c
        return sa.and_(table.state.in_([PENDING, SENDING]), table.due_at <= self._now())

    def _send(self, ident: int) -> bool:
        found = self._look(ident)
        if found is None:
            return False
        number = open_contact(found["contact"], found["appointment"], self._keys) if found["contact"] else None
        if found["contact"] and number is None:
            # Sealed under a key that is not here: for whoever has it, not to be thrown away.
            count("hotline_reminders", outcome="unreadable")
            log.error("reminder", outcome="later", why="CONTACT_PRIVATE_KEY does not open the number")
            return False
        refusal = self._refusal(found, number)
        if refusal or number is None:
            self._mark(ident, found["state"], SKIPPED)
            count("hotline_reminders", outcome="skipped")
            log.info("reminder", outcome="skipped", why=refusal)
            return False
        visit = Visit(found["starts_at"], found["clinic"])
        person = str(found["person"])
        try:
            with self._memory.lock(person):
                state = self._asking(person, visit, found)
                text = wording.reply_text(self._content, state)
                digest = keyed_hash(text, self._memory.hash_key)
                if not self._claim(ident, found, digest):
                    return False  # another worker has it
                if self._was_sent(found, number, digest):
                    outcome = SENT
                else:
                    outcome = self._texting.send(number, text)
                if outcome == SENT:
                    self._memory.save(person, state.to_json())
        except (MemoryUnavailable, TextingUnknown):
            # The question could not be opened, or nobody knows whether it was sent already: try again later.
            count("hotline_reminders", outcome="later")
            log.warning("reminder", outcome="later")
            return False
        # One that failed stays claimed: it may have gone out after all, so the network is asked before the next try.
        if outcome != FAILED:
            self._mark(ident, SENDING, SENT if outcome == SENT else SKIPPED)
        count("hotline_reminders", outcome=outcome)
        log.info("reminder", outcome=outcome, kind=found["kind"])
        return outcome == SENT

    def _look(self, ident: int) -> Mapping[str, Any] | None:
        columns = [
            *(reminders.c.appointment, reminders.c.kind, reminders.c.state, reminders.c.claimed_at),
            *(reminders.c.digest, reminders.c.starts_at, reminders.c.due_at),
            *(appointments.c.clinic, appointments.c.contact, appointments.c.person, appointments.c.language),
            appointments.c.state.label("booking"),
            appointments.c.starts_at.label("booked_for"),
            opt_outs.c.since.label("opted_out"),
        ]
        joined = reminders.join(appointments, reminders.c.appointment == appointments.c.id).outerjoin(
            opt_outs, opt_outs.c.person == appointments.c.person
        )
        with self._database.reading() as connection:
            # Still due: another worker may have taken it since the list was made.
            query = sa.select(*columns).select_from(joined).where(reminders.c.id == ident, self._is_due())
            found: Mapping[str, Any] | None = connection.execute(query).mappings().first()
        return found

    def _refusal(self, found: Mapping[str, Any], number: str | None) -> str:
        """Why this reminder is not sent; "" when it is."""
        wanted = DECLINED if found["kind"] == DECLINED_KIND else BOOKED
        if found["booking"] != wanted or found["booked_for"] != found["starts_at"]:
            return "moved or cancelled"
        if found["opted_out"] is not None:
            return "opted out"
        if found["starts_at"] < self._now() + TOO_LATE:
            return "too late"
        return "" if number else "no number"

    def _claim(self, ident: int, found: Mapping[str, Any], digest: str) -> bool:
        table = reminders.c
        # The claim's own time stays what it was when a lost one is taken over: the text may have gone out since then.
        since = found["claimed_at"] if found["state"] == SENDING else self._now()
        same = sa.and_(table.id == ident, table.state == found["state"], table.due_at == found["due_at"])
        with self._database.writing() as connection:
            values = {"state": SENDING, "claimed_at": since, "digest": found["digest"] or digest}
            values["due_at"] = self._now() + CLAIM_SECONDS
            return bool(connection.execute(reminders.update().where(same).values(**values)).rowcount)

    def _was_sent(self, found: Mapping[str, Any], number: str, digest: str) -> bool:
        """Whether an earlier worker's text went out before it was killed."""
        if found["state"] != SENDING:
            return False
        wanted = {digest, found["digest"]}
        sent = self._texting.sent_since(number, int(found["claimed_at"]) - 5)
        return any(keyed_hash(body, self._memory.hash_key) in wanted for body in sent)

    def _mark(self, ident: int, before: str, state: str) -> None:
        with self._database.writing() as connection:
            same = sa.and_(reminders.c.id == ident, reminders.c.state == before)
            connection.execute(reminders.update().where(same).values(state=state))

    def _asking(self, person: str, visit: Visit, found: Mapping[str, Any]) -> DialogueState:
        """The conversation with the reminder's question opened on top of what was open."""
        state = DialogueState.from_json(self._memory.load(person))
        state.language, state.introduced = state.language or self._content.spoken(found["language"]), True
        state.slots["visit"] = visit.key
        state.slots["appointment"] = DECLINED if found["kind"] == DECLINED_KIND else BOOKED
        walk = Walk(self._content, state, "sms")
        walk.start(REMINDER)
        state.said, state.page, state.offer = walk.said, 0, []
        return state

    def _now(self) -> int:
        return int(self._clock().timestamp())
