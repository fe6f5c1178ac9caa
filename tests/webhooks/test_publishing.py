"""Staff change what residents get while the hotline runs, with the commands they have."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import local_redis
from tests.bench.processes import free_port
from tests.conftest import RedisServer, WebServer, serve
from tests.project_copy import ProjectCopy, copy_project
from tests.webhooks.test_server import new_number, post

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProjectCopy]:
    """A copy with a Redis of its own, so that what is published here is published nowhere else."""
    port, folder = free_port(), tmp_path_factory.mktemp("publishing_redis")
    server = RedisServer(port, folder, local_redis.start(port, folder))
    yield copy_project(tmp_path_factory.mktemp("project"), server.url)
    server.stop()


@pytest.fixture(scope="module")
def running(project: ProjectCopy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with serve(project.environment, project.folder, tmp_path_factory.mktemp("publishing_web") / "log") as server:
        yield server


def everywhere(server: WebServer, text: str, wanted: str) -> bool:
    """Whether new residents who send `text` are told `wanted`, whichever of the two processes answers."""
    return all(wanted in (post(server, text, new_number()).text or "") for _ in range(8))


DOOR = "ICE is at my door"


def test_a_change_of_words_is_served_at_once_and_rolled_back(project: ProjectCopy, running: WebServer) -> None:
    assert project.hotline("publish", "--by", "Jane").returncode == 0
    assert "Nothing changed" in project.hotline("publish", "--by", "Jane").stdout
    project.edit("flows/ice_at_door.yml", "Keep the door closed", "Leave the door shut")
    result = project.hotline("publish", "--by", "Jane", "--note", "Better words")
    assert "Release 2" in result.stdout
    assert "flows/ice_at_door.yml" in result.stdout
    assert everywhere(running, DOOR, "Leave the door shut")
    project.hotline("rollback", "--by", "Jane")
    assert everywhere(running, DOOR, "Keep the door closed")
    shown = project.hotline("releases").stdout
    assert "back to release 1 by Jane" in shown
    assert "release 2 by Jane: Better words" in shown
    project.edit("flows/ice_at_door.yml", "Leave the door shut", "Keep the door closed")


def test_broken_texts_are_refused_and_the_old_stay(project: ProjectCopy, running: WebServer) -> None:
    project.edit("flows/ice_at_door.yml", "then: {link: warrant_types}", "then: {link: warrant_tipes}")
    result = project.hotline("publish", "--by", "Jane")
    assert result.returncode == 1
    assert 'Did you mean "warrant_types"?' in result.stdout
    assert "Not published" in result.stderr
    assert everywhere(running, DOOR, "warrant signed by a judge")
    project.edit("flows/ice_at_door.yml", "then: {link: warrant_tipes}", "then: {link: warrant_types}")


def test_a_topic_is_switched_off_in_under_two_seconds_and_on_again(project: ProjectCopy, running: WebServer) -> None:
    number = new_number()
    post(running, "can ice enter the school of my child", number)
    result = project.hotline("off", "school_ice_protocol", "--because", "A court ruling", "--by", "Jane")
    done = time.monotonic()
    assert result.returncode == 0
    assert "cannot answer this right now" in (post(running, "1", number).text or "")
    assert everywhere(running, "can ice enter the school of my child", "cannot answer this right now")
    assert time.monotonic() - done < 2
    assert "school_ice_protocol is switched off" in project.hotline("releases").stdout
    assert "content" in running.log.read_text()
    project.hotline("on", "school_ice_protocol", "--by", "Jane")
    assert everywhere(running, "can ice enter the school of my child", "public schools")


REFUSED = [
    (("off", "school_ice", "--because", "x"), 'Did you mean "school_ice_protocol"?'),
    (("off", "menu", "--because", "x"), "cannot be switched off"),
    (("on", "privacy"), "is not switched off"),
    (("rollback", "99"), "no such earlier release"),
]


@pytest.mark.parametrize(("arguments", "piece"), REFUSED, ids=lambda value: str(value))
def test_what_cannot_be_done_is_said(project: ProjectCopy, arguments: tuple[str, ...], piece: str) -> None:
    result = project.hotline(*arguments)
    assert piece in result.stderr
    assert result.returncode == 2


def test_a_conversation_goes_on_if_its_step_is_still_there(project: ProjectCopy, running: WebServer) -> None:
    stays, goes = new_number(), new_number()
    post(running, "can ice enter the school of my child", stays)
    post(running, DOOR, goes)
    project.edit("flows/ice_at_door.yml", "- id: what_now", "- id: what_happens")
    project.edit("flows/school_ice_protocol.yml", "Agents", "Officers")
    assert project.hotline("publish", "--by", "Jane").returncode == 0, "a renamed step needs no translation"
    assert "Please reply with one of" not in (post(running, "2", stays).text or "")
    reply = post(running, "2", goes).text or ""
    assert reply.startswith("This topic changed since your last text.")
    assert "1 ICE is at my door" in reply


def test_new_training_data_is_trained_and_taken_over_while_the_hotline_answers(
    project: ProjectCopy, running: WebServer, tmp_path: Path
) -> None:
    nonsense = "zorblat quimfle vexor"
    assert '"event": "model"' not in running.log.read_text()
    lines = "".join(f"    - {nonsense} {word}\n" for word in ("now", "today", "please", "my", "the", "help")) * 12
    data = project.folder / "nlu_data" / "en.yml"
    text = data.read_text(encoding="utf-8")
    at = text.index("\n", text.index("examples: |", text.index("intent: privacy"))) + 1
    data.write_text(f"{text[:at]}    - {nonsense}\n{lines}{text[at:]}", encoding="utf-8")
    result = project.hotline("publish", "--by", "Jane")
    assert "the model" in result.stdout, result.stderr
    # A process loads the model beside the old one when its next message comes.
    until = time.monotonic() + 20
    while '"event": "model"' not in running.log.read_text() and time.monotonic() < until:
        everywhere(running, "ICE is at my door", "Keep the door closed")
        time.sleep(0.2)
    assert '"event": "model"' in running.log.read_text()
    assert everywhere(running, "ICE is at my door", "Keep the door closed")
