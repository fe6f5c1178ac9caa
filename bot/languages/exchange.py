"""Texts of one language as a file for translators who have no PO tools, and back: XLIFF 1.2 or CSV.

Both hold the same rows. A row is found again by its step and its English: where the English has changed meanwhile, the
row is refused and the rest is taken.
"""

from __future__ import annotations

import csv
import hashlib
import io
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from dataclasses import dataclass, field

from babel.messages.catalog import Catalog

from bot.channels.sms import segments
from bot.errors import ContentError
from bot.flow_engine.model import Words
from bot.languages.extracting import notes
from bot.reviews import DRAFT, FUZZY, MISSING, REVIEWED, VOID, entry_state

COLUMNS = ("id", "flow", "step", "kind", "english", "translation", "state", "note", "segments")
# Spreadsheets run a cell that begins so as a formula; an apostrophe before it keeps it text.
_FORMULA = "=+-@\t\r'"
_XLIFF = "urn:oasis:names:tc:xliff:document:1.2"
_STATES = {
    MISSING: "needs-translation",
    FUZZY: "needs-l10n",
    DRAFT: "translated",
    VOID: "translated",
    REVIEWED: "signed-off",
}
# What XML 1.0 cannot carry.
_NOT_XML = {code: None for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)}


@dataclass(frozen=True)
class Row:
    """One text with its translation."""

    context: str
    kind: str
    english: str
    translation: str
    state: str
    note: str = ""

    @property
    def id(self) -> str:
        digest = hashlib.sha256(f"{self.context}\0{self.english}".encode("utf-8", "surrogatepass")).hexdigest()
        return f"{self.context}#{digest[:8]}"


@dataclass
class Import:
    """What became of an imported file. `refused` are (English, why)."""

    taken: int = 0
    unchanged: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def rows_of(texts: Iterable[Words], catalog: Catalog, only: str = "all") -> list[Row]:
    """The rows of a language: all of them, those `todo` (missing or fuzzy), or those that are a `draft`."""
    rows = []
    for words in texts:
        message = catalog.get(words.text, words.context)
        state = entry_state(message)
        wanted = {"all": True, "todo": state in {MISSING, FUZZY}, "draft": state in {DRAFT, VOID}}[only]
        if wanted:
            translation = str(message.string) if message and message.string else ""
            rows.append(Row(words.context, words.kind, words.text, translation, state, " ".join(notes(words))))
    return rows


def to_csv(rows: Iterable[Row]) -> bytes:
    """UTF-8 with a mark, by which Excel knows it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        flow, _, step = row.context.partition("/")
        price = segments(row.translation) if row.translation else None
        cells = (
            *(row.id, flow, step, row.kind, row.english, row.translation, row.state, row.note),
            f"{price.count} {price.alphabet}" if price else "",
        )
        writer.writerow([f"'{cell}" if cell[:1] and cell[0] in _FORMULA else cell for cell in cells])
    return buffer.getvalue().encode("utf-8-sig")


def from_csv(data: bytes) -> list[Row]:
    """The rows of a CSV file; raises ContentError with what is wrong."""
    try:
        text = data.decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ContentError(f"This CSV file cannot be read ({error}). Save it as CSV UTF-8.") from error
    missing = {"id", "english", "translation"} - set(lines[0] if lines else COLUMNS)
    if missing:
        raise ContentError(f"This CSV file has no column {', '.join(sorted(missing))}. Keep the columns of the export.")
    rows = []
    for line in lines:
        cells = {name: _cell(line.get(name)) for name in COLUMNS}
        context = cells["id"].rpartition("#")[0]
        rows.append(Row(context, cells["kind"], cells["english"], cells["translation"], cells["state"], cells["note"]))
    return rows


def _cell(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return text[1:] if text[:1] == "'" and text[1:2] and text[1] in _FORMULA else text


def to_xliff(rows: Iterable[Row], language: str) -> bytes:
    """XLIFF 1.2. Facts in braces stand in the text as they are: a translator sees where the number comes."""
    ElementTree.register_namespace("", _XLIFF)
    root = ElementTree.Element(f"{{{_XLIFF}}}xliff", version="1.2")
    file = ElementTree.SubElement(
        root,
        f"{{{_XLIFF}}}file",
        {"original": "flows", "source-language": "en", "target-language": language, "datatype": "plaintext"},
    )
    body = ElementTree.SubElement(file, f"{{{_XLIFF}}}body")
    for row in rows:
        unit = ElementTree.SubElement(body, f"{{{_XLIFF}}}trans-unit", {"id": row.id, "resname": row.context})
        unit.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        ElementTree.SubElement(unit, f"{{{_XLIFF}}}source").text = row.english.translate(_NOT_XML)
        target = ElementTree.SubElement(unit, f"{{{_XLIFF}}}target", {"state": _STATES[row.state]})
        target.text = row.translation.translate(_NOT_XML)
        for note in (row.kind, row.note):
            if note:
                ElementTree.SubElement(unit, f"{{{_XLIFF}}}note").text = note
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def from_xliff(data: bytes) -> list[Row]:
    """The rows of an XLIFF file; raises ContentError with what is wrong."""
    try:
        root = _xml(data)
    except ElementTree.ParseError as error:
        raise ContentError(f"This XLIFF file is not XML any more ({error}). Take the file your tool saved.") from error
    units = list(root.iter(f"{{{_XLIFF}}}trans-unit"))
    if not units:
        raise ContentError("This file has no <trans-unit> of XLIFF 1.2. Export it as XLIFF 1.2.")
    rows = []
    for unit in units:
        source, target = unit.find(f"{{{_XLIFF}}}source"), unit.find(f"{{{_XLIFF}}}target")
        english = "".join(source.itertext()) if source is not None else ""
        translation = "".join(target.itertext()) if target is not None else ""
        rows.append(Row(unit.get("id", "").rpartition("#")[0], "", english, translation, DRAFT))
    return rows


def _xml(data: bytes) -> ElementTree.Element:
    """The root of a document; raises ParseError. Expat itself refuses entities that grow."""
    try:
        return ElementTree.fromstring(data)  # noqa: S314
    except (LookupError, ValueError) as error:  # an encoding that Python or Expat does not know
        raise ElementTree.ParseError(str(error)) from error


def language_in(data: bytes) -> str | None:
    """The language an XLIFF file says it is in; None where it says nothing."""
    try:
        file = _xml(data).find(f"{{{_XLIFF}}}file")
    except ElementTree.ParseError:
        return None
    return file.get("target-language") if file is not None else None


def take_over(rows: Iterable[Row], catalog: Catalog) -> Import:
    """Put translations into the catalog, as drafts. What does not fit the present English is refused, row by row."""
    result = Import()
    for row in rows:
        message = catalog.get(row.english, row.context)
        if message is None:
            result.refused.append(
                (row.english, "the English of this step has changed, or the row was edited: export it again")
            )
        elif not row.translation.strip() or (row.translation == message.string and not message.fuzzy):
            result.unchanged += 1
        else:
            message.string = row.translation
            message.flags.discard("fuzzy")
            message.previous_id = ()
            message.user_comments = [DRAFT]
            result.taken += 1
    return result
