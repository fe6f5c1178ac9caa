"""Places that give appointments, and when. Pure values: no clock, no database.

The fields are named as in Open Referral's Human Services Data Specification (HSDS 3.0: location, address, schedule).
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bot.opening_hours import NEW_YORK

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
BOROUGHS = ("bronx", "brooklyn", "manhattan", "queens", "staten_island")
ANY = "any"
HELP_WITH = ("court", "family", "work", "papers", "other")


@dataclass(frozen=True)
class Schedule:
    """When a place gives appointments: on `byday`, from `opens_at` to `closes_at` in New York's time.

    An appointment takes `minutes`; `capacity` of them can begin at the same time.
    """

    byday: frozenset[str]
    opens_at: datetime.time
    closes_at: datetime.time
    minutes: int
    capacity: int
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None

    def on(self, day: datetime.date) -> Iterator[datetime.datetime]:
        """The beginnings of the appointments of a day, by New York's clock."""
        too_early = self.valid_from is not None and day < self.valid_from
        too_late = self.valid_to is not None and day > self.valid_to
        if DAYS[day.weekday()] not in self.byday or too_early or too_late:
            return
        length = datetime.timedelta(minutes=self.minutes)
        begin = datetime.datetime.combine(day, self.opens_at)
        while begin + length <= datetime.datetime.combine(day, self.closes_at):
            local = begin.replace(tzinfo=NEW_YORK)
            # An hour that the clock leaves out in spring does not come back the same from UTC.
            if local.astimezone(datetime.timezone.utc).astimezone(NEW_YORK).replace(tzinfo=None) == begin:
                yield local
            begin += length


@dataclass(frozen=True)
class Clinic:
    """A place. `languages` are spoken there; with `interpreters` every other one is spoken through an interpreter."""

    id: str
    borough: str
    address: str
    languages: frozenset[str]
    interpreters: bool
    help_with: frozenset[str]
    schedules: tuple[Schedule, ...]
    closed_on: frozenset[datetime.date] = frozenset()
    hold: str | None = None
    feed: int = 1

    def speaks(self, language: str) -> bool:
        return self.interpreters or language in self.languages

    def helps(self, topic: str) -> bool:
        return not topic or topic in self.help_with

    def times(self, days: Collection[datetime.date]) -> Iterator[tuple[datetime.datetime, Schedule]]:
        """Every appointment's beginning on `days`, in order."""
        for day in sorted(set(days) - self.closed_on):
            found = [(begin, schedule) for schedule in self.schedules for begin in schedule.on(day)]
            yield from sorted(found, key=lambda item: item[0])

    def schedule_of(self, begin: datetime.datetime) -> Schedule | None:
        """The schedule by which an appointment begins at `begin`; None where none does."""
        local = begin.astimezone(NEW_YORK)
        return next((schedule for time, schedule in self.times([local.date()]) if time == local), None)


@dataclass(frozen=True, order=True)
class Visit:
    """A place and a time, as conversations carry it: "bronx_sample/1764601200" (seconds of the epoch)."""

    starts_at: int
    clinic: str

    @property
    def key(self) -> str:
        return f"{self.clinic}/{self.starts_at}"

    @property
    def when(self) -> datetime.datetime:
        """The time on a clock in New York."""
        return datetime.datetime.fromtimestamp(self.starts_at, NEW_YORK)

    @classmethod
    def read(cls, key: object) -> Visit | None:
        """The inverse of `key`; None for anything else."""
        clinic, slash, seconds = str(key).partition("/")
        return cls(int(seconds), clinic) if slash and seconds.isascii() and seconds.isdecimal() else None


@dataclass(frozen=True)
class Wish:
    """What a resident asks for: a coarse topic, a borough ("any": all of them), the language of the meeting."""

    help_with: str = ""
    borough: str = ANY
    language: str = "en"


# Where to look next when a borough has nothing, by the way the subway goes.
_NEAREST = {
    "bronx": ("manhattan", "queens", "brooklyn", "staten_island"),
    "brooklyn": ("manhattan", "queens", "staten_island", "bronx"),
    "manhattan": ("bronx", "brooklyn", "queens", "staten_island"),
    "queens": ("manhattan", "brooklyn", "bronx", "staten_island"),
    "staten_island": ("manhattan", "brooklyn", "queens", "bronx"),
}


def rings(borough: str) -> Iterator[tuple[str, ...]]:
    """The boroughs to look in: the wished one, then the others one after the other; all at once for "any"."""
    if borough not in _NEAREST:
        yield BOROUGHS
        return
    yield (borough,)
    yield from ((other,) for other in _NEAREST[borough])


@dataclass(frozen=True)
class OpenTimes:
    """What is free for a wish: `visits`, and whether they are `elsewhere` than in the borough that was asked for."""

    visits: tuple[Visit, ...] = ()
    elsewhere: bool = False
    more: bool = False
