"""Answers without a model, and how a model that comes is taken up."""

import shutil
import time
import uuid
from pathlib import Path

import pytest

from bot.content import Content
from bot.engine_in_waiting import EngineInWaiting
from bot.errors import EngineNotReady
from bot.rasa_engine.agent import Engine
from bot.rasa_engine.training import newest_model
from bot.session_state import Memory
from bot.settings import NLU_DATA
from bot.stand_in import StandIn
from bot.understanding.emergency import read_patterns

TEXT = {"channel": "sms"}
EMERGENCIES = [
    ("ice is at my door", "Keep the door closed"),
    ("hay un agente de ICE en la puerta", "Deje la puerta cerrada"),
    ("有人在敲我家门 说是移民局的", "门要关好"),
    ("ICE nan pòt mwen", "Kenbe pòt la fèmen"),
]


@pytest.fixture
def stand_in(content: Content, memory: Memory) -> StandIn:
    return StandIn(content, memory, read_patterns(NLU_DATA / "emergency.yml"), NLU_DATA)


@pytest.mark.parametrize(("text", "answer"), EMERGENCIES)
def test_an_emergency_is_answered_as_one(stand_in: StandIn, text: str, answer: str) -> None:
    assert answer in stand_in.ask(uuid.uuid4().hex, text, TEXT)[0]


def test_menus_languages_and_commands_work_and_are_remembered(stand_in: StandIn) -> None:
    someone = uuid.uuid4().hex
    replies = [stand_in.ask(someone, text, TEXT)[0] for text in ("español", "menu", "2", "1", "back")]
    assert "¿En qué puedo ayudar?" in replies[1]
    assert replies[2] == replies[4] != replies[3]


def test_a_question_in_free_words_leads_to_a_person_in_the_end(stand_in: StandIn) -> None:
    someone = uuid.uuid4().hex
    replies = [stand_in.ask(someone, "may they come into the school of my son", TEXT)[0] for _ in range(4)]
    assert all(replies)
    assert "800-354-0365" in replies[-1]


def test_what_is_erased_is_gone(stand_in: StandIn, memory: Memory) -> None:
    someone = uuid.uuid4().hex
    stand_in.ask(someone, "menu", TEXT)
    assert memory.load(someone)
    stand_in.ask(someone, "delete", TEXT)
    assert memory.load(someone) is None


def test_a_call_is_answered(stand_in: StandIn) -> None:
    words, state = stand_in.ask("a-call", "", {"channel": "voice", "event": "begin"})
    assert words
    assert not state.ended


@pytest.mark.engine
def test_a_broken_model_is_passed_over_and_one_that_comes_is_taken_up(
    content: Content, memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = newest_model()
    assert good
    monkeypatch.setattr("bot.rasa_engine.agent.SPARE_MODELS", tmp_path / "spare")
    (tmp_path / good.name).write_bytes(good.read_bytes()[:100_000])
    with pytest.raises(EngineNotReady, match="broken: hotline-"):
        Engine(tmp_path, content, memory)
    monkeypatch.setattr("bot.engine_in_waiting.LOOK_EVERY", 0.2)
    waiting = EngineInWaiting(tmp_path, content, memory, read_patterns(NLU_DATA / "emergency.yml"), NLU_DATA)
    assert "Keep the door closed" in waiting.ask(uuid.uuid4().hex, "ice is at my door", TEXT)[0]
    shutil.copy(good, tmp_path / "hotline-older.tar.gz")
    for _ in range(300):
        assert waiting.ask(uuid.uuid4().hex, "menu", TEXT)[0]
        if waiting.model_name:
            break
        time.sleep(0.1)
    assert waiting.model_name == "hotline-older"
    (tmp_path / "hotline-older.tar.gz").unlink()
    assert Engine(tmp_path, content, memory).model_name == "hotline-older", "the spare one"
    assert waiting.understand("can ice come into my kids school").intent[0] == "school_ice_protocol"
