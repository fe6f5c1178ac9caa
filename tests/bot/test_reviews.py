"""A sign-off holds as long as what was read, and no longer."""

import shutil
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import Content
from bot.errors import ContentError
from bot.fitness import refuse_unread_emergencies, unread_emergencies
from bot.flow_engine.model import step_texts
from bot.flow_engine.reading import read_flows, read_sources
from bot.languages.catalog import catalog_path, read_translations
from bot.reviews import DRAFT, REVIEWED, VOID, SignOff, entry_state, flow_hash, flow_state
from bot.settings import FLOWS
from bot.staff import review


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FLOWS, tmp_path / "flows"))


def state(folder: Path, flow_id: str = "ice_at_door") -> str:
    return flow_state(read_flows(folder).flows[flow_id])


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_signing_changes_three_lines_and_nothing_else(folder: Path) -> None:
    file = folder / "ice_at_door.yml"
    before = file.read_text(encoding="utf-8").split("\n")
    assert state(folder) == DRAFT
    review.run("ice_at_door", "Jane Doe", None, folder)
    after = file.read_text(encoding="utf-8").split("\n")
    assert state(folder) == REVIEWED
    assert [line for line in before if line not in after] == ["      reviewed_on: null", "      reviewed_by: null"]
    assert [line.split(":")[0].strip() for line in after if line not in before] == [
        "reviewed_on",
        "reviewed_by",
        "reviewed_hash",
    ]


VOIDING = [
    ("a word", "Stay calm. Keep the door closed. You", "Stay calm. Close the door. You"),
    ("a spoken word", "you do not have to talk.", "you need not talk."),
    ("a choice", "They ask for someone else\n", "They ask for another person\n"),
    ("where a choice leads", "then: someone_else", "then: inside"),
    ("the name", "name: ICE is at my door", "name: ICE at the door"),
]
HARMLESS = [
    ("a comment", "    steps:\n", "    steps:\n      # first words\n"),
    ("a date", "review_by: 2026-12-31", "review_by: 2027-12-31"),
    ("a source", "https://nycmea.org/know-your-rights/", "https://nycmea.org/rights/"),
    ("a blank line", "      - id: inside\n", "\n      - id: inside\n"),
]


@pytest.mark.parametrize(("old", "new"), [row[1:] for row in VOIDING], ids=[row[0] for row in VOIDING])
def test_a_changed_text_voids_it(folder: Path, old: str, new: str) -> None:
    review.run("ice_at_door", "Jane Doe", None, folder)
    change(folder / "ice_at_door.yml", old, new)
    assert state(folder) == VOID
    review.run("ice_at_door", "Jane Doe", None, folder)
    assert state(folder) == REVIEWED


@pytest.mark.parametrize(("old", "new"), [row[1:] for row in HARMLESS], ids=[row[0] for row in HARMLESS])
def test_what_residents_do_not_see_voids_nothing(folder: Path, old: str, new: str) -> None:
    review.run("ice_at_door", "Jane Doe", None, folder)
    change(folder / "ice_at_door.yml", old, new)
    assert state(folder) == REVIEWED


def test_a_date_set_by_hand_is_no_sign_off(folder: Path) -> None:
    change(folder / "ice_at_door.yml", "reviewed_on: null", "reviewed_on: 2026-11-01")
    assert state(folder) == VOID


def entry_states(folder: Path, language: str, flow_id: str) -> set[str]:
    with catalog_path(folder / "locales", language).open("rb") as file:
        catalog = read_po(file)
    return {
        entry_state(message)
        for message in catalog
        if message.id and (message.context or "").partition("/")[0] == flow_id
    }


def test_a_translation_is_signed_entry_by_entry(folder: Path) -> None:
    assert entry_states(folder, "es", "ice_at_door") == {DRAFT}
    review.run("ice_at_door", "Ana Pérez Gómez de la Fuente y Santillán, Abogada", "es", folder)
    assert entry_states(folder, "es", "ice_at_door") == {REVIEWED}
    assert entry_states(folder, "es", "speak_to_person") == {DRAFT}
    change(catalog_path(folder / "locales", "es"), "Mantenga la calma", "Tenga calma")
    assert entry_states(folder, "es", "ice_at_door") == {REVIEWED, VOID}


