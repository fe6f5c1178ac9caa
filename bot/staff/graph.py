"""hotline graph: a flow, or the map of all flows, as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from bot.errors import ContentError
from bot.flow_checks.project import read_project
from bot.flow_engine.problems import did_you_mean
from bot.flow_graph.graph import graph_of_all, graph_of_flow
from bot.flow_graph.layout import lay_out
from bot.flow_graph.mermaid import to_mermaid
from bot.flow_graph.svg import to_svg
from bot.languages.supported import SOURCE
from bot.settings import FLOWS


def run(flow: str | None, language: str | None, form: str, output: Path | None, folder: Path = FLOWS) -> int:
    """Draw. Returns the exit code."""
    project = read_project(folder, None)
    if language not in {None, SOURCE, *project.catalogs}:
        known = ", ".join((SOURCE, *project.catalogs))
        raise ContentError(f'There is no catalog of "{language}"; there are {known}.')
    if flow is None:
        graph = graph_of_all(project, language)
    elif flow in project.flows.flows:
        graph = graph_of_flow(project, project.flows.flows[flow], language)
    else:
        raise ContentError(f'There is no flow "{flow}".{did_you_mean(flow, project.flows.flows)}')
    text = to_mermaid(graph) if form == "mermaid" else to_svg(lay_out(graph))
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        click.echo(f"Written: {output} ({len(graph.boxes)} boxes, {len(graph.arrows)} arrows)")
    return 0
