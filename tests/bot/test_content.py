"""Words: facts in texts, what is out of date, and translations that may not be served."""

import dataclasses
import datetime
from pathlib import Path

import pytest

from bot.channels.sms import segments
from bot.content import Content, load_content
from bot.flow_engine.folding import fold
from bot.flow_engine.model import Words
from bot.flow_engine.reading import read_sources
from bot.flow_engine.state import DialogueState
from bot.languages.catalog import is_served, read_catalog, read_translations, write_catalog
from bot.languages.extracting import updated
from bot.languages.supported import LANGUAGES
from bot.settings import FLOWS
from bot.wording import reply_text

FLOW = """\
flows:
  door:
    name: Door
    description: Test.
    steps:
      - id: call
        say: Call {help.phone} now.
facts:
  help.phone:
    value: 311-555
    source: test
    as_of: 2026-01-01
    review_by: 2999-01-01
    when_stale: Ask for help.
phrases:
  english_only:
    say: This is in English.
  more_hint:
    say: (MORE)
"""
SAID = DialogueState(introduced=True, said=[["step", "door", "call"]])


def with_catalog(folder: Path, source: str, translate: dict[str, str]) -> Content:
    """The flows of `source` with a Spanish catalog in which `translate` is filled in."""
    flows = read_sources({"flows/door.yml": source})
    catalog = updated(None, "es", flows)
    for message in catalog:
        if message.id in translate:
            message.string = translate[str(message.id)]
    write_catalog(folder / "locales", "es", catalog)
    return Content(flows, read_translations(folder / "locales"))


def test_a_fact_stands_in_the_text(tmp_path: Path) -> None:
    content = with_catalog(tmp_path, FLOW, {"Call {help.phone} now.": "Llame al {help.phone} ahora."})
    spanish = dataclasses.replace(SAID, language="es")
    assert reply_text(content, SAID) == "Call 311-555 now."
    assert reply_text(content, spanish) == "Llame al 311-555 ahora."


def test_a_stale_fact_is_not_said(tmp_path: Path) -> None:
    # Past in New York as well, wherever this runs.
    yesterday = datetime.date.today() - datetime.timedelta(days=2)
    content = with_catalog(tmp_path, FLOW.replace("2999-01-01", yesterday.isoformat()), {})
    assert reply_text(content, SAID) == "Ask for help."


def test_a_missing_translation_is_english_with_a_line_in_the_language(tmp_path: Path) -> None:
    content = with_catalog(tmp_path, FLOW, {"This is in English.": "Esto solo existe en inglés."})
    reply = reply_text(content, dataclasses.replace(SAID, language="es"))
    assert reply == "Call 311-555 now.\nEsto solo existe en inglés."


def test_a_changed_english_sentence_turns_its_translation_fuzzy_and_it_is_not_served(tmp_path: Path) -> None:
    with_catalog(tmp_path, FLOW, {"Call {help.phone} now.": "Llame al {help.phone} ahora."})
    changed = read_sources({"flows/door.yml": FLOW.replace("Call {help.phone} now.", "Call {help.phone} right now.")})
    catalog = updated(read_catalog(tmp_path / "locales", "es"), "es", changed)
    message = catalog.get("Call {help.phone} right now.", "door/call")
    assert message is not None
    assert message.fuzzy
    assert not is_served(message)
    write_catalog(tmp_path / "locales", "es", catalog)
    content = Content(changed, read_translations(tmp_path / "locales"))
    assert reply_text(content, dataclasses.replace(SAID, language="es")).startswith("Call 311-555 right now.")


