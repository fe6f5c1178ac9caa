"""The layout is the architecture: who may import whom, and which library has which home."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import PROJECT

# A package of ours → what of ours it may not import.
FORBIDDEN = {
    "bot/flow_engine": ("webhooks", "bot.rasa_engine", "bot.staff", "bot.conversation", "bot.session_state"),
    "bot/channels": ("webhooks", "bot.rasa_engine", "bot.staff", "bot.conversation", "bot.content", "bot.flow_engine"),
    "bot/languages": ("webhooks", "bot.rasa_engine", "bot.staff", "bot.conversation", "bot.content"),
    "bot/understanding": ("webhooks", "bot.rasa_engine", "bot.staff", "bot.conversation", "bot.content"),
    "bot/flow_checks": ("webhooks", "bot.rasa_engine", "bot.staff", "bot.conversation"),
    "bot/rasa_engine": ("webhooks", "bot.staff", "bot.conversation"),
    # The terminal's telephone rings at the real door, and knows nothing of what is behind it.
    "bot/staff": tuple(f"webhooks.{name}" for name in ("sms", "twiml", "voice", "voice_twiml", "twilio_forms")),
    "bot/scheduling": ("webhooks", "bot.rasa_engine", "bot.staff", "bot.conversation"),
    "webhooks": ("bot.staff", "bot.rasa_engine", "bot.flow_engine"),
}
# A large library → the only places that may import it.
HOMES = {
    "flask": ("webhooks",),
    "twilio": ("webhooks",),
    "rasa": ("bot/rasa_engine",),
    "redis": ("bot/redis_client.py", "bot/redis_link.py", "bot/releases.py"),
    "prometheus_client": ("bot/counting",),
    "gunicorn": ("webhooks/server_log.py", "webhooks/buffering_worker.py"),
    "sklearn": ("bot/understanding",),
    "sqlalchemy": ("bot/scheduling", "bot/staff/appointments.py"),
    "alembic": ("bot/scheduling",),
    "psycopg2": ("bot/scheduling",),
    "nacl": ("bot/scheduling/contact.py",),
    "icalendar": ("bot/scheduling/calendar_feed.py",),
    "requests": ("bot/scheduling/handoffs.py", "webhooks/twilio_rest.py"),
    "click": ("bot/staff",),
    "babel": ("bot/languages", "bot/staff", "bot/flow_checks", "bot/flow_engine/answers.py", "bot/reviews.py"),
}
FILES = sorted(path for folder in ("bot", "webhooks") for path in (PROJECT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_imports(path: Path) -> None:
    where = str(path.relative_to(PROJECT))
    for name in imports(path):
        for package, forbidden in FORBIDDEN.items():
            if where.startswith(f"{package}/"):
                assert not any(is_within(name, other) for other in forbidden), f"{where} imports {name}"
        home = HOMES.get(name.partition(".")[0])
        if home:
            assert where.startswith(home), f"{name} belongs into {', '.join(home)}, not into {where}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_names_and_sizes(path: Path) -> None:
    assert path.stem not in {"utils", "util", "helpers", "common", "manager", "service", "misc"}
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), f"{path} does not say what it is for"
    assert len(path.read_text().splitlines()) <= 450, f"{path} has more than one job"


def test_flows_hold_no_python() -> None:
    assert list((PROJECT / "flows").rglob("*.py")) == []


def test_every_word_a_resident_gets_stands_in_the_flows() -> None:
    """A sentence in code would be one that nobody translates or reviews."""
    for path in FILES:
        if path.is_relative_to(PROJECT / "bot/staff") or path.is_relative_to(PROJECT / "bot/flow_checks"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert "800-354" not in node.value, path
                assert "lawyer" not in node.value.lower(), path
