"""What staff and translators hand in: whatever stands in a file, reading it gives values, problems with file and line,
or a ContentError for its writer; never another exception."""

from __future__ import annotations

import functools
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from bot.channels.sms import MAX_CHARACTERS
from bot.errors import ContentError
from bot.flow_engine.problems import Problem
from bot.flow_engine.reading import read_flows, read_sources
from bot.languages import exchange
from bot.languages.catalog import catalog_path, read_catalog, read_translations
from bot.messages import Reply
from bot.settings import FLOWS, NLU_DATA
from bot.understanding.emergency import patterns_in
from tests.fuzz import slips
from tests.fuzz.target import Fault, Target
from tests.test_reader_is_total import assert_total

_SMALL = ("menu", "ice_at_door", "actionnyc_book", "change_language", "repeat", "appointment_reminder")


@functools.lru_cache(maxsize=1)
def _folder() -> Path:
    """A folder for files that have to be files, in memory where there is such a place."""
    shared = Path("/dev/shm")
    made = tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None)
    _folder.kept = made  # type: ignore[attr-defined]
    return Path(made.name)


def _spoil_lines(data: bytes, chance: random.Random) -> bytes:
    return slips.spoiled(data, chance, slips.LINES)


def _spoil_bytes(data: bytes, chance: random.Random) -> bytes:
    return slips.spoiled(data, chance, slips.BYTES)


