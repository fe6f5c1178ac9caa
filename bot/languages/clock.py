"""Days and times of day, as each language writes them."""

from __future__ import annotations

import datetime

from babel.core import Locale
from babel.dates import format_date, format_skeleton, format_time

from bot.languages.supported import LANGUAGES, SOURCE


def time_of_day(time: datetime.time, language: str) -> str:
    """`time` on the clock, as 9:00 AM or 09:00."""
    # Babel's narrow space would make the whole SMS dearer.
    return str(format_time(time, "short", locale=_locale(language))).replace("\u202f", " ")


def has_own_dates(language: str) -> bool:
    """Whether Babel knows how the language writes dates; of Haitian Creole it shows French ones."""
    return language != "ht"


def date_and_time(when: datetime.datetime, language: str) -> str:
    """A day and a time, as Tue, Dec 1, 10:00 AM or 12月1日周二 10:00."""
    locale = Locale.parse(_locale(language))
    day = str(format_skeleton("MMMEd", when, locale=locale)).replace("\u202f", " ")
    together = str(locale.datetime_formats["medium"])
    return together.replace("{1}", day).replace("{0}", time_of_day(when.time(), language))


def date_of(day: str, language: str) -> str:
    """An ISO date, as Mar 15, 2027 or 2027年3月15日; the text itself where it is no date."""
    try:
        return str(format_date(datetime.date.fromisoformat(day), "medium", locale=_locale(language)))
    except ValueError:
        return day


def _locale(language: str) -> str:
    return LANGUAGES[language].locale if language in LANGUAGES else SOURCE
