"""When a reminder is due: the day before and two hours before, never at night."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from bot.opening_hours import NEW_YORK

DAY, HOURS = "day", "hours"
# Not a reminder of a time: word that a partner could not take it.
DECLINED_KIND = "declined"
# Nobody is texted outside of these hours (the law on telephone marketing allows 8 am to 9 pm).
EARLIEST, LATEST = datetime.time(8, 0), datetime.time(20, 30)
# A reminder that cannot come earlier than this is of no use.
TOO_LATE = 20 * 60


def reminder_times(starts_at: int) -> Iterator[tuple[str, int]]:
    """(kind, seconds of the epoch at which it is due), by New York's clock, through changes of the clock."""
    start = datetime.datetime.fromtimestamp(starts_at, NEW_YORK)
    # The same hour of the day before, not 24 hours: on the day the clock changes these differ.
    day_before = datetime.datetime.combine(start.date() - datetime.timedelta(days=1), start.time(), NEW_YORK)
    two_hours = datetime.datetime.fromtimestamp(starts_at - 2 * 3600, NEW_YORK)
    for kind, time in ((DAY, day_before), (HOURS, two_hours)):
        due = int(by_day(time).timestamp())
        if due <= starts_at - TOO_LATE:
            yield kind, due


def by_day(time: datetime.datetime) -> datetime.datetime:
    """`time`, or the end of the quiet hours it falls into; in the evening, the last moment before them."""
    local = time.astimezone(NEW_YORK)
    if local.time() < EARLIEST:
        return datetime.datetime.combine(local.date(), EARLIEST, NEW_YORK)
    if local.time() > LATEST:
        return datetime.datetime.combine(local.date(), LATEST, NEW_YORK)
    return local


def is_quiet(time: datetime.datetime) -> bool:
    """Whether nobody may be texted at `time`."""
    local = time.astimezone(NEW_YORK).time()
    return not EARLIEST <= local <= datetime.time(21, 0)
