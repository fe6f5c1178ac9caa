"""docs/writing-flows.md, followed word by word on a running hotline."""

import re
import shlex
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import yaml
from babel.messages.pofile import read_po, write_po

from bot import local_redis
from bot.settings import PROJECT
from tests.bench.processes import free_port
from tests.conftest import RedisServer, WebServer, serve
from tests.project_copy import ProjectCopy, copy_project
from tests.webhooks.test_server import new_number, post

pytestmark = pytest.mark.engine

GUIDE = (PROJECT / "docs" / "writing-flows.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\w+)(?:=(\S+))?)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def follow(project: ProjectCopy, server: WebServer, kind: str, verb: str, target: str, text: str) -> None:
    """Do what one block of the guide says."""
    if kind == "console":
        for command, *expected in _commands(text):
            _run(project, command, expected)
    elif verb == "file":
        path = project.folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    elif verb == "append":
        path = project.folder / target
        path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + "\n" + text, encoding="utf-8")
    elif verb == "edit":
        change = yaml.safe_load(text)
        project.edit(target, change["old"], change["new"])
    elif verb == "fill":
        _fill(project.folder / "flows" / "locales" / target / "LC_MESSAGES" / "flows.po", text)
    elif verb == "talk":
        _talk(server, text)
    else:
        raise AssertionError(f"the guide has a block that nobody runs: {kind} {verb}")


def _commands(text: str) -> Iterator[list[str]]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        yield part.rstrip("\n").split("\n")


def _run(project: ProjectCopy, command: str, expected: list[str]) -> None:
    program, *arguments = shlex.split(command)
    assert program == "hotline"
    result = project.hotline(*arguments)
    shown = result.stdout + result.stderr
    position = 0
    for line in expected:
        position = shown.find(line, position)
        assert position >= 0, f"{command}\ndid not print {line!r}:\n{shown}"
    assert result.returncode == 0 or "hotline check" in command, shown


def _fill(path: Path, text: str) -> None:
    """What a translator does in an editor."""
    with path.open("rb") as file:
        catalog = read_po(file)
    for entry in read_po(BytesIO(text.encode())):
        if entry.id:
            message = catalog.get(entry.id, entry.context)
            assert message is not None, f"the catalog has no {entry.id!r}"
            message.string = entry.string
            message.flags.discard("fuzzy")
    buffer = BytesIO()
    write_po(buffer, catalog, width=120)
    path.write_bytes(buffer.getvalue())


def _talk(server: WebServer, text: str) -> None:
    """One resident for each language: a new number where the text is not the answer to a menu."""
    number = new_number()
    for sent, wanted in re.findall(r"^you: (.*)\nbot: (.*)$", text, re.MULTILINE):
        if not sent.isdigit():
            number = new_number()
        # The processes load a new model beside the old one, beginning with their next message.
        until = time.monotonic() + 20
        while wanted not in (reply := post(server, sent, number).text or "") and time.monotonic() < until:
            time.sleep(0.2)
            if not sent.isdigit():
                number = new_number()
        assert wanted in reply, f"to {sent!r} the bot said:\n{reply}"


def test_the_guide(tmp_path: Path) -> None:
    port = free_port()
    redis = RedisServer(port, tmp_path / "redis", local_redis.start(port, tmp_path / "redis"))
    project = copy_project(tmp_path / "project", redis.url)
    try:
        with serve(project.environment, project.folder, tmp_path / "log") as server:
            blocks = BLOCK.findall(GUIDE)
            assert len(blocks) == GUIDE.count("\n```") // 2
            for kind, verb, target, text in blocks:
                follow(project, server, kind, verb, target, text)
    finally:
        redis.stop()
