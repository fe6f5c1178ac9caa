"""Times of day, as each language writes them."""

from __future__ import annotations

import datetime

from babel.dates import format_time

from bot.languages.supported import LANGUAGES, SOURCE


def time_of_day(time: datetime.time, language: str) -> str:
    """`time` on the clock, as 9:00 AM or 09:00."""
    locale = LANGUAGES[language].locale if language in LANGUAGES else SOURCE
    # Babel's narrow space would make the whole SMS dearer.
    return format_time(time, "short", locale=locale).replace("\u202f", " ")