def test_the_english_a_translation_was_made_for_stays_with_it(tmp_path: Path) -> None:
    with_catalog(tmp_path, FLOW, {"Call {help.phone} now.": 'Llame "ya" al {help.phone}.'})
    path = tmp_path / "locales/es/LC_MESSAGES/flows.po"
    changed = read_sources({"flows/door.yml": FLOW.replace("Call {help.phone} now.", "Call {help.phone} right now.")})
    written = []
    for _ in range(2):
        write_catalog(tmp_path / "locales", "es", updated(read_catalog(tmp_path / "locales", "es"), "es", changed))
        written.append(path.read_text())
    assert '#| msgid "Call {help.phone} now."\n' in written[0]
    assert written[1] == written[0]
    # As other tools write it.
    path.write_text(written[0].replace('#| msgid "Call', '#| msgctxt "door/call"\n#| msgid ""\n#| "Call'))
    message = read_catalog(tmp_path / "locales", "es").get("Call {help.phone} right now.", "door/call")
    assert message is not None
    assert (message.previous_id, message.user_comments) == (["Call {help.phone} now."], [])


def test_a_broken_catalog_is_a_problem_and_not_a_crash(tmp_path: Path) -> None:
    with_catalog(tmp_path, FLOW, {})
    path = tmp_path / "locales/es/LC_MESSAGES/flows.po"
    path.write_text(path.read_text() + 'msgid "unfinished\n')
    translations = read_translations(tmp_path / "locales")
    assert [problem.rule for problem in translations.problems] == ["syntax"]


def test_a_failure_while_writing_loses_no_translation(tmp_path: Path) -> None:
    with_catalog(tmp_path, FLOW, {"Door": "Puerta"})
    path = tmp_path / "locales/es/LC_MESSAGES/flows.po"
    before = path.read_bytes()
    broken = read_catalog(tmp_path / "locales", "es")
    broken.language_team = None
    with pytest.raises(TypeError):
        write_catalog(tmp_path / "locales", "es", broken)
    assert path.read_bytes() == before


def test_every_language_has_emergencies_menus_and_the_bots_own_words(content: Content) -> None:
    """What every resident meets. Of other topics they get the English, with a line in their language that says so."""
    flows = content.flows.flows.values()
    parts = {flow.id for flow in flows if flow.emergency} | {"menu", "phrases", "words", "speak_to_person", "privacy"}
    missing = [
        (language, words.context, words.text)
        for language in content.languages
        for words in content.flows.texts()
        if (words.context.split("/")[0] in parts or words.kind == "name") and not content.translated(words, language)
    ]
    assert missing == []


def test_every_language_of_the_hotline_has_its_catalog(content: Content) -> None:
    assert content.languages == tuple(LANGUAGES)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("kreyòl", "ht"),
        ("китайский", "zh-Hans"),
        ("polaco", "pl"),
        ("Bangla", "bn"),
        ("الفرنسية", "fr"),
        ("영어", "en"),
        ("粵語", "zh-Hant"),
        ("یہ اردو", None),
    ],
)
def test_a_language_has_a_name_in_every_language(content: Content, name: str, code: str | None) -> None:
    assert content.language_named(name) == code


def test_no_global_word_means_two_things_in_one_language(content: Content) -> None:
    for language in content.languages:
        owner: dict[str, str] = {}
        for name, words in content.flows.words.items():
            for word in (content.translations.find(words, language) or "").split("|"):
                assert owner.setdefault(fold(word), name) == name, (language, word)


def test_the_first_emergency_answer_fits_a_reply_in_every_language(content: Content) -> None:
    step = content.flows.flows["ice_at_door"].steps["outside"]
    assert step.say is not None
    for language in content.languages:
        assert segments(content.text(step.say, language)).count <= 4


def test_content_is_read_once() -> None:
    assert load_content(FLOWS) is load_content(FLOWS)


def test_a_text_that_is_not_translated_has_its_facts_in_english_too(content: Content) -> None:
    flow = next(flow for flow in content.flows.flows.values() if flow.id == "daca_tps")
    words = flow.steps["answer"].say
    assert words is not None
    if not content.translated(words, "es"):
        assert "Monday to Friday" in content.text(words, "es")
    unknown = Words("Call {legal_help.phone}, {legal_help.hours}.", "nowhere/answer", "say", words.place)
    assert content.text(unknown, "es") == "Call 800-354-0365, Monday to Friday, 9 am to 6 pm."
