"""Which steps and choices the conversations reached, in which language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from bot.content import Content
from bot.flow_engine.answers import exact_option, loose_option
from bot.flow_engine.state import DialogueState
from bot.flow_engine.walking import Walk
from bot.languages.supported import SOURCE

_Spot = tuple[str, str]  # flow, step
_Choice = tuple[str, str, int]


class Coverage:
    """Fed with every turn of the conversations."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._steps: dict[str, set[_Spot]] = defaultdict(set)
        self._choices: dict[str, set[_Choice]] = defaultdict(set)

    def note(self, before: DialogueState, text: str, after: DialogueState) -> None:
        """One turn: `text` was sent in the state `before` and led to `after`."""
        language = after.language or SOURCE
        self._steps[language].update(
            (utterance[1], utterance[2]) for utterance in after.said if utterance[0] in {"step", "ask"}
        )
        walk = Walk(self._content, before.copy(), "sms")
        if not before.offer and walk.has_open_question():
            flow, step = walk.open_question()
            options = self._content.options(flow.id, step, before.language or SOURCE)
            index = exact_option(text, options)
            index = loose_option(text, options) if index is None else index
            if index is not None:
                self._choices[language].add((flow.id, step.id, index))

    def table(self) -> Iterator[str]:
        """Flow × language: steps and choices reached of all."""
        flows = self._content.flows.flows
        languages = self._content.languages
        width = max(map(len, flows), default=10)
        yield f"{'steps, choices':<{width}}" + "".join(f"{language:>18}" for language in languages)
        for flow_id in flows:
            spots, choices = self._all(flow_id)
            cells = [
                f"{_share(spots, self._steps[language])}, {_share(choices, self._choices[language])}"
                for language in languages
            ]
            yield f"{flow_id:<{width}}" + "".join(f"{cell:>18}" for cell in cells)

    def missing(self) -> Iterator[str]:
        """What no conversation reached, with the languages it is missing in."""
        for flow_id in self._content.flows.flows:
            spots, choices = self._all(flow_id)
            for spot in spots:
                yield from self._gap("/".join(spot), (spot in self._steps[code] for code in self._content.languages))
            for choice in choices:
                name = f"{choice[0]}/{choice[1]} choice {choice[2] + 1}"
                yield from self._gap(name, (choice in self._choices[code] for code in self._content.languages))

    def _gap(self, name: str, reached: Iterable[bool]) -> Iterator[str]:
        languages = [code for code, found in zip(self._content.languages, reached) if not found]
        if languages:
            yield f"{name}: not in {', '.join(languages)}"

    def _all(self, flow_id: str) -> tuple[list[_Spot], list[_Choice]]:
        """The steps that say something, and the choices, of a flow."""
        steps = self._content.flows.flows[flow_id].steps.values()
        spots = [(flow_id, step.id) for step in steps if step.say]
        choices = [(flow_id, step.id, at) for step in steps for at in range(len(self._content.choices(step)))]
        return spots, choices


def _share(wanted: Iterable[object], reached: Iterable[object]) -> str:
    found = set(reached)
    wanted = list(wanted)
    return f"{sum(item in found for item in wanted)}/{len(wanted)}"
