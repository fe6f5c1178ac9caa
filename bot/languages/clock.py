"""Days and times of day, as each language writes them."""

from __future__ import annotations

import datetime

from babel.dates import format_date, format_time

from bot.languages.supported import LANGUAGES, SOURCE


def time_of_day(time: datetime.time, language: str) -> str:
    """`time` on the clock, as 9:00 AM or 09:00."""
    # Babel's narrow space would make the whole SMS dearer.
    return str(format_time(time, "short", locale=_locale(language))).replace("\u202f", " ")


def date_of(day: str, language: str) -> str:
    """An ISO date, as Mar 15, 2027 or 2027年3月15日; the text itself where it is no date."""
    try:
        return str(format_date(datetime.date.fromisoformat(day), "medium", locale=_locale(language)))
    except ValueError:
        return day


def _locale(language: str) -> str:
    return LANGUAGES[language].locale if language in LANGUAGES else SOURCE
