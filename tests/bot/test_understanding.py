"""Language, intent and emergencies on texts no training sees (tests/nlu). The figures are in BENCHMARKS.md."""

from collections import Counter

import pytest
import yaml

from bot.flow_engine.folding import fold
from bot.languages.choosing import LIKELY, SURE, UNSURE, Evidence
from bot.settings import NLU_DATA, PROJECT
from bot.understanding import language_model
from bot.understanding.emergency import read_patterns
from bot.understanding.intent_model import NgramModel, train_ngrams
from bot.understanding.language_model import LanguageModel, script_language

Example = tuple[str, str, str]


def examples(folder: str) -> list[Example]:
    """(text, intent, language) of every example below a folder."""
    found = []
    for path in sorted((PROJECT / folder).glob("*.yml")):
        for block in yaml.safe_load(path.read_text()).get("nlu", []):
            for line in block["examples"].splitlines():
                found.append((line.removeprefix("- ").strip(), block["intent"], block["metadata"]["language"]))
    return found


@pytest.fixture(scope="module")
def intents() -> NgramModel:
    texts = examples("nlu_data")
    return train_ngrams([text for text, _, _ in texts], [intent for _, intent, _ in texts])


@pytest.fixture(scope="module")
def languages() -> LanguageModel:
    texts = examples("nlu_data")
    return language_model.train([text for text, _, _ in texts], [language for _, _, language in texts])


HELD_OUT = examples("tests/nlu")


def test_there_is_enough_to_learn_from() -> None:
    counts = Counter(intent for _, intent, language in examples("nlu_data") if language == "en")
    assert min(counts.values()) >= 25
    assert counts["out_of_scope"] >= 300


def test_no_held_out_text_is_trained_on() -> None:
    trained = {fold(text) for text, _, _ in examples("nlu_data")}
    assert [text for text, _, _ in HELD_OUT if fold(text) in trained] == []


def test_no_example_teaches_two_intents() -> None:
    owners: dict[str, set[str]] = {}
    for text, intent, _ in examples("nlu_data"):
        owners.setdefault(text.casefold(), set()).add(intent)
    assert {text for text, found in owners.items() if len(found) > 1} == set()


@pytest.mark.parametrize("language", ["en", "es", "zh-Hans", "ht"])
def test_n_grams_alone_understand_most_unseen_texts(intents: NgramModel, language: str) -> None:
    """What is left of understanding on a machine without the sentence encoder."""
    texts = [(text, intent) for text, intent, code in HELD_OUT if code == language]
    right = sum(intents.predict(text)[0][0] == intent for text, intent in texts)
    assert right / len(texts) >= 0.85


def test_the_language_of_unseen_texts(languages: LanguageModel) -> None:
    certain = [
        (evidence, code)
        for text, _, code in HELD_OUT
        if (evidence := languages.identify(text)).certainty in {SURE, LIKELY}
    ]
    assert len(certain) / len(HELD_OUT) >= 0.95
    assert sum(evidence.language == code for evidence, code in certain) / len(certain) >= 0.98


SCRIPTS = [
    ("我想问学校会不会让ICE进去", "zh-Hans"),  # English words among it do not count
    ("ICE 在 门口", "zh-Hans"),
    ("도와주세요", "ko"),
    ("помогите", "ru"),
    ("সাহায্য চাই", "bn"),
    ("ساعدني من فضلك", "ar"),
    ("مجھے مدد چاہیے", "ur"),
    ("请问 immigration lawyer", "zh-Hans"),
    ("help me please", None),
    ("what does 移 mean in this letter from immigration", None),
    ("123 !", None),
]


@pytest.mark.parametrize(("text", "language"), SCRIPTS)
def test_the_script_decides(text: str, language: str | None) -> None:
    assert script_language(text) == language


@pytest.mark.parametrize("text", ["ICE", "DACA TPS", "ok", "2", "", "?"])
def test_words_of_every_language_say_nothing(languages: LanguageModel, text: str) -> None:
    assert languages.identify(text).certainty == UNSURE


EMERGENCY_TEXTS = [
    ("hay un agente de ICE en la puerta", "ice_at_door"),
    ("la migra esta tocando", "ice_at_door"),
    ("ICE IS KNOCKING", "ice_at_door"),
    ("移民局在敲门", "ice_at_door"),
    ("imigrasyon ap frape nan pòt la", "ice_at_door"),
    ("they are breaking the door", "ice_at_door"),
    ("ICE took my husband", "arrested_by_ice"),
    ("se llevaron a mi papa los de la migra", "arrested_by_ice"),
    ("he has a gun", "emergency_911"),
    ("quiero morirme", "mental_health_crisis"),
    ("我不想活了", "mental_health_crisis"),
    ("我想问学校会不会让ICE进去", None),  # a question about the school
    ("can ice come to my school", None),
    ("ice at the courthouse door", None),
    ("who is knocking", None),  # nobody says agents
]


@pytest.mark.parametrize(("text", "flow"), EMERGENCY_TEXTS)
def test_emergency_words(text: str, flow: str | None) -> None:
    assert read_patterns(NLU_DATA / "emergency.yml").find(text) == flow


def test_models_survive_storage(intents: NgramModel, languages: LanguageModel) -> None:
    again = NgramModel.from_bytes(intents.to_bytes())
    text = "can ice come to my sons school"
    assert again.predict(text)[0][0] == intents.predict(text)[0][0]
    stored = LanguageModel.from_bytes(languages.to_bytes())
    assert stored.identify("necesito un abogado por favor") == Evidence("es", SURE)
