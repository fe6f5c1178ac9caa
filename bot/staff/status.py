"""hotline status: what is draft, void, stale, on hold, switched off, and what is due in the next thirty days."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path

import click

from bot.errors import MemoryUnavailable
from bot.flow_checks.project import Project, read_project
from bot.releases import Releases
from bot.reviews import DRAFT, REVIEWED, VOID, entry_state, flow_state
from bot.settings import FLOWS, Settings

_SOON = datetime.timedelta(days=30)
# section → what it means, as staff read it
_SECTIONS = {
    "served": "What residents get",
    "off": "Switched off",
    "unsigned_emergencies": "Emergency texts that nobody has signed: production does not start with them",
    "void": "Changed after they were signed: have them read again",
    "overdue": "Past their date: residents get the cautious sentence, or an old text",
    "due": "Due in the next 30 days",
    "hold": "On hold: not served in production",
    "draft": "Not signed yet",
}


def run(as_json: bool, folder: Path = FLOWS) -> int:
    """Print the state of the content. Returns the exit code."""
    found = state_of_content(read_project(folder, None), datetime.date.today())
    found = {**_served(), **found}
    if as_json:
        click.echo(json.dumps(found, indent=1, ensure_ascii=False))
        return 0
    for section, meaning in _SECTIONS.items():
        lines = found[section]
        if lines:
            click.echo(click.style(meaning, bold=True))
            for line in lines:
                click.echo(f"  {line}")
    if not any(found[section] for section in _SECTIONS if section not in {"served", "off"}):
        click.echo("Every text is signed and up to date.")
    return 0


def state_of_content(project: Project, today: datetime.date) -> dict[str, list[str]]:
    """The lines of every section but what is served, which only Redis knows."""
    found: dict[str, list[str]] = {section: [] for section in _SECTIONS if section not in {"served", "off"}}
    for flow in project.flows.flows.values():
        state = flow_state(flow)
        if state != REVIEWED and flow.emergency:
            found["unsigned_emergencies"].append(f"{flow.id} (English)")
        if state == VOID:
            found["void"].append(f"{flow.id} (English), signed by {flow.metadata.get('reviewed_by')}")
    for language in project.catalogs:
        for section, part, count in _unsigned(project, language):
            found[section].append(f"{part} ({language}): {count} texts")
    for name, day in _dates(project):
        if day < today:
            found["overdue"].append(f"{name}: since {day}")
        elif day <= today + _SOON:
            found["due"].append(f"{name}: {day}")
    found["hold"] = [
        f"{flow.id}/{step.id}: {step.hold}"
        for flow in project.flows.flows.values()
        for step in flow.steps.values()
        if step.hold
    ]
    found["draft"] = list(_drafts(project))
    return found


def _unsigned(project: Project, language: str) -> Iterator[tuple[str, str, int]]:
    """(section, flow, number of texts) of a catalog: unsigned emergencies, void sign-offs."""
    emergencies = {flow.id for flow in project.flows.flows.values() if flow.emergency}
    unsigned: dict[tuple[str, str], int] = {}
    for message in project.catalogs[language]:
        part, state = (message.context or "").partition("/")[0], entry_state(message)
        if message.id and part in emergencies and state in {DRAFT, VOID}:
            unsigned["unsigned_emergencies", part] = unsigned.get(("unsigned_emergencies", part), 0) + 1
        if message.id and state == VOID:
            unsigned["void", part] = unsigned.get(("void", part), 0) + 1
    for (section, part), count in unsigned.items():
        yield section, part, count


def _dates(project: Project) -> Iterator[tuple[str, datetime.date]]:
    for flow in project.flows.flows.values():
        try:
            yield flow.id, datetime.date.fromisoformat(str(flow.metadata.get("review_by")))
        except ValueError:
            continue
    for fact in project.flows.facts.values():
        if fact.review_by:
            yield f"fact {fact.id}", fact.review_by


def _drafts(project: Project) -> Iterator[str]:
    flows = project.flows.flows.values()
    drafts = [flow.id for flow in flows if flow_state(flow) == DRAFT]
    if drafts:
        yield f"English: {len(drafts)} of {len(project.flows.flows)} flows: {', '.join(drafts)}"
    for language, catalog in project.catalogs.items():
        states = [entry_state(message) for message in catalog if message.id]
        if DRAFT in states:
            yield f"{language}: {states.count(DRAFT)} of {len(states)} texts"


def _served() -> dict[str, list[str]]:
    try:
        settings = Settings.from_environment()
        releases = Releases(settings.redis_url, settings.secret_keys)
        active, off = releases.active(), releases.switched_off()
    except MemoryUnavailable:
        return {"served": ["unknown: Redis does not answer"], "off": []}
    release = (
        f"release {active.number} of {active.at[:10]} by {active.by}" if active else "the files: nothing published"
    )
    return {
        "served": [release],
        "off": [f"{flow}: {event.note} ({event.by}, {event.at[:10]})" for flow, event in off.items()],
    }