def _refuse_without_place(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        if problem.place.line < 1 or problem.place.column < 1 or not problem.place.file or not problem.message.strip():
            raise Fault(f"a problem without a place: {problem}")


# --- YAML -----------------------------------------------------------------------------------------


def _flow_seeds() -> list[bytes]:
    return [(FLOWS / f"{name}.yml").read_bytes() for name in _SMALL]


def _check_flows(data: bytes) -> None:
    """Reading and all rules of `hotline check`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        folder = _folder() / "flows"
        folder.mkdir(exist_ok=True)
        (folder / "x.yml").write_bytes(data)
        _refuse_without_place(read_flows(folder).problems)
        return
    assert_total(text)


def _values_seeds() -> list[bytes]:
    """Pieces of the files of facts, places, voices and phrases: whole ones would be mostly the same."""
    seeds = []
    for name in ("facts", "clinics", "voices", "phrases"):
        lines = (FLOWS / f"{name}.yml").read_text(encoding="utf-8").split("\n")
        top = next(at for at, line in enumerate(lines) if line.rstrip() == f"{name}:")
        starts = [
            at for at, line in enumerate(lines) if at > top and line[:2] == "  " and line[2:3] not in {" ", "#", "-"}
        ]
        for start, end in list(zip(starts, [*starts[1:], len(lines)]))[:12]:
            seeds.append("\n".join([f"{name}:", *lines[start:end]]).encode())
    return seeds


def _check_values(data: bytes) -> None:
    flows = read_sources({"flows/x.yml": data.decode("utf-8", "replace")})
    _refuse_without_place(flows.problems)


def _emergency_seeds() -> list[bytes]:
    small = b"emergencies:\n  - flow: a\n    all_of: [x, y]\n    none_of: [z]\n"
    small += b"word_groups:\n  x:\n    en: [knock*, 'the door']\n"
    small += "    zh-Hans: [敲门]\n  y:\n    es: [policía]\n  z:\n    en: [movie]\n".encode()
    return [small, (NLU_DATA / "emergency.yml").read_bytes()[:4000]]


def _check_emergency(data: bytes) -> None:
    try:
        patterns = patterns_in(data.decode("utf-8", "replace"))
    except ContentError as error:
        _refuse_empty(error)
        return
    patterns.find("they are knocking at the door 敲门 policía")


# --- translations ---------------------------------------------------------------------------------


def _catalog_seeds() -> list[bytes]:
    seeds = []
    for language in ("es", "ar"):
        lines = catalog_path(FLOWS / "locales", language).read_bytes().split(b"\n\n")
        seeds += [b"\n\n".join([lines[0], *lines[at : at + 3]]) for at in (1, 40, 90)]
    odd = b'\n\n#, fuzzy\n#| msgid "old"\nmsgctxt "a/b"\nmsgid "x"\nmsgid_plural "y"\nmsgstr[0] "a"\nmsgstr[1] "b"\n'
    return [*seeds, seeds[0] + odd, b'#~ msgid "a"\n#~ msgstr "b"\n', b""]


def _check_catalog(data: bytes) -> None:
    """A catalog that cannot be read is a problem with its line; its language falls back to English."""
    locales = _folder() / "flows" / "locales"
    path = catalog_path(locales, "es")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    _refuse_without_place(read_translations(locales).problems)
    try:
        read_catalog(locales, "es")
    except ContentError as error:
        _refuse_empty(error)


def _rows() -> list[exchange.Row]:
    return [
        exchange.Row("ice_at_door/answer", "text", "Stay calm.", "Mantenga la calma.", "draft", "for a resident"),
        exchange.Row("menu/ask", "text", "Call {legal_help.phone}\n1 Yes", "=1+1", "missing", 'a, "b"'),
        exchange.Row("menu/ask", "choice", "'quoted", "食物", "fuzzy"),
    ]


def _check_import(
    read: Callable[[bytes], list[exchange.Row]], write: Callable[[list[exchange.Row]], bytes]
) -> Callable[[bytes], None]:
    """What can be read can be taken over, and comes back the same when it is written again."""
    empty = read_catalog(FLOWS / "locales", "es")

    def check(data: bytes) -> None:
        try:
            language = exchange.language_in(data)
            rows = read(data)
        except ContentError as error:
            _refuse_empty(error)
            return
        if language is not None and not isinstance(language, str):
            raise Fault("a language that is no text")
        exchange.take_over(rows, empty)
        again = (
            read(write([exchange.Row(row.context, row.kind, row.english, row.translation, "draft") for row in rows]))
            if rows
            else []
        )
        if len(again) != len(rows):
            raise Fault("rows are lost when they are written again")

    return check


def _refuse_empty(error: Exception) -> None:
    if not str(error).strip():
        raise Fault("a ContentError without a sentence")


# --- answers --------------------------------------------------------------------------------------


def _check_twiml(data: bytes) -> None:
    """Any text becomes a message that an XML parser reads back: the same text, without what XML cannot carry."""
    import xml.etree.ElementTree as ElementTree

    from webhooks import twiml

    text = data.decode("utf-8", "surrogateescape")  # what is no UTF-8 becomes lone surrogates
    body = twiml.text_reply(Reply(text)).get_data()
    root = ElementTree.fromstring(body)
    found = [verb.text or "" for verb in root]
    wanted = twiml.without_control_characters(text).strip()[:MAX_CHARACTERS]
    if [verb.tag for verb in root] != (["Message"] if wanted else []):
        raise Fault("not one <Message>")
    if found and found[0].replace("\r\n", "\n") != wanted.replace("\r\n", "\n").replace("\r", "\n"):
        raise Fault("the text has changed")


def _nasty_seeds() -> list[bytes]:
    return list(slips.NASTY_BYTES)


FILE_TARGETS = (
    Target(
        "flow files",
        "flows in YAML, with every rule of `hotline check`",
        40,
        _flow_seeds,
        _spoil_lines,
        _check_flows,
        ("bot/flow_engine/reading.py", "bot/flow_engine/step_reading.py", "bot/flow_engine/yaml_nodes.py"),
    ),
    Target(
        "facts and places",
        "facts, clinics, voices, phrases in YAML",
        80,
        _values_seeds,
        _spoil_lines,
        _check_values,
        ("bot/flow_engine/clinic_reading.py", "bot/flow_engine/node_reading.py", "bot/opening_hours.py"),
    ),
    Target(
        "emergency words",
        "emergency.yml",
        40,
        _emergency_seeds,
        _spoil_lines,
        _check_emergency,
        ("bot/understanding/emergency.py",),
    ),
    Target("catalogs", "PO files", 50, _catalog_seeds, _spoil_lines, _check_catalog, ("bot/languages/catalog.py",)),
    Target(
        "CSV",
        "a translator's CSV",
        80,
        lambda: [exchange.to_csv(_rows()), b"id,english,translation\n"],
        _spoil_lines,
        _check_import(exchange.from_csv, exchange.to_csv),
        ("bot/languages/exchange.py",),
    ),
    Target(
        "XLIFF",
        "a translator's XLIFF",
        80,
        lambda: [exchange.to_xliff(_rows(), "es")],
        _spoil_lines,
        _check_import(exchange.from_xliff, lambda rows: exchange.to_xliff(rows, "es")),
        ("bot/languages/exchange.py",),
    ),
    Target("TwiML", "any text as a reply", 100, _nasty_seeds, _spoil_bytes, _check_twiml, ("webhooks/twiml.py",)),
)
