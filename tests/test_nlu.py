"""The trained model on held-out texts, through the whole of understanding. Figures: docs/nlu-report.md."""

from collections.abc import Sequence

import pytest

from tests.nlu_report import HELD_OUT, Judged, by_language, examples, judge, score

pytestmark = pytest.mark.engine

# language → right flow, among the three offered, out of scope refused: at least
WANTED = {"en": (0.93, 0.97, 0.90), "es": (0.88, 0.97, 0.85), "zh-Hans": (0.88, 0.97, 0.85), "ht": (0.86, 0.95, 0.85)}


@pytest.fixture(scope="module")
def judged() -> dict[str, list[Judged]]:
    return by_language(judge(examples(HELD_OUT)))


@pytest.mark.parametrize("language", WANTED)
def test_texts_reach_the_flow_that_was_meant(judged: dict[str, list[Judged]], language: str) -> None:
    found = score(language, judged[language])
    right, among_three, out_of_scope = WANTED[language]
    assert found.right >= right, mistakes(judged[language])
    assert found.among_three >= among_three
    assert found.out_of_scope >= out_of_scope


@pytest.mark.parametrize("language", WANTED)
def test_no_emergency_is_missed(judged: dict[str, list[Judged]], language: str) -> None:
    assert score(language, judged[language]).emergencies_missed == 0, mistakes(judged[language])


def mistakes(judged: Sequence[Judged]) -> str:
    return "\n".join(
        f"{item.example.intent} -> {item.flow}: {item.example.text}" for item in judged if not item.as_wished
    )
