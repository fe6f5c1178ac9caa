"""A flow, or the map of all flows, as boxes and arrows. Values only; no places on paper yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.flow_checks.project import Project
from bot.flow_engine.model import END, Branch, Choice, Flow, Step, Words, step_texts
from bot.languages.supported import SOURCE
from bot.reviews import MISSING, entry_state, flow_state

# From bad to good: a box has the state of its worst text.
_WORST_FIRST = ("missing", "fuzzy", "void", "draft", "reviewed", "")


@dataclass(frozen=True)
class Box:
    """One step or flow. `rows` are the options or branches below its text, each with an arrow of its own.

    `state` is reviewed, draft, void, fuzzy, missing, or "" where no language is looked at; `mark` is "hold" or "".
    """

    id: str
    kind: str
    head: str
    text: str
    rows: tuple[str, ...] = ()
    state: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Arrow:
    """From a box (or one of its rows) to a box."""

    source: str
    target: str
    row: int | None = None


@dataclass(frozen=True)
class Graph:
    """Boxes in the order of the file, and the arrows between them."""

    title: str
    language: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...] = field(default=())


def graph_of_flow(project: Project, flow: Flow, language: str | None) -> Graph:
    """The steps of a flow, coloured by the state of their texts in `language`."""
    writer = _Writer(project, language)
    boxes, arrows = [], []
    ends = False
    for step in flow.steps.values():
        boxes.append(writer.step(flow, step))
        for arrow in _arrows(flow, step):
            ends = ends or arrow.target == END
            arrows.append(arrow)
    if ends:
        boxes.append(Box(END, "end", "", "END"))
    return Graph(f"{flow.id}: {writer.words(flow.name)}", writer.language, tuple(boxes), tuple(arrows))


def graph_of_all(project: Project, language: str | None) -> Graph:
    """Every flow and which flow leads to which."""
    writer = _Writer(project, language)
    flows = project.flows.flows
    boxes = [
        Box(
            flow.id,
            "emergency" if flow.emergency else "flow",
            flow.id + _ways_in(flow),
            writer.words(flow.name),
            state=writer.flow_state(flow),
            mark="hold" if any(step.hold for step in flow.steps.values()) else "",
        )
        for flow in flows.values()
    ]
    pairs = dict.fromkeys(
        (flow.id, step.target)
        for flow in flows.values()
        for step in flow.steps.values()
        if step.kind in {"link", "call"} and step.target in flows
    )
    return Graph("All topics", writer.language, tuple(boxes), tuple(Arrow(*pair) for pair in pairs))


def _ways_in(flow: Flow) -> str:
    """Whether residents' questions lead there: " ?", or the intents where they bear other names."""
    intents = [trigger.intent for trigger in flow.triggers if trigger.intent != flow.id]
    return f" ← {', '.join(intents)}" if intents else " ?" if flow.triggers else ""


def _arrows(flow: Flow, step: Step) -> Iterator[Arrow]:
    if step.kind == "link":
        return
    if step.kind == "ask":
        yield from (Arrow(step.id, choice.then, row) for row, choice in enumerate(step.choices))
    elif len(step.next) > 1:
        yield from (Arrow(step.id, branch.then, row) for row, branch in enumerate(step.next))
    else:
        for branch in step.next:
            if branch.then != END or step.kind not in {"say", "action"} or step.id != flow.first_step:
                yield Arrow(step.id, branch.then)


class _Writer:
    def __init__(self, project: Project, language: str | None) -> None:
        self._project = project
        self._coloured = language is not None
        self.language = language or SOURCE

    def words(self, words: Words) -> str:
        return self._project.content.text(words, self.language)

    def step(self, flow: Flow, step: Step) -> Box:
        head = f"{step.kind} · {step.id}" if step.named else step.kind
        text = self.words(step.say) if step.say else ""
        if step.kind in {"link", "call"}:
            target = self._project.flows.flows.get(step.target)
            text = f"→ {self.words(target.name)}" if target else f"→ {step.target}"
            head = f"{step.kind} · {step.target}"
        elif step.kind == "set_slots":
            text = ", ".join(f"{name} = {value}" for name, value, _ in step.assignments)
        elif step.kind == "collect":
            head = f"collect · {step.target}"
        return Box(
            step.id,
            step.kind,
            head,
            text,
            rows=tuple(self._rows(step)),
            state=self._worst(step_texts(step), flow) if step.say or step.choices else "",
            mark="hold" if step.hold else "",
        )

    def _rows(self, step: Step) -> Iterator[str]:
        if step.choices:
            yield from (self._choice(number, choice) for number, choice in enumerate(step.choices, start=1))
        elif len(step.next) > 1:
            yield from (self._branch(branch) for branch in step.next)

    def _choice(self, number: int, choice: Choice) -> str:
        return f"{number} {self.words(choice.say)}"

    def _branch(self, branch: Branch) -> str:
        return f"if {branch.condition.text}" if branch.condition else "else"

    def flow_state(self, flow: Flow) -> str:
        texts = [flow.name, *(words for step in flow.steps.values() for words in step_texts(step))]
        return self._worst(texts, flow)

    def _worst(self, texts: Iterable[Words], flow: Flow) -> str:
        if not self._coloured:
            return ""
        if self.language == SOURCE:
            return flow_state(flow)
        catalog = self._project.catalogs.get(self.language)
        states = {
            entry_state(catalog.get(words.text, words.context)) if catalog is not None else MISSING for words in texts
        }
        return next((state for state in _WORST_FIRST if state in states), "")
