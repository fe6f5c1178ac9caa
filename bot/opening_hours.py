"""When a person answers: "Mon-Fri 09:00-18:00; Sat 10:00-14:00", in New York's time."""

from __future__ import annotations

import datetime
import re

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SPAN = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)\Z")

Hours = tuple[tuple[int, datetime.time, datetime.time], ...]


class UnreadableHours(ValueError):
    """The text is not opening hours; it says what was expected."""


def read_hours(text: str) -> Hours:
    """(weekday from 0, from, to) for each open day. Raises UnreadableHours.

    >>> len(read_hours("Mon-Fri 09:00-18:00"))
    5
    """
    found = []
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
        found += [(day, begin, end) for day in range(first, last + 1)]
    return tuple(found)


def is_open(hours: Hours, now: datetime.datetime) -> bool:
    """Whether somebody answers at `now`."""
    return any(day == now.weekday() and begin <= now.time() < end for day, begin, end in hours)
