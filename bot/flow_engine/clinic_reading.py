"""One place of `clinics:` → a ClinicEntry. Every fault is told where it stands."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator

from bot.flow_engine import grammar
from bot.flow_engine.model import ClinicEntry
from bot.flow_engine.node_reading import NodeReader
from bot.flow_engine.problems import Place, did_you_mean
from bot.flow_engine.yaml_nodes import Mapping, Node, Scalar, Sequence, plain
from bot.languages.supported import LANGUAGES
from bot.scheduling.clinics import BOROUGHS, DAYS, HELP_WITH, Clinic, Schedule

RULE = "clinics"
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")


def read_clinic(reader: NodeReader, key: Scalar, node: Node) -> ClinicEntry | None:
    """The place, or None where it is at fault; the faults are the reader's then."""
    if not isinstance(node, Mapping):
        reader.error(key.place, f'The place "{key.text}" is empty. It needs a name, an address and schedules.', RULE)
        return None
    before = len(reader.problems)
    reader.known_keys(node, grammar.names(grammar.CLINIC), f'place "{key.text}"')
    for wanted in grammar.CLINIC:
        if wanted.required and wanted.name not in node:
            reader.error(key.place, f'The place "{key.text}" has no `{wanted.name}`: {wanted.about}', RULE)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", key.text):
        reader.error(key.place, f'"{key.text}" cannot be the id of a place: small letters, digits and "_".', RULE)
    name = reader.text(node, "name", f"clinics/{key.text}", "name")
    clinic = Clinic(
        id=key.text,
        borough=next(iter(_among(reader, node, "borough", BOROUGHS)), ""),
        address=", ".join(filter(None, (_plain(node, "address_1"), _plain(node, "city"), _plain(node, "postal_code")))),
        languages=frozenset(_among(reader, node, "languages", LANGUAGES)),
        interpreters=plain(node.get("interpreters")) is True,
        help_with=frozenset(_among(reader, node, "help_with", HELP_WITH)) or frozenset(HELP_WITH),
        schedules=tuple(_schedules(reader, node.get("schedules"))),
        closed_on=frozenset(_days(reader, node.get("closed_on"))),
        hold=_plain(node, "hold") or None,
        feed=_number(reader, node, "feed", 1, 1, 1_000_000),
    )
    if not clinic.languages and not clinic.interpreters:
        reader.error(key.place, f'The place "{key.text}" speaks no language. Add `languages` or `interpreters`.', RULE)
    review_by = reader.date(node, "review_by")
    if name is None or len(reader.problems) > before:
        return None
    return ClinicEntry(clinic, name, key.place, _plain(node, "source"), review_by)


def _schedules(reader: NodeReader, node: Node | None) -> Iterator[Schedule]:
    if node is None:
        return
    if not isinstance(node, Sequence) or not node.items:
        reader.error(node.place, "`schedules` is a list: `- byday: [TU]` with the hours below it.", RULE)
        return
    for item in node.items:
        schedule = _schedule(reader, item) if isinstance(item, Mapping) else None
        if schedule:
            yield schedule
        elif not isinstance(item, Mapping):
            reader.error(item.place, "A schedule is `- byday: [TU]` with the hours below it.", RULE)


def _schedule(reader: NodeReader, node: Mapping) -> Schedule | None:
    reader.known_keys(node, grammar.names(grammar.SCHEDULE), "schedule")
    missing = [key.name for key in grammar.SCHEDULE if key.required and key.name not in node]
    if missing:
        reader.error(node.place, f"This schedule has no {', '.join(missing)}.", RULE)
        return None
    byday = frozenset(_among(reader, node, "byday", DAYS))
    opens, closes = _time(reader, node, "opens_at"), _time(reader, node, "closes_at")
    minutes = _number(reader, node, "minutes", 0, 5, 480)
    capacity = _number(reader, node, "capacity", 0, 1, 500)
    if opens is None or closes is None or not minutes or not capacity or not byday:
        return None
    length = datetime.timedelta(hours=closes.hour - opens.hour, minutes=closes.minute - opens.minute)
    if length < datetime.timedelta(minutes=minutes):
        reader.error(node.key_place("closes_at"), "There is no time for one appointment between these hours.", RULE)
        return None
    valid = reader.date(node, "valid_from"), reader.date(node, "valid_to")
    if valid[0] and valid[1] and valid[1] < valid[0]:
        reader.error(node.key_place("valid_to"), "This schedule ends before it begins.", RULE)
    return Schedule(byday, opens, closes, minutes, capacity, *valid)


def _among(reader: NodeReader, node: Mapping, key: str, known: Iterable[str]) -> Iterator[str]:
    value = node.get(key)
    for item in value.items if isinstance(value, Sequence) else () if value is None else (value,):
        text = item.text if isinstance(item, Scalar) else ""
        if text in known:
            yield text
        else:
            names = ", ".join(known)
            reader.error(item.place, f'"{text}" is none of: {names}.{did_you_mean(text, known)}', RULE)


def _days(reader: NodeReader, node: Node | None) -> Iterator[datetime.date]:
    for item in node.items if isinstance(node, Sequence) else ():
        try:
            yield datetime.date.fromisoformat(item.text if isinstance(item, Scalar) else "")
        except ValueError:
            reader.error(item.place, "This is not a date. Write it as 2027-03-31.", RULE)


def _time(reader: NodeReader, node: Mapping, key: str) -> datetime.time | None:
    value = node.get(key)
    match = _TIME.match(value.text) if isinstance(value, Scalar) else None
    if match is None:
        place: Place = value.place if value else node.place
        reader.error(place, f'`{key}` is a time by the clock of 24 hours, in quotes: "09:30".', RULE)
        return None
    return datetime.time(int(match[1]), int(match[2]))


def _number(reader: NodeReader, node: Mapping, key: str, default: int, low: int, high: int) -> int:
    value = node.get(key)
    if value is None:
        return default
    number = plain(value)
    if not isinstance(number, int) or isinstance(number, bool) or not low <= number <= high:
        reader.error(value.place, f"`{key}` is a number from {low} to {high}.", RULE)
        return 0
    return number


def _plain(node: Mapping, key: str) -> str:
    value = node.get(key)
    return value.text.strip() if isinstance(value, Scalar) else ""
