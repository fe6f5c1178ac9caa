"""Translations: gettext catalogs (PO files) beside the flows, read once and kept in memory."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, denormalize, read_po, write_po

from bot.errors import ContentError
from bot.flow_engine.model import Words
from bot.flow_engine.problems import Place, Problem
from bot.languages.supported import LANGUAGES, SOURCE

DOMAIN = "flows"
_PREVIOUS = re.compile(r'^msgid (".*"(?:\n".*")*)$', re.MULTILINE)


class UnreadableCatalog(ContentError):
    """A PO file that is none. It knows where."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(f"{place} {message}")
        self.place, self.message = place, message


def catalog_path(locales: Path, language: str) -> Path:
    """Where the catalog of `language` lies below the `locales` folder."""
    return locales / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def shipped_languages(locales: Path) -> tuple[str, ...]:
    """English and every language that has a catalog, in the order of `LANGUAGES`."""
    return tuple(code for code in LANGUAGES if code == SOURCE or catalog_path(locales, code).is_file())


def read_catalog(locales: Path, language: str) -> Catalog:
    """The PO file of `language`; raises UnreadableCatalog when it cannot be read."""
    path = catalog_path(locales, language)
    try:
        with path.open("rb") as file:
            return _with_previous(read_po(file, locale=LANGUAGES[language].locale, domain=DOMAIN, abort_invalid=True))
    except OSError:
        raise
    except Exception as error:  # Babel's reader meets a broken header with whatever it stumbles over
        place = Place(str(path.relative_to(locales.parent.parent)), int(getattr(error, "lineno", 0) or 0) + 1)
        what = str(error) if isinstance(error, (PoFileError, ValueError)) else type(error).__name__
        raise UnreadableCatalog(place, f"This catalog cannot be read: {what}. Check quotes in this line.") from error


def _with_previous(catalog: Catalog) -> Catalog:
    """Babel writes the English that a translation was made for (`#| msgid`), and reads it as a comment."""
    for message in catalog:
        noted = "\n".join(line[1:].strip() for line in message.user_comments if line.startswith("|"))
        if found := _PREVIOUS.search(noted):
            message.previous_id = [denormalize(found.group(1))]
        message.user_comments = [line for line in message.user_comments if not line.startswith("|")]
    return catalog


def write_catalog(locales: Path, language: str, catalog: Catalog) -> None:
    """Write the PO file, entries in the order of the flow files so that differences stay readable.

    The old file stands until the new one is whole: a failure in between loses no translation.
    """
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=120, sort_by_file=False, include_previous=True)
    path = catalog_path(locales, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".po.new")
    unfinished.write_bytes(buffer.getvalue())
    unfinished.replace(path)


def is_served(message: Message | None) -> bool:
    """Whether residents get this translation: it is there and no change of the English made it doubtful."""
    return message is not None and bool(message.string) and not message.fuzzy


@dataclass(frozen=True)
class Translations:
    """What residents may be served, by language: (context, English) → translation."""

    languages: tuple[str, ...] = (SOURCE,)
    entries: Mapping[str, Mapping[tuple[str, str], str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def find(self, words: Words, language: str) -> str | None:
        """The text in `language` or, without a catalog, in its closest relative; None where there is none."""
        if language == SOURCE or words.is_fact:
            return words.text
        while language not in self.entries and (known := LANGUAGES.get(language)) and known.closest:
            language = known.closest
        return self.entries.get(language, {}).get((words.context, words.text))


def read_translations(locales: Path) -> Translations:
    """Read every catalog. One that cannot be read becomes a problem and its language falls back to English."""
    entries: dict[str, dict[tuple[str, str], str]] = {}
    problems: list[Problem] = []
    languages = shipped_languages(locales)
    for language in languages:
        if language == SOURCE:
            continue
        try:
            catalog = read_catalog(locales, language)
        except UnreadableCatalog as fault:
            problems.append(Problem(fault.place, "error", fault.message, "syntax"))
            continue
        entries[language] = {
            (message.context or "", str(message.id)): str(message.string)
            for message in catalog
            if message.id and is_served(message)
        }
    return Translations(languages, entries, tuple(problems))
