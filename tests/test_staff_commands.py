"""The commands that load the engine, as staff run them; and Rasa's own, which work on the project too."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.rasa_engine.training import newest_model
from bot.settings import PROJECT
from tests.conftest import RedisServer, process_environment

pytestmark = pytest.mark.engine
BIN = Path(sys.executable).parent


@pytest.fixture
def environment(redis_server: RedisServer) -> dict[str, str]:
    return process_environment(redis_server.url, RASA_TELEMETRY_ENABLED="false", NO_COLOR="1")


def run(command: list[str], environment: dict[str, str], text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        input=text,
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_understand_prints_one_object_a_line_and_nothing_else(environment: dict[str, str]) -> None:
    texts = ["hay un agente de ICE en la puerta", "我想问学校会不会让ICE进去", "bonswa", "blorp fizzle quux", "menu"]
    result = run(["hotline", "understand"], environment, "\n".join(texts) + "\n\n")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [item["text"] for item in found] == texts
    assert all(set(item) == {"text", "language", "intent", "confidence", "flow"} for item in found)
    assert [item["flow"] for item in found] == ["ice_at_door", "school_ice_protocol", "greet", None, "menu"]
    assert [item["language"] for item in found[:3]] == ["es", "zh-Hans", "ht"]


def test_chat_shows_the_reply_and_its_price(environment: dict[str, str]) -> None:
    result = run(["hotline", "chat", "--language", "es"], environment, "1\n\n")
    assert "Do you have a warrant signed by a judge?" in result.stdout
    assert "parts, " in result.stdout
    assert result.returncode == 0


def test_train_does_no_work_twice(environment: dict[str, str]) -> None:
    result = run(["hotline", "train"], environment)
    assert result.stdout.startswith("Nothing changed")
    assert result.returncode == 0


def test_a_conversation_that_went_otherwise_exits_with_1(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "wrong.yml"
    file.write_text("test_cases:\n- test_case: wrong\n  steps:\n  - user: menu\n  - utter: privacy/answer\n")
    result = run(["hotline", "test", str(file)], environment)
    assert "0 passed, 1 failed" in result.stdout
    assert result.returncode == 1


def test_a_chat_is_recorded_played_and_updated(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "paper.yml"
    run(["hotline", "chat", "--record", str(file), "--name", "A paper"], environment, "ICE is at my door\n1\n\n")
    played = run(["hotline", "test", str(file), "--coverage"], environment)
    assert "1 passed, 0 failed" in played.stdout
    assert "ice_at_door/inside: not in en, es, zh-Hans, zh-Hant, ru, bn, ht" in played.stdout
    recorded = file.read_text()
    assert "- utter: warrant_types/two_papers" in recorded
    file.write_text(recorded.replace("Stay calm.", "Stay very calm."))
    assert "1 failed" in run(["hotline", "test", str(file)], environment).stdout
    run(["hotline", "test", str(file), "--update"], environment)
    assert file.read_text() == recorded


def test_rasa_data_validate(environment: dict[str, str]) -> None:
    engine = "bot/rasa_engine"
    options = ["-c", f"{engine}/config.yml", "-d", f"{engine}/domain.yml", "--data", "nlu_data", f"{engine}/rules.yml"]
    assert run(["rasa", "data", "validate", *options], environment).returncode == 0


def test_rasa_test_nlu(environment: dict[str, str], tmp_path: Path) -> None:
    model = newest_model()
    command = ["rasa", "test", "nlu", "--nlu", "tests/nlu", "--model", str(model), "--out", str(tmp_path), "--no-plot"]
    assert run(command, environment).returncode == 0
    report = json.loads((tmp_path / "intent_report.json").read_text())
    assert report["accuracy"] > 0.9


def test_rasa_loads_the_project_by_its_own_endpoints(environment: dict[str, str]) -> None:
    """What `rasa shell` and `rasa run` do, without a terminal."""
    program = """
import asyncio
from rasa.core.agent import load_agent
from rasa.core.utils import AvailableEndpoints
from bot.rasa_engine.training import newest_model
endpoints = AvailableEndpoints.read_endpoints("bot/rasa_engine/endpoints.yml")
async def talk():
    agent = await load_agent(model_path=str(newest_model()), endpoints=endpoints)
    for text in ("la migra esta en la puerta", "4"):
        for reply in await agent.handle_text(text, sender_id="stock"):
            print(reply["text"])
asyncio.run(talk())
"""
    result = run(["python", "-c", program], environment)
    assert "Do you have a warrant signed by a judge?" in result.stdout
    assert "800-354-0365" in result.stdout


def test_a_worker_does_not_start_without_the_key_to_the_numbers(environment: dict[str, str]) -> None:
    public = {**environment, "CONTACT_PUBLIC_KEY": "ab" * 32, "DATABASE_URL": "sqlite://"}
    result = run(["hotline", "work", "--once"], public)
    assert result.returncode == 2
    assert result.stderr.strip().endswith("CONTACT_PRIVATE_KEY is not set: the worker cannot read whom to remind.")


def test_production_does_not_start_with_unreviewed_emergency_texts(environment: dict[str, str]) -> None:
    production = {
        **environment,
        "HOTLINE_ENV": "production",
        "TWILIO_AUTH_TOKEN": "t",
        "CONTACT_PUBLIC_KEY": "ab" * 32,
        "PUBLIC_URL": "https://rights.example.org",
    }
    command = ["gunicorn", "--config", "python:webhooks.gunicorn_settings", "webhooks.wsgi:app"]
    result = run(command, production)
    assert "Emergency texts without a review are not served in production: arrested_by_ice" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.returncode != 0
