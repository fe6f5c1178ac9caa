"""hotline publish, rollback, releases, off, on: what residents get, changed while the hotline runs."""

from __future__ import annotations

import getpass
import shutil
import subprocess
from pathlib import Path

import click

from bot.errors import ContentError
from bot.fitness import refuse_broken_content, refuse_unread_emergencies, unread_emergencies
from bot.flow_checks import check_all
from bot.flow_checks.project import Project, read_project
from bot.flow_engine.problems import did_you_mean
from bot.releases import Bundle, Event, Release, Releases, bundle_of
from bot.settings import FLOWS, MODELS, NLU_DATA, PROJECT, Settings

# Without these nobody would find anything, nor a person.
_NEEDED = frozenset({"menu", "speak_to_person", "change_language", "privacy"})


def publish(by: str | None, note: str, flows: Path = FLOWS) -> int:
    """Check, train if the training data changed, and serve the flows folder from now on. Returns the exit code."""
    settings = Settings.from_environment()
    project = read_project(flows, NLU_DATA)
    errors = [problem for problem in check_all(project) if problem.level == "error"]
    if errors:
        for problem in errors:
            click.echo(str(problem))
        click.echo(f"\nNot published: {len(errors)} errors. What residents get stays as it was.", err=True)
        return 1
    refuse_broken_content(project.content)
    unread = unread_emergencies(project.content, flows / "locales")
    if settings.production:
        refuse_unread_emergencies(unread)
    model = _trained_model()
    bundle = bundle_of(flows, NLU_DATA / "emergency.yml", model.name.removesuffix(".tar.gz"), unread)
    releases = Releases(settings.redis_url, settings.secret_keys)
    active = releases.active()
    before = releases.bundle(active) if active else None
    if active and active.id == bundle.id:
        click.echo(f"Nothing changed: release {active.number} is what the files say.")
        return 0
    release = releases.publish(bundle, model.read_bytes(), by or _name(), note)
    click.echo(f"Release {release.number} is served from the next message on. Changed:")
    for line in bundle.changes(before):
        click.echo(f"  {line}")
    click.echo("Conversations under way go on. To undo: hotline rollback")
    return 0


def _releases() -> Releases:
    settings = Settings.from_environment()
    return Releases(settings.redis_url, settings.secret_keys)


def rollback(by: str | None, number: int | None) -> int:
    """Serve an earlier release again. Returns the exit code."""
    releases = _releases()
    release = releases.rollback(by or _name(), number)
    click.echo(f"Release {release.number} of {_day(release.at)} is served from the next message on.")
    return 0


def show() -> int:
    """Print the releases and what was done. Returns the exit code."""
    releases = _releases()
    active = releases.active()
    if active is None:
        click.echo("Nothing is published yet: the files of the installation are served. Publish with: hotline publish")
    for flow, event in releases.switched_off().items():
        click.echo(f"{flow} is switched off since {_day(event.at)} by {event.by}: {event.note}")
    for event in releases.history():
        click.echo(_line(event, active))
    return 0


def switch_off(flow: str, because: str, by: str | None) -> int:
    """Stop serving a topic. Returns the exit code."""
    releases = _releases()
    served = _served_flows(releases)
    if flow not in served:
        raise ContentError(f'There is no flow "{flow}".{did_you_mean(flow, served)}')
    if flow in _NEEDED:
        raise ContentError(f'"{flow}" cannot be switched off: residents need it to find everything else.')
    releases.switch_off(flow, by or _name(), because)
    click.echo(f"{flow} is switched off from the next message on; residents are told to call a person.")
    click.echo(f"To serve it again: hotline on {flow}")
    return 0


def switch_on(flow: str, by: str | None) -> int:
    """Serve a topic again. Returns the exit code."""
    releases = _releases()
    off = releases.switched_off()
    if flow not in off:
        raise ContentError(f'"{flow}" is not switched off.{did_you_mean(flow, off)}')
    releases.switch_on(flow, by or _name())
    click.echo(f"{flow} is served again from the next message on.")
    return 0


def _trained_model() -> Path:
    """The model of the present training data; trained now if there is none, while the hotline goes on with the old."""
    # Late: Rasa takes seconds to import, and a change of words needs none of it.
    from bot.rasa_engine.training import is_trained, newest_model, train

    if not is_trained():
        click.echo("The training data changed. Training (half a minute); the hotline goes on answering ...")
        return train(MODELS)
    model = newest_model()
    assert model is not None
    return model


def _served_flows(releases: Releases) -> list[str]:
    active = releases.active()
    bundle: Bundle | None = releases.bundle(active) if active else None
    content: Project = read_project(FLOWS, None)
    return list(bundle.read()[0].flows if bundle else content.flows.flows)


def _line(event: Event, active: Release | None) -> str:
    served = bool(active and event.what == "publish" and event.about == str(active.number))
    what = {
        "publish": f"release {event.about}",
        "rollback": f"back to release {event.about}",
        "off": f"{event.about} off",
        "on": f"{event.about} on",
    }[event.what]
    note = f": {event.note}" if event.note else ""
    return f"{'→' if served else ' '} {_day(event.at)}  {what} by {event.by}{note}"


def _day(at: str) -> str:
    return at.replace("T", " ")[:16] + " UTC"


def _name() -> str:
    """Who is at the keyboard: the name git knows, else the account's."""
    git = shutil.which("git")
    command = [git or "", "config", "user.name"]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False) if git else None  # noqa: S603
    return (result.stdout.strip() if result else "") or getpass.getuser()
