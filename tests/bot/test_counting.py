"""Counts: right over all processes, no danger to the hotline, and nobody to be seen in them."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.content import Content
from bot.counting import counters, folder
from bot.counting.counters import COUNTERS, FLOORED, count
from bot.counting.shown import as_text
from bot.counting.turns import count_conversation
from bot.flow_engine.state import DialogueState
from bot.languages.supported import LANGUAGES
from bot.settings import PROJECT


def shown(name: str) -> dict[str, float]:
    """Labels as they are written → value, of one metric in this process."""
    found = re.findall(rf"^{name}_total(?:{{(.*)}})? (\S+)$", as_text().decode(), re.MULTILINE)
    return {labels: float(value) for labels, value in found}


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counters of the test's own."""
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    counters.counts.cache_clear()


FLOORS = [(1, None), (9, None), (10, 10), (11, 10), (19, 10), (20, 20), (345, 340)]


@pytest.mark.parametrize(("conversations", "seen"), FLOORS)
@pytest.mark.parametrize("name", sorted(FLOORED))
def test_what_is_split_by_people_is_shown_in_full_tens(name: str, conversations: int, seen: int | None) -> None:
    for _ in range(conversations):
        count(name, **{label: "x" for label in COUNTERS[name][1]})
    assert shown(name) == ({} if seen is None else {f"{labels_of(name)}": float(seen)})
    assert "_created" not in as_text().decode(), "the moment of the first would show"


def labels_of(name: str) -> str:
    return ",".join(f'{label}="x"' for label in sorted(COUNTERS[name][1]))


def test_every_split_by_language_or_topic_has_the_floor() -> None:
    split = {name for name, (_, labels) in COUNTERS.items() if {"language", "topic", "flow", "clinic"} & {*labels}}
    assert split == FLOORED


def test_one_person_is_not_seen_however_much_they_write(content: Content) -> None:
    state = DialogueState(language="pl", language_sure=True, said=[["step", "ice_at_door", "keep_closed"]])
    for turn in range(50):
        state.misses = turn % 2
        count_conversation(content, state, "sms")
        state = DialogueState.from_json(state.to_json()).copy()
    assert not any(shown(name) for name in FLOORED)


def test_ten_conversations_are(content: Content) -> None:
    for number in range(10):
        said = [["step", "ice_at_door", "x"]] if number else [["ask", "ice_at_door", "y"]]
        assert count_conversation(content, DialogueState(language="pl", said=said), "sms")
    assert shown("hotline_conversations") == {'channel="sms",language="pl"': 10}
    assert shown("hotline_understanding") == {'language="pl",understood="yes"': 10}
    assert shown("hotline_emergencies") == {'topic="ice_at_door"': 10}


def test_a_wrong_label_costs_no_reply() -> None:
    count("hotline_turns", nonsense="1")
    count("no such counter")


# Runs in a process of its own: whether counts are shared is settled when the library is imported.
PROGRAM = """
import os, signal, sys
from pathlib import Path
from bot.counting import counters, folder
from bot.counting.shown import as_text
where = folder.share(1, state=Path(sys.argv[1]))
assert where is not None
counters.count("hotline_requests", route="/sms", status="200")
def child(ends):
    pid = os.fork()
    if not pid:
        counters.begin_in_child()
        for _ in range(5):
            counters.count("hotline_requests", route="/sms", status="200")
        counters.count_seconds("/sms", 0.2)
        ends()
    os.waitpid(pid, 0)
for _ in range(20):
    child(lambda: os.kill(os.getpid(), signal.SIGKILL))
    child(lambda: os._exit(0))
print(as_text().decode())
print("files", len(list(where.glob("*.db"))))
"""


SERVER = """
import sys
from pathlib import Path
from bot.counting import folder
print(len(list(folder.share(1, afresh=True, state=Path(sys.argv[1])).iterdir())))
"""


def run(program: str, *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_all_processes_are_added_up_and_the_dead_leave_no_files_behind(tmp_path: Path) -> None:
    told = run(PROGRAM, str(tmp_path))
    assert 'hotline_requests_total{route="/sms",status="200"} 201.0' in told
    assert 'hotline_request_seconds_count{route="/sms"} 40.0' in told
    assert "files 4" in told, "two kinds, of the parent and of whoever came last"
    assert run(SERVER, str(tmp_path)) == "0\n", "a server begins with none"


FULL_DISK = """
import errno, os, sys
from pathlib import Path
from bot.counting import counters, folder
from bot.counting.shown import as_text
def full(*_):
    raise OSError(errno.ENOSPC, "no space left")
if sys.argv[2] == "before":
    os.posix_fallocate = full
folder.share(1, state=Path(sys.argv[1]))
counters.count("hotline_turns", channel="sms", outcome="answered")
os.posix_fallocate = full
pid = os.fork()
if not pid:
    counters.begin_in_child()
    counters.count("hotline_turns", channel="sms", outcome="answered")
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
assert b'outcome="answered"} 1.0' in as_text()
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_full_disk_costs_counts_and_nothing_else(tmp_path: Path, when: str) -> None:
    run(FULL_DISK, str(tmp_path), when)


def test_without_a_folder_each_process_counts_for_itself(tmp_path: Path) -> None:
    (tmp_path / "metrics").write_text("a file where the folder should be")
    assert folder.share(1, state=tmp_path) is None
    assert folder.shared() is None


# As many series as there can be: what a process reserves must hold them, or a full disk would kill it.
EVERYTHING = """
import sys
from pathlib import Path
from bot.counting import counters, folder
where = folder.share(1, state=Path(sys.argv[1]))
for line in sys.stdin:
    name, _, labels = line.rstrip().partition(" ")
    pairs = dict(item.split("=") for item in labels.split(" ") if item)
    if name == "seconds":
        counters.count_seconds(pairs["route"], 1)
    else:
        counters.counts().counters[name].labels(**pairs).inc()
assert {path.stat().st_size for path in where.iterdir()} == {folder.RESERVED}, "a file has grown"
"""


def test_what_is_reserved_holds_every_series(content: Content, tmp_path: Path) -> None:
    emergencies = [flow.id for flow in content.flows.flows.values() if flow.emergency]
    values = {
        "route": [f"/a/route/of/thirty/letters/{number:02}" for number in range(20)],
        "status": ["200", "204", "304", "400", "403", "404", "405", "413", "500", "503"],
        "channel": ["sms", "whatsapp", "voice"],
        "outcome": [f"an_outcome_{number}" for number in range(6)],
        "language": list(LANGUAGES),
        "understood": ["yes", "no"],
        "topic": emergencies,
        "state": [f"a_state_of_a_message_{number}" for number in range(14)],
        "why": [f"a_reason_{number}" for number in range(12)],
        "how": ["said", "silent"],
    }  # fmt: skip
    lines = []
    for name, (_, labels) in COUNTERS.items():
        for chosen in itertools.product(*(values[label] for label in labels)) if labels else ():
            lines.append(" ".join([name, *(f"{label}={value}" for label, value in zip(labels, chosen))]))
    lines += [f"seconds route={route}" for route in values["route"]]
    result = subprocess.run(
        [sys.executable, "-c", EVERYTHING, str(tmp_path)],
        input="\n".join(lines), cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
