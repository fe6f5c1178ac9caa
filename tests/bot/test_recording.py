"""Conversations written down, and brought up to date without touching anything else."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import Content
from bot.errors import ContentError
from bot.flow_engine.dialogue import take_turn
from bot.flow_engine.heard import Heard
from bot.flow_engine.state import DialogueState
from bot.languages.supported import LANGUAGES
from bot.settings import PROJECT
from bot.staff.coverage import Coverage
from bot.staff.recording import Exchange, append_case, with_replies
from bot.staff.transcripts import walk

FILES = sorted((PROJECT / "tests" / "conversations").glob("*.yml"))
FILE = """# How it begins.
fixtures:
  - known: [{language: en}]
test_cases:
  - test_case: A "menu"   # first
    steps:
      - user: menu
      - bot: |
          One
          two

      # a remark
      - user: "2"
      - bot: 'One: line'   # why
      - bot: >
          folded
          text

  - test_case: Silence
    steps:
      - user: STOP
      - bot: ""
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_that_holds_stays_as_it_is(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    def as_before(case: str, number: int, old: str) -> str:
        return old.strip()

    assert with_replies(source, as_before) == (source, 0)


def test_only_the_replies_that_changed_are_written() -> None:
    said = {0: "", 1: "A\nB", 3: 'Two: "lines"', 4: "folded text"}
    source, changed = with_replies(FILE, lambda case, number, old: "" if case == "Silence" else said[number])
    assert changed == 2
    assert source == FILE.replace("          One\n          two\n", "          A\n          B\n").replace(
        "'One: line'", "'Two: \"lines\"'"
    )


letters = st.characters(blacklist_categories=("Cs", "Cc"), whitelist_characters="\n")


@settings(max_examples=200)
@given(replies=st.lists(st.text(letters, max_size=60), min_size=3, max_size=3))
def test_whatever_is_said_is_read_again(replies: list[str]) -> None:
    replies = ["\n".join(reply.split("\n")).strip() for reply in replies]
    places = {1: replies[0], 3: replies[1], 4: replies[2]}
    source, _ = with_replies(FILE, lambda case, number, old: "" if case == "Silence" else places[number])
    steps = yaml.safe_load(source)["test_cases"][0]["steps"]
    assert [step["bot"].strip() for step in steps if "bot" in step] == replies
    for kept in ("# How it begins.", "# first", "# a remark", "- user: STOP"):
        assert kept in source


texts = st.text(letters, min_size=1, max_size=50)


@settings(max_examples=100)
@given(name=texts, sent=texts, reply=texts)
def test_a_chat_is_recorded_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, name: str, sent: str, reply: str
) -> None:
    file = tmp_path_factory.mktemp("recording") / "chat.yml"
    append_case(file, name, [Exchange(sent, reply.strip(), ("menu/topics",))])
    append_case(file, "second", [Exchange("1", "")])
    first, second = yaml.safe_load(file.read_text(encoding="utf-8"))["test_cases"]
    assert first["test_case"] == name
    assert first["steps"][0] == {"user": sent}
    assert first["steps"][1] == {"utter": "menu/topics"}
    assert first["steps"][2]["bot"].strip() == reply.strip()
    assert second["steps"] == [{"user": "1"}, {"bot": ""}]


def test_a_file_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "other.yml"
    for source in ("test_cases: []\nfixtures:\n  - known: []\n", "a: [", "- 1\n"):
        file.write_text(source)
        with pytest.raises(ContentError):
            append_case(file, "name", [Exchange("1", "")])
        assert file.read_text() == source


def test_coverage_counts_steps_and_choices(content: Content) -> None:
    coverage = Coverage(content)
    start = DialogueState(introduced=True, language="es", language_sure=True)
    asked = take_turn(content, start, Heard("x", ranking=(("school_ice_protocol", 0.9),)))
    coverage.note(start, "x", asked)
    chosen = take_turn(content, asked, Heard("2"))
    coverage.note(asked, "2", chosen)
    missing = "\n".join(coverage.missing())
    assert "school_ice_protocol/answer: not in en, zh-Hans, zh-Hant, ru" in missing
    assert "school_ice_protocol/what_next choice 2: not in en, zh-Hans, zh-Hant, ru" in missing
    assert "school_ice_protocol/what_next choice 3: not in en, es, zh-Hans, zh-Hant" in missing
    row = next(line for line in coverage.table() if line.startswith("school_ice_protocol"))
    assert row.split()[3] == "4/16,"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_flow_is_walked_to_every_choice_without_a_dead_end(content: Content, language: str) -> None:
    for flow in content.flows.flows.values():
        exchanges = list(walk(content, flow, language))
        # These questions are asked of callers alone.
        by_voice = {"ask_call_back", "ask_window", "person_now"}
        by_text = [step for step in flow.steps.values() if step.id not in by_voice]
        questions = {step.id for step in by_text if content.choices(step)}
        asked = {exchange.where for exchange in exchanges if exchange.where}
        assert questions <= asked
        assert all(text for exchange in exchanges for text, _ in exchange.pages)
        choices = sum(len(content.choices(step)) for step in by_text)
        # The start is shown once for every answer of the desk of appointments, whose free times are choices too.
        assert len(exchanges) >= 1 + choices


def test_transcripts_are_the_same_twice(content: Content) -> None:
    for flow in content.flows.flows.values():
        assert list(walk(content, flow, "ht")) == list(walk(content, flow, "ht"))
