"""Sign-offs: who has read which text, bound to its content, so that a later change voids them.

A flow's English is signed in its metadata (`reviewed_on`, `reviewed_by`, `reviewed_hash`), a translation in the comment
of its catalog entry: `# reviewed 2026-11-24 by Jane Doe [5f0c2e9a1b7d]`. Nothing else is a sign-off.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import re
from dataclasses import dataclass

from babel.messages.catalog import Message

from bot.flow_engine.conditions import Condition
from bot.flow_engine.model import Flow

DRAFT, REVIEWED, VOID, FUZZY, MISSING = "draft", "reviewed", "void", "fuzzy", "missing"
_COMMENT = re.compile(r"reviewed (\d{4}-\d{2}-\d{2}) by (.+) \[([0-9a-f]{12})\]")
# Where something stands in a file is not content.
_PLACES = frozenset({"place", "then_place", "target_place"})


@dataclass(frozen=True)
class SignOff:
    """Who read a text, when, and the hash of what was read."""

    by: str
    on: str
    hash: str


# --- English --------------------------------------------------------------------------------------


def flow_hash(flow: Flow) -> str:
    """Changes with any word, choice or way through the flow; not with its metadata, comments or layout."""
    return _hash({"name": flow.name.text, "guard": _plain(flow.guard), "steps": _plain(dict(flow.steps))})


def flow_state(flow: Flow) -> str:
    """DRAFT, REVIEWED or VOID."""
    if not flow.metadata.get("reviewed_on"):
        return DRAFT
    return REVIEWED if flow.metadata.get("reviewed_hash") == flow_hash(flow) else VOID


def flow_sign_off(flow: Flow, by: str, today: datetime.date) -> SignOff:
    """The sign-off of the flow as it is now."""
    return SignOff(by, today.isoformat(), flow_hash(flow))


# --- translations ---------------------------------------------------------------------------------


def entry_hash(message: Message) -> str:
    """Changes with the English, its place in the flows, or the translation."""
    return _hash([message.context or "", str(message.id), str(message.string)])


def entry_sign_off(message: Message) -> SignOff | None:
    """The sign-off in the entry's comments, whether it still holds or not."""
    for comment in message.user_comments:
        if match := _COMMENT.fullmatch(comment.strip()):
            return SignOff(match.group(2), match.group(1), match.group(3))
    return None


def entry_state(message: Message | None) -> str:
    """MISSING, FUZZY, DRAFT, REVIEWED or VOID."""
    if message is None or not message.string:
        return MISSING
    if message.fuzzy:
        return FUZZY
    sign_off = entry_sign_off(message)
    if sign_off is None:
        return DRAFT
    return REVIEWED if sign_off.hash == entry_hash(message) else VOID


def sign_entry(message: Message, by: str, today: datetime.date) -> None:
    """Put the sign-off in place of what marked the entry before."""
    kept = [
        comment
        for comment in message.user_comments
        if comment.strip() != DRAFT and not _COMMENT.fullmatch(comment.strip())
    ]
    message.user_comments = [f"reviewed {today.isoformat()} by {by} [{entry_hash(message)}]", *kept]


def _hash(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plain(value: object) -> object:
    """Dataclasses as plain values without their places."""
    if isinstance(value, Condition):
        return value.text
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.name not in _PLACES
        }
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        # An assignment of `set_slots` is (name, value, place).
        return [_plain(item) for item in value if type(item).__name__ != "Place"]
    return value
