"""hotline callbacks: callers who asked that a person calls them back, and what became of it."""

from __future__ import annotations

import datetime
import json
from typing import Any

import click
import structlog

from bot.content import load_content
from bot.errors import ContentError
from bot.languages.supported import LANGUAGES, SOURCE
from bot.opening_hours import NEW_YORK
from bot.session_state import CALL_BACK_TTL, Memory
from bot.settings import Settings

log = structlog.get_logger()

_WHEN = {"morning": "in the morning", "afternoon": "in the afternoon", "any": "at any time"}


def run(as_json: bool, settings: Settings | None = None) -> int:
    """List who waits, longest first; without numbers."""
    waiting = sorted(_memory(settings).call_backs().items(), key=lambda item: item[1].get("at", 0))
    rows = [{"id": name[:8], **_told(wish)} for name, wish in waiting]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return 0
    if not rows:
        click.echo("Nobody waits for a call.")
        return 0
    for row in rows:
        when = _WHEN.get(row["when"], "")
        click.echo(
            f"{row['id']}  {row['asked']}  kept until {row['kept_until']}  {row['language']}, {when}: {row['topic']}"
        )
    click.echo("\nhotline callbacks show ID --by NAME tells the number; hotline callbacks done ID strikes it off.")
    return 0


def show(wish_id: str, by: str, settings: Settings | None = None) -> int:
    """Tell one number; who asked for it is logged."""
    memory = _memory(settings)
    name, wish = _find(memory, wish_id)
    log.info("call_back_shown", id=name[:8], by=by)
    told = _told(wish)
    click.echo(f"{wish['number']}  {told['language']}: {told['topic']}")
    return 0


def done(wish_id: str, settings: Settings | None = None) -> int:
    """Strike a caller off; the number is gone then."""
    memory = _memory(settings)
    memory.forget_call_back(_find(memory, wish_id)[0])
    click.echo("Struck off; the number is deleted.")
    return 0


def _memory(settings: Settings | None) -> Memory:
    settings = settings or Settings.from_environment()
    return Memory(settings.redis_url, settings.secret_keys)


def _find(memory: Memory, wish_id: str) -> tuple[str, dict[str, Any]]:
    found = [item for item in memory.call_backs().items() if item[0].startswith(wish_id)]
    if len(found) != 1:
        raise ContentError(f'"{wish_id}" is not one caller of the list. See: hotline callbacks')
    return found[0]


def _told(wish: dict[str, Any]) -> dict[str, str]:
    """A wish as staff read it, without the number."""
    flow = load_content(Settings().flows).flows.flows.get(str(wish.get("topic")))
    language = LANGUAGES.get(str(wish.get("language")), LANGUAGES[SOURCE])
    asked = datetime.datetime.fromtimestamp(int(wish.get("at", 0)), NEW_YORK)
    until = asked + datetime.timedelta(seconds=CALL_BACK_TTL)
    return {
        "asked": f"{asked:%Y-%m-%d %H:%M}",
        "kept_until": f"{until:%Y-%m-%d %H:%M}",
        "language": language.english_name,
        "when": str(wish.get("window") or "any"),
        "topic": flow.name.text if flow else "no topic",
    }
