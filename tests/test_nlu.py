"""The trained model on held-out texts, through the whole of understanding. Figures: docs/nlu-report.md."""

from collections.abc import Sequence

import pytest

from bot.languages.supported import LANGUAGES
from tests.nlu_report import HELD_OUT, Judged, by_language, examples, judge, score

pytestmark = pytest.mark.engine

# Shares in every language, at least; in English more.
LEAST = {"right": 0.90, "among_three": 0.96, "out_of_scope": 0.85, "language_right": 0.97}
OF_ENGLISH = {**LEAST, "right": 0.93, "out_of_scope": 0.90}
ROMANISED = 0.85  # language right, of texts in Latin letters in languages that have others
# How far the confidence may be from the share of right answers.
MISJUDGED = 0.07


@pytest.fixture(scope="module")
def judged() -> dict[str, list[Judged]]:
    return by_language(judge(examples(HELD_OUT)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_reach_the_flow_that_was_meant(judged: dict[str, list[Judged]], language: str) -> None:
    found = score(language, judged[language])
    for name, least in (OF_ENGLISH if language == "en" else LEAST).items():
        assert getattr(found, name) >= least, f"{name}\n{mistakes(judged[language])}"
    assert found.romanised_right is None or found.romanised_right >= ROMANISED


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_emergency_is_missed(judged: dict[str, list[Judged]], language: str) -> None:
    assert score(language, judged[language]).emergencies_missed == 0, mistakes(judged[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_confidence_is_about_the_share_of_right_answers(judged: dict[str, list[Judged]], language: str) -> None:
    found = score(language, judged[language])
    assert abs(found.confidence - found.intent_right) <= MISJUDGED


def mistakes(judged: Sequence[Judged]) -> str:
    return "\n".join(
        f"{item.example.intent} -> {item.flow}: {item.example.text}" for item in judged if not item.as_wished
    )
