"""hotline check"""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from bot.flow_checks import RULES, check_all, pages
from bot.flow_checks.project import read_project
from bot.flow_engine.problems import Problem
from bot.flow_engine.schema import flow_file_schema
from bot.settings import FLOWS, NLU_DATA, PROJECT


def run(paths: tuple[Path, ...], form: str | None, strict: bool, fix: bool = False) -> int:
    """Check everything; with paths, print only what concerns those; with `fix`, mend first. Returns the exit code."""
    flows: Path = FLOWS
    nlu: Path | None = NLU_DATA
    if len(paths) == 1 and paths[0].is_dir() and paths[0].resolve() not in {FLOWS, NLU_DATA}:
        flows, nlu, paths = paths[0].resolve(), None, ()
    problems = _found(flows, nlu, paths)
    if fix:
        for problem in mended(problems, flows.parent):
            click.echo(f"{problem.place} mended ({problem.rule})", err=True)
        problems = _found(flows, nlu, paths)
    form = form or ("github" if os.environ.get("GITHUB_ACTIONS") else "text")
    _PRINTERS[form](problems)
    errors = any(problem.level == "error" for problem in problems)
    return 1 if errors or (strict and problems) else 0


def write_pages() -> int:
    """Write docs/rules and the schema anew from what they describe. Returns the exit code."""
    folder = PROJECT / "docs" / "rules"
    folder.mkdir(parents=True, exist_ok=True)
    written = pages.all_pages(RULES)
    for path in folder.iterdir():
        if path.name not in written:
            path.unlink()
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")
    (FLOWS / "flows.schema.json").write_text(schema_text(), encoding="utf-8")
    click.echo(f"{len(written)} pages in docs/rules, and flows/flows.schema.json")
    return 0


def schema_text() -> str:
    """The schema as its file holds it."""
    return json.dumps(flow_file_schema(), indent=1, ensure_ascii=False) + "\n"


def _found(flows: Path, nlu: Path | None, paths: tuple[Path, ...]) -> list[Problem]:
    problems = check_all(read_project(flows, nlu))
    return [problem for problem in problems if not paths or _concerns(problem, paths)]


def mended(problems: list[Problem], root: Path) -> list[Problem]:
    """Make the edits of `problems` in the files below `root`; return the problems that were mended.

    Edits of one file are made from its end to its beginning, so that places stay true; one that no longer fits is left.
    """
    done: list[Problem] = []
    for problem in sorted((problem for problem in problems if problem.fix), key=_end_first, reverse=True):
        edit = problem.fix
        assert edit is not None
        path = root / edit.place.file
        lines = path.read_bytes().decode("utf-8").split("\n")
        line, at = edit.place.line - 1, edit.place.column - 1
        if line < len(lines) and lines[line].startswith(edit.old, at):
            lines[line] = lines[line][:at] + edit.new + lines[line][at + len(edit.old) :]
            path.write_bytes("\n".join(lines).encode("utf-8"))
            done.append(problem)
    return sorted(done)


def _end_first(problem: Problem) -> tuple[str, int, int]:
    place = problem.fix.place if problem.fix else problem.place
    return place.file, place.line, place.column


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
