"""A flow or a fact without a source, or past the day on which it was to be read again.

Passes:  `source: [NYC 311 article KA-03218]` and `review_by: 2027-03-31`.
Fails:   a flow without `metadata: source`, or with a `review_by` that is over.
Why:     nobody can check a sentence without a source, and rules in this field change within weeks.
Mend:    name the source; read it again, mend the text if need be, and set the next day.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.model import Fact, Flow
from bot.flow_engine.problems import Place, Problem

RULE = "review-dates"
_SOON = datetime.timedelta(days=14)


def check(project: Project) -> Iterator[Problem]:
    """Sources and dates of flows and facts."""
    for flow in project.flows.flows.values():
        yield from _flow(project, flow)
    for fact in project.flows.facts.values():
        yield from _fact(project, fact)


def _flow(project: Project, flow: Flow) -> Iterator[Problem]:
    if not flow.sources:
        yield Problem(
            flow.place,
            "warning",
            f'The flow "{flow.id}" names no `source` under `metadata`. Add where it is from.',
            RULE,
        )
    value = flow.metadata.get("review_by")
    place = flow.metadata_places.get("review_by", flow.place)
    if value is None:
        yield Problem(
            flow.place, "warning", f'The flow "{flow.id}" has no `review_by`: a day to read it again. Add one.', RULE
        )
        return
    try:
        day = datetime.date.fromisoformat(str(value))
    except ValueError:
        yield Problem(place, "error", f'"{value}" is not a date. Write it as 2027-03-31.', RULE)
        return
    yield from _due(project, place, day, "flow", flow.id)
    signed = flow.metadata.get("reviewed_on")
    if signed and str(signed) > project.today.isoformat():
        yield Problem(
            flow.metadata_places.get("reviewed_on", flow.place),
            "error",
            f'"{signed}" is in the future: nobody can have signed it then. Use: hotline review {flow.id} --by NAME',
            RULE,
        )


def _fact(project: Project, fact: Fact) -> Iterator[Problem]:
    missing = [
        name
        for name, value in (
            ("source", fact.source),
            ("as_of", fact.as_of),
            ("review_by", fact.review_by),
            ("when_stale", fact.when_stale),
        )
        if not value
    ]
    if missing:
        yield Problem(fact.place, "warning", f'The fact "{fact.id}" has no {", ".join(missing)}. Add it.', RULE)
    if fact.review_by:
        yield from _due(project, fact.place, fact.review_by, "fact", fact.id)


def _due(project: Project, place: Place, day: datetime.date, what: str, name: str) -> Iterator[Problem]:
    if day < project.today:
        told = "residents get its `when_stale` sentence" if what == "fact" else "it may be out of date"
        yield Problem(
            place,
            "warning",
            f'The {what} "{name}" was to be read again by {day}: {told}. Read it, then set the next day.',
            RULE,
        )
    elif day <= project.today + _SOON:
        yield Problem(
            place,
            "warning",
            f'The {what} "{name}" is to be read again by {day}, very soon. Then set the next day.',
            RULE,
        )
