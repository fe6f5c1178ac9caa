"""When somebody answers: "Mon-Fri 09:00-18:00; Sat 10:00-14:00", in New York's time, but for holidays."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SPAN = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)\Z")
_LOOK_AHEAD = 21  # days; no office is closed for longer


class UnreadableHours(ValueError):
    """The text is not opening hours; it says what was expected."""


@dataclass(frozen=True)
class OpeningHours:
    """`spans` are (weekday from 0, from, to); `closed_on` are days on which nobody answers, such as holidays."""

    spans: tuple[tuple[int, datetime.time, datetime.time], ...]
    closed_on: frozenset[datetime.date] = frozenset()

    def is_open(self, now: datetime.datetime) -> bool:
        """Whether somebody answers at `now`, a time in New York."""
        return any(begin <= now.time() < end for begin, end in self._on(now.date()))

    def next_opening(self, now: datetime.datetime) -> datetime.datetime | None:
        """When somebody answers again after `now`; None if that is not within three weeks."""
        for days in range(_LOOK_AHEAD):
            day = now.date() + datetime.timedelta(days=days)
            begins = [begin for begin, _ in self._on(day) if days or begin > now.time()]
            if begins:
                return datetime.datetime.combine(day, min(begins), tzinfo=now.tzinfo)
        return None

    def _on(self, day: datetime.date) -> list[tuple[datetime.time, datetime.time]]:
        if day in self.closed_on:
            return []
        return [(begin, end) for weekday, begin, end in self.spans if weekday == day.weekday()]


def read_hours(text: str, closed_on: Collection[datetime.date] = ()) -> OpeningHours:
    """The opening hours that `text` says. Raises UnreadableHours.

    >>> len(read_hours("Mon-Fri 09:00-18:00").spans)
    5
    """
    spans = []
    for span in filter(None, (part.strip() for part in text.split(";"))):
        match = _SPAN.match(span)
        if not match or match[1] not in _DAYS or (match[2] or match[1]) not in _DAYS:
            raise UnreadableHours(f'"{span}" is not opening hours. Write them as Mon-Fri 09:00-18:00.')
        first, last = _DAYS.index(match[1]), _DAYS.index(match[2] or match[1])
        try:
            begin, end = datetime.time(int(match[3]), int(match[4])), datetime.time(int(match[5]), int(match[6]))
        except ValueError as error:
            raise UnreadableHours(f'"{span}" has an hour that no clock shows.') from error
        if last < first or end <= begin:
            raise UnreadableHours(f'"{span}" ends before it begins.')
        spans += [(day, begin, end) for day in range(first, last + 1)]
    if not spans:
        raise UnreadableHours("There are no opening hours. Write them as Mon-Fri 09:00-18:00.")
    return OpeningHours(tuple(spans), frozenset(closed_on))


def now_in_new_york() -> datetime.datetime:
    """The time on a clock in New York."""
    return datetime.datetime.now(NEW_YORK)
