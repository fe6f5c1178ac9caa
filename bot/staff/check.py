"""hotline check"""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from bot.flow_checks import check_all
from bot.flow_checks.project import read_project
from bot.flow_engine.problems import Problem
from bot.settings import FLOWS, NLU_DATA, PROJECT


def run(paths: tuple[Path, ...], form: str | None, strict: bool) -> int:
    """Check everything; with paths, print only what concerns those. Returns the exit code."""
    flows: Path = FLOWS
    nlu: Path | None = NLU_DATA
    if len(paths) == 1 and paths[0].is_dir() and paths[0].resolve() not in {FLOWS, NLU_DATA}:
        flows, nlu, paths = paths[0].resolve(), None, ()
    problems = check_all(read_project(flows, nlu))
    if paths:
        problems = [problem for problem in problems if _concerns(problem, paths)]
    form = form or ("github" if os.environ.get("GITHUB_ACTIONS") else "text")
    _PRINTERS[form](problems)
    errors = any(problem.level == "error" for problem in problems)
    return 1 if errors or (strict and problems) else 0


def _concerns(problem: Problem, paths: tuple[Path, ...]) -> bool:
    file = (PROJECT / problem.place.file).resolve()
    return any(file == path.resolve() or path.resolve() in file.parents for path in paths)


def _print_text(problems: list[Problem]) -> None:
    for problem in problems:
        colour = "red" if problem.level == "error" else "yellow"
        level = click.style(problem.level, fg=colour)
        click.echo(f"{problem.place} {level} {problem.message} ({problem.rule})")
    errors = sum(problem.level == "error" for problem in problems)
    if problems:
        click.echo(f"{errors} errors, {len(problems) - errors} warnings.")
    else:
        click.echo("All is well.")


def _print_json(problems: list[Problem]) -> None:
    click.echo(
        json.dumps(
            [
                {
                    "file": problem.place.file,
                    "line": problem.place.line,
                    "column": problem.place.column,
                    "level": problem.level,
                    "message": problem.message,
                    "rule": problem.rule,
                }
                for problem in problems
            ],
            ensure_ascii=False,
            indent=1,
        )
    )


def _print_github(problems: list[Problem]) -> None:
    for problem in problems:
        place = problem.place
        message = problem.message.replace("%", "%25").replace("\n", "%0A")
        click.echo(
            f"::{problem.level} file={place.file},line={place.line},col={place.column},title={problem.rule}::{message}"
        )


_PRINTERS = {"text": _print_text, "json": _print_json, "github": _print_github}
