"""Language, intent and emergencies on texts no training sees (tests/nlu). The figures are in BENCHMARKS.md."""

from collections import Counter

import pytest
import yaml

from bot.flow_engine.dialogue import ANSWER_THRESHOLD, EMERGENCY_THRESHOLD
from bot.languages.choosing import LIKELY, SURE, UNSURE, Evidence
from bot.settings import NLU_DATA, PROJECT
from bot.understanding import intent_model, language_model
from bot.understanding.emergency import read_patterns
from bot.understanding.intent_model import IntentModel
from bot.understanding.language_model import LanguageModel, script_language

Example = tuple[str, str, str]
EMERGENCIES = {"ice_at_door", "arrested_by_ice", "emergency_911", "mental_health_crisis"}


def examples(folder: str) -> list[Example]:
    """(text, intent, language) of every example below a folder."""
    found = []
    for path in sorted((PROJECT / folder).glob("*.yml")):
        for block in yaml.safe_load(path.read_text()).get("nlu", []):
            for line in block["examples"].splitlines():
                found.append((line.removeprefix("- ").strip(), block["intent"], block["metadata"]["language"]))
    return found


@pytest.fixture(scope="module")
def intents() -> IntentModel:
    texts = examples("nlu_data")
    return intent_model.train([text for text, _, _ in texts], [intent for _, intent, _ in texts])


@pytest.fixture(scope="module")
def languages() -> LanguageModel:
    texts = examples("nlu_data")
    return language_model.train([text for text, _, _ in texts], [language for _, _, language in texts])


HELD_OUT = examples("tests/nlu")


def test_there_is_enough_to_learn_from_in_every_language() -> None:
    counts = Counter((intent, language) for _, intent, language in examples("nlu_data"))
    assert min(counts.values()) >= 25
    assert len({intent for intent, _ in counts}) * 4 == len(counts)


def test_no_example_teaches_two_intents() -> None:
    owners: dict[str, set[str]] = {}
    for text, intent, _ in examples("nlu_data"):
        owners.setdefault(text.casefold(), set()).add(intent)
    assert {text for text, found in owners.items() if len(found) > 1} == set()


@pytest.mark.parametrize("language", ["en", "es", "zh-Hans", "ht"])
def test_intents_of_unseen_texts(intents: IntentModel, language: str) -> None:
    texts = [(text, intent) for text, intent, code in HELD_OUT if code == language]
    right = sum(intents.predict(text)[0][0] == intent for text, intent in texts)
    assert right / len(texts) >= 0.88


def test_a_wrong_answer_is_rare_and_other_matters_are_refused(intents: IntentModel) -> None:
    answered_wrong = refused = others = 0
    for text, intent, _ in HELD_OUT:
        best, confidence = intents.predict(text)[0]
        answered = confidence >= ANSWER_THRESHOLD and best != "out_of_scope"
        if intent == "out_of_scope":
            others += 1
            refused += not answered
        else:
            answered_wrong += answered and best != intent
    assert answered_wrong / (len(HELD_OUT) - others) <= 0.04
    assert refused / others >= 0.88


def test_emergencies_are_recognised(intents: IntentModel) -> None:
    patterns = read_patterns(NLU_DATA / "emergency.yml")
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for text, intent, _ in HELD_OUT:
        if intent not in EMERGENCIES:
            continue
        total[intent] += 1
        best, confidence = intents.predict(text)[0]
        found[intent] += (patterns.find(text) or (best if confidence >= EMERGENCY_THRESHOLD else None)) == intent
    assert found["ice_at_door"] / total["ice_at_door"] >= 0.95
    assert all(found[name] / total[name] >= 0.85 for name in total)


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


def test_models_survive_storage(intents: IntentModel, languages: LanguageModel) -> None:
    again = IntentModel.from_bytes(intents.to_bytes())
    text = "can ice come to my sons school"
    assert again.predict(text)[0][0] == intents.predict(text)[0][0]
    stored = LanguageModel.from_bytes(languages.to_bytes())
    assert stored.identify("necesito un abogado por favor") == Evidence("es", SURE)
