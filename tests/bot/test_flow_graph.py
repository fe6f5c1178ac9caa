"""Pictures of flows: nothing overlaps, nothing is lost, whatever the flow."""

import itertools
import re
import xml.etree.ElementTree as ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flow_checks.project import Project, read_project
from bot.flow_graph.graph import Arrow, Box, Graph, graph_of_all, graph_of_flow
from bot.flow_graph.layout import Drawing, lay_out
from bot.flow_graph.lettering import lines_of, width_of
from bot.flow_graph.mermaid import to_mermaid
from bot.flow_graph.svg import to_svg
from bot.languages.supported import LANGUAGES
from bot.settings import FLOWS
from bot.staff.cli import main


@pytest.fixture(scope="module")
def project() -> Project:
    return read_project(FLOWS, None)


IDS = st.sampled_from("abcdefghijkl")
boxes = st.builds(
    Box,
    id=IDS,
    kind=st.sampled_from(["say", "ask", "link"]),
    head=st.text(max_size=60),
    text=st.text(max_size=300),
    rows=st.lists(st.text(min_size=1, max_size=60), max_size=6).map(tuple),
    state=st.sampled_from(["", "draft", "missing", "reviewed"]),
)
graphs = st.builds(
    Graph,
    title=st.text(max_size=30),
    language=st.sampled_from(["en", "zh-Hans", "ar"]),
    boxes=st.lists(boxes, max_size=12, unique_by=lambda box: box.id).map(tuple),
    arrows=st.lists(
        st.builds(
            Arrow, st.sampled_from("abcdefghijkl"), st.sampled_from("abcdefghijkl"), st.none() | st.integers(0, 7)
        ),
        max_size=25,
    ).map(tuple),
)


def sound(drawing: Drawing) -> None:
    for one, other in itertools.combinations(drawing.boxes, 2):
        apart = (
            one.x + one.width <= other.x
            or other.x + other.width <= one.x
            or one.y + one.height <= other.y
            or other.y + other.height <= one.y
        )
        assert apart, (one.box.id, other.box.id)
    for placed in drawing.boxes:
        assert placed.x >= 0
        assert placed.x + placed.width <= drawing.width
        assert placed.y + placed.height <= drawing.height
        assert all(placed.y < middle < placed.y + placed.height for _, middle in placed.rows)
    known = {placed.box.id for placed in drawing.boxes}
    wanted = {arrow for arrow in drawing.graph.arrows if arrow.source in known and arrow.target in known}
    assert {placed.arrow for placed in drawing.arrows} == wanted
    for arrow in drawing.arrows:
        for x, y in arrow.points:
            assert 0 <= x <= drawing.width
            assert 0 <= y <= drawing.height


@settings(max_examples=150, deadline=None)
@given(graph=graphs)
def test_no_box_lies_on_another_and_every_arrow_is_drawn(graph: Graph) -> None:
    sound(lay_out(graph))


XML_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@settings(max_examples=80, deadline=None)
@given(graph=graphs)
def test_any_picture_is_well_formed(graph: Graph) -> None:
    ElementTree.fromstring(XML_UNFIT.sub("", to_svg(lay_out(graph))))
    mermaid = to_mermaid(graph)
    assert mermaid.count("\n") >= 2 + len(graph.boxes)
    assert '""' not in mermaid.replace('[""]', "").replace('{{""}}', "").replace('([""])', "").replace('|""|', "")


@settings(max_examples=200)
@given(text=st.text(max_size=200), width=st.floats(40, 300))
def test_lines_fit_and_lose_nothing_but_what_the_ellipsis_says(text: str, width: float) -> None:
    lines = lines_of(text, width, most=1000)
    assert all(width_of(line) <= max(width, 12.0) + 0.01 or len(line) == 1 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize("language", [None, *LANGUAGES])
def test_our_flows_and_the_map(project: Project, language: str | None) -> None:
    for graph in [
        graph_of_all(project, language),
        *(graph_of_flow(project, flow, language) for flow in project.flows.flows.values()),
    ]:
        drawing = lay_out(graph)
        sound(drawing)
        states = {placed.box.state for placed in drawing.boxes} - {""}
        assert states == set() if language is None else states <= {"draft", "reviewed", "missing"}


def test_every_choice_has_its_arrow(project: Project) -> None:
    graph = graph_of_flow(project, project.flows.flows["school_ice_protocol"], "es")
    question = next(box for box in graph.boxes if box.id == "what_next")
    assert question.rows[0] == "1 Hay un agente en la escuela ahora"
    assert {arrow.row for arrow in graph.arrows if arrow.source == "what_next"} == set(range(len(question.rows)))


def test_the_command_and_its_errors() -> None:
    run = CliRunner().invoke
    assert run(main, ["graph", "menu"]).output.startswith("<svg ")
    assert run(main, ["graph", "--format", "mermaid"]).output.startswith("flowchart LR\n")
    assert 'Did you mean "menu"?' in run(main, ["graph", "mneu"]).output
    assert "There is no catalog" in run(main, ["graph", "--language", "xx"]).output
