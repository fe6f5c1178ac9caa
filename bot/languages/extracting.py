"""Babel's way into flow files: every text with its context, place and a note for the translator."""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterator
from typing import IO, Any

from babel.messages.catalog import Catalog

from bot.flow_engine.model import FlowSet, Words
from bot.flow_engine.reading import read_sources
from bot.languages.catalog import DOMAIN
from bot.languages.supported import LANGUAGES

# What a translator sees above the entry.
_NOTES = {
    "name": "Name of a topic, shown in menus. Keep it short.",
    "choice": "One numbered option of a menu. Keep it short.",
    "synonyms": "Words a resident may text for the option above. Your own list, as long as you like, separated by |",
    "words": "Words a resident may text at any moment. Your own list, as long as you like, separated by |",
    "voice": "Spoken on the telephone. Write it as people speak.",
    "fact": "Part of a sentence, put where the braces stand.",
    "stale": "Sent in place of a text whose facts are out of date.",
}


def extract(
    fileobj: IO[bytes], keywords: object, comment_tags: object, options: dict[str, Any]
) -> Iterator[tuple[int, str, tuple[str, str], list[str]]]:
    """The extractor named in `[babel.extractors]`: yields (line, "pgettext", (context, text), notes)."""
    source = io.TextIOWrapper(fileobj, encoding="utf-8-sig").read()
    for words in read_sources({getattr(fileobj, "name", "flows.yml"): source}).translatable():
        yield words.place.line, "pgettext", (words.context, words.text), notes(words)


def notes(words: Words) -> list[str]:
    """The lines a translator reads above this text."""
    lines = [_NOTES[words.kind]] if words.kind in _NOTES else []
    if "{" in words.text:
        lines.append("Keep what stands in braces as it is.")
    if '"' in words.text:
        lines.append("Keep the quoted English sentence in English; add its meaning in brackets.")
    return lines


def template(flows: FlowSet) -> Catalog:
    """Every text of `flows` that is to be translated, as a catalog without translations."""
    catalog = Catalog(project="hotline", domain=DOMAIN, charset="utf-8", fuzzy=False)
    for words in flows.translatable():
        catalog.add(
            words.text,
            locations=[(words.place.file, words.place.line)],
            auto_comments=notes(words),
            context=words.context,
        )
    return catalog


def updated(catalog: Catalog | None, language: str, flows: FlowSet) -> Catalog:
    """`catalog` brought to the present texts: new ones empty, changed ones fuzzy, lost ones obsolete.

    A new text takes the translation of the same English elsewhere, as a draft. A text of a step is a changed one only
    beside the texts that stood in the same step: what merely looks alike in another topic says something else.
    """
    result = catalog or Catalog(locale=LANGUAGES[language].locale, project="hotline", domain=DOMAIN, fuzzy=False)
    result.header_comment = f"# {LANGUAGES[language].own_name}: translations of the hotline's texts, under its licence."
    result.msgid_bugs_address = result.last_translator = result.language_team = ""
    before = [message for message in result if message.id and message.string]
    wanted = template(flows)
    present = {(message.context, message.id) for message in wanted}
    same = {message.id: message.string for message in before if not message.fuzzy}
    result.update(wanted, no_fuzzy_matching=True, update_header_comment=False)
    made_for = {(message.context, message.id): message.previous_id for message in before if message.fuzzy}
    for message in result:
        if not message.id or message.string:
            message.previous_id = made_for.get((message.context, message.id), message.previous_id)
            continue
        if message.id in same:
            message.string = same[message.id]
            message.user_comments = ["draft"]
            continue
        lost = {
            str(old.id): old
            for old in before
            if old.context == message.context and (old.context, old.id) not in present
        }
        near = difflib.get_close_matches(str(message.id), lost, 1)
        if near:
            old = lost[near[0]]
            message.string, message.previous_id, message.user_comments = old.string, [old.id], old.user_comments
            message.flags.add("fuzzy")
    return result
