"""What a text means as the answer to an open question: a choice, a yes, a number, a day."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from babel.core import Locale, UnknownLocaleError
from babel.dates import get_day_names, get_month_names

from bot.flow_engine.folding import fold, number_in


@dataclass(frozen=True)
class Options:
    """The open question in one language: what each option can be called. Words are folded.

    `exact` are labels and synonyms; `labels` the labels alone, for loose matching; `numerals` "two" → 2.
    """

    count: int
    exact: Mapping[str, int]
    labels: tuple[str, ...]
    numerals: Mapping[str, int]


def exact_option(text: str, options: Options) -> int | None:
    """The option (from 0) that the whole message names: a label, a synonym, a digit, a number word."""
    folded = fold(text)
    if folded in options.exact:
        return options.exact[folded]
    number = number_in(text, options.numerals)
    return number - 1 if number is not None and 1 <= number <= options.count else None


def loose_option(text: str, options: Options) -> int | None:
    """The one option whose words hold all the words of a short message, allowing one slip in a long word."""
    words = fold(text).split()
    if not words or len(words) > 6 or all(len(word) < 2 for word in words):
        return None
    if any(map(_unspaced, words)):
        joined = "".join(words)
        hits = [
            index for index, label in enumerate(options.labels) if len(joined) > 1 and joined in label.replace(" ", "")
        ]
    else:
        hits = [
            index
            for index, label in enumerate(options.labels)
            if all(any(_alike(word, other) for other in label.split()) for word in words)
        ]
        # "the", "is" and other short words alone point nowhere.
        if max(map(len, words)) < 4:
            return None
    return hits[0] if len(hits) == 1 else None


def _unspaced(word: str) -> bool:
    return any("\u3040" <= character <= "\u9fff" for character in word)


def _alike(word: str, other: str) -> bool:
    return word == other or (len(word) >= 5 and len(other) >= 5 and _one_slip(word, other))


def _one_slip(left: str, right: str) -> bool:
    """Whether one letter added, lost, changed or swapped with its neighbour makes the two equal."""
    if abs(len(left) - len(right)) > 1:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    left, right = left[start:], right[start:]
    return (
        left[1:] == right[1:]
        or left[1:] == right
        or left == right[1:]
        or (left[:2] == right[1::-1] and left[2:] == right[2:])
    )


def as_number(text: str, numerals: Mapping[str, int]) -> float | None:
    """A number in digits of any script, grouped or not ("1234 5678"), or in words."""
    digits = "".join(str(_value(character)) if character.isdecimal() else character for character in text.strip())
    digits = re.sub(r"(?<=\d)[ \u00a0-](?=\d)", "", digits)
    if re.fullmatch(r"-?\d{1,9}(\.\d{1,4})?", digits):
        return float(digits)
    number = number_in(text, numerals)
    return None if number is None else float(number)


def as_date(text: str, language: str, today: datetime.date, near: Mapping[str, int]) -> datetime.date | None:
    """A day: "3/15", "15 marzo", "Monday", "tomorrow" in `language`; the next one that is not over.

    `near` maps folded words such as "tomorrow" to days from today. Month stands before day, as in the US,
    unless only the other order is a date.
    """
    folded = fold(text)
    if folded in near:
        return today + datetime.timedelta(days=near[folded])
    weekdays, months = _calendar_words(language)
    if folded in weekdays:
        return today + datetime.timedelta(days=(weekdays[folded] - today.weekday() - 1) % 7 + 1)
    numbers = [int("".join(str(_value(digit)) for digit in group)) for group in re.findall(r"\d+", folded)]
    month = next((months[word] for word in folded.split() if word in months), None)
    if month is not None and numbers:
        return _next_date(month, numbers[0], numbers[1] if len(numbers) > 1 else None, today)
    if len(numbers) in {2, 3}:
        year = numbers[2] if len(numbers) == 3 else None
        if numbers[0] > 31:
            return _next_date(numbers[1], numbers[2] if year else 0, numbers[0], today)
        return _next_date(numbers[0], numbers[1], year, today) or _next_date(numbers[1], numbers[0], year, today)
    return None


def _calendar_words(language: str) -> tuple[dict[str, int], dict[str, int]]:
    weekdays: dict[str, int] = {}
    months: dict[str, int] = {}
    for code in ("en", language.replace("-", "_")):
        try:
            locale = Locale.parse(code)
        except (UnknownLocaleError, ValueError):
            continue
        for width in ("wide", "abbreviated"):
            weekdays.update({fold(name): day for day, name in get_day_names(width, locale=locale).items()})
            months.update({fold(name): month for month, name in get_month_names(width, locale=locale).items()})
    return weekdays, months


def _next_date(month: int, day: int, year: int | None, today: datetime.date) -> datetime.date | None:
    years: Sequence[int] = [year + 2000 if year < 100 else year] if year is not None else [today.year, today.year + 1]
    for candidate in years:
        try:
            date = datetime.date(candidate, month, day)
        except ValueError:
            continue
        if date >= today or year is not None:
            return date
    return None


def _value(character: str) -> int:
    return unicodedata.digit(character, 0)