REFUSED = [
    ("no such flow", ("ice_at_dor", "Jane Doe", None), 'Did you mean "ice_at_door"?'),
    ("nobody", ("ice_at_door", " ", None), "Say who has read it"),
    ("a name that would break the mark", ("ice_at_door", "Jane [x]", None), "without brackets"),
    ("no such language", ("ice_at_door", "Jane Doe", "xx"), 'There is no catalog of "xx"'),
    ("phrases in English are not signed", ("phrases", "Jane Doe", None), 'There is no flow "phrases"'),
]


@pytest.mark.parametrize(("arguments", "piece"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_be_signed(folder: Path, arguments: tuple[str, str, str | None], piece: str) -> None:
    with pytest.raises(ContentError) as fault:
        review.run(*arguments, folder)
    assert piece in str(fault.value)


def test_a_missing_translation_cannot_be_signed(folder: Path) -> None:
    change(folder / "ice_at_door.yml", "Stay calm. Keep the door closed. You", "Stay calm. Close the door. You")
    with pytest.raises(ContentError, match="not translated to es yet"):
        review.run("ice_at_door", "Ana", "es", folder)


def test_a_text_that_is_nothing_but_a_fact_is_not_in_the_way_of_a_signature(folder: Path) -> None:
    flow = read_flows(folder).flows["speak_to_person"]
    assert any(words.is_fact for step in flow.steps.values() for words in step_texts(step))
    review.run("speak_to_person", "Ana", "es", folder)
    assert entry_states(folder, "es", "speak_to_person") == {REVIEWED}


def test_production_serves_emergencies_only_when_all_are_signed(folder: Path) -> None:
    def content() -> Content:
        return Content(read_flows(folder), read_translations(folder / "locales"))

    def unread() -> tuple[str, ...]:
        return unread_emergencies(content(), folder / "locales")

    for catalog in (folder / "locales").iterdir():
        if catalog.is_dir() and catalog.name not in {"es", "zh-Hant"}:
            shutil.rmtree(catalog)  # two show it as well as eleven
    assert content().languages == ("en", "es", "zh-Hant")
    emergencies = [flow.id for flow in content().flows.flows.values() if flow.emergency]
    for flow_id in emergencies:
        review.run(flow_id, "Jane Doe", None, folder)
    assert "ice_at_door (es)" in unread()
    assert "ice_at_door" not in unread()
    for language in content().languages[1:]:
        for flow_id in emergencies:
            review.run(flow_id, "Ana", language, folder)
    assert unread() == ()
    refuse_unread_emergencies(())
    change(folder / "ice_at_door.yml", "Stay calm. Keep", "Keep calm. Keep")
    assert unread() == ("ice_at_door",)
    with pytest.raises(ContentError, match="hotline review FLOW"):
        refuse_unread_emergencies(unread())


_FLOW = """flows:
  door:
    description: Test.
    metadata:  # what we know
      source: [A test]

    steps:
      - say: Hello.
  other:
    description: Test.
    metadata:
        reviewed_by: null
    steps:
      - say: Good bye.
"""


@settings(max_examples=60)
@given(by=st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=60))
def test_any_name_is_written_so_that_it_is_read_again(by: str) -> None:
    by = " ".join(by.split()).strip("\ufeff")
    for flow_id in ("door", "other"):
        flow = read_sources({"flows/test.yml": _FLOW}).flows[flow_id]
        read = read_sources({"flows/test.yml": review.signed(_FLOW, flow, SignOff(by, "2026-11-24", flow_hash(flow)))})
        assert not read.problems
        assert read.flows[flow_id].metadata["reviewed_by"] == by
        assert flow_state(read.flows[flow_id]) == REVIEWED
        assert flow_state(read.flows["other" if flow_id == "door" else "door"]) == DRAFT
