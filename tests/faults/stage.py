"""Everything that can be broken, set up as in production: Redis, its wire, the web server, a small disk, a clock."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.content import Content, load_content
from bot.settings import FLOWS, PROJECT
from tests.bench.processes import free_port
from tests.faults.own_redis import OwnRedis
from tests.faults.slow_wire import SlowWire
from tests.faults.web_server import WebServer
from tests.project_copy import copy_project
from tests.traffic.residents import TEXTS, Expected, Judge, listen
from tests.traffic.twilio_side import TOKEN, TwilioSide

COPY, CLOCK, SECOND = "copy", "clock", "second server"
SECRET_KEY = "the key of the broken hotline and of nothing else"
DISK_BYTES = 48 * 2**20
_FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


@dataclass
class Stage:
    """A hotline that answers, and all that it stands on."""

    folder: Path
    redis: OwnRedis
    wire: SlowWire
    servers: list[WebServer]
    twilio: TwilioSide
    content: Content
    judge: Judge
    expected: list[Expected]
    disk: Path
    clock: Path | None

    @property
    def server(self) -> WebServer:
        """The one at the main address."""
        return self.servers[0]

    @property
    def database(self) -> Path:
        """The file of the appointments."""
        return self.disk / "appointments.db"


@contextlib.asynccontextmanager
async def set_up(
    languages: int,
    needs: str = "",
    more: Mapping[str, str] | None = None,
    application: str = "webhooks.wsgi:app",
) -> AsyncIterator[Stage]:
    """A fresh one for as long as the block lasts, with residents of so many languages.

    `needs` is CLOCK to see a clock that can be set, SECOND to have a second web server at the fallback address, COPY to
    have two as well, both run from a copy whose files may be broken.
    """
    with tempfile.TemporaryDirectory() as name, small_disk(Path(name) / "disk") as disk:
        folder = Path(name)
        own_redis = OwnRedis(free_port(), disk / "redis")
        wire = SlowWire(free_port(), own_redis.port)
        settings = {
            "HOTLINE_SECRET_KEY": SECRET_KEY,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "REDIS_URL": f"redis://127.0.0.1:{wire.port}/0",
            "DATABASE_URL": f"sqlite:///{disk / 'appointments.db'}",
        }
        clock_file = folder / "clock" if needs == CLOCK and faketime() else None
        if clock_file:
            set_clock(clock_file, 0)
            settings |= {
                "LD_PRELOAD": _FAKETIME,
                "FAKETIME_TIMESTAMP_FILE": str(clock_file),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        project = copy_project(folder / "project", "").folder if needs == COPY else PROJECT
        settings |= more or {}
        if needs == COPY:
            settings["PYTHONPATH"] = str(project)
        logs = ("log", "log2") if needs in {SECOND, COPY} else ("log",)
        servers = [WebServer(free_port(), disk / log, settings, project, application) for log in logs]
        try:
            own_redis.start()
            await wire.start()
            for each in servers:
                await each.start()
            twilio, content = TwilioSide([each.port for each in servers]), load_content(FLOWS)
            expected = [await listen(twilio, language) for language in list(TEXTS)[:languages]]
            judge = Judge(content)
            yield Stage(folder, own_redis, wire, servers, twilio, content, judge, expected, disk, clock_file)
        finally:
            for each in servers:
                await each.stop()
            wire.stop()
            own_redis.kill()


def faketime() -> bool:
    """Whether libfaketime is installed (apt install libfaketime)."""
    return Path(_FAKETIME).is_file()


def set_clock(file: Path, seconds: int) -> None:
    """Have the web processes see another time, so many seconds from the true one."""
    new = file.with_suffix(".new")
    new.write_text(f"{seconds:+d}\n")
    new.replace(file)


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own that can be filled, if we may mount one; else a folder like others."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    try:
        yield folder
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


@contextlib.contextmanager
def full(disk: Path, processes: list[int]) -> Iterator[None]:
    """No byte more fits on the disk; where it is no disk of its own, no file of `processes` may grow."""
    if disk.is_mount():
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file:
            for size in (2**16, 2**12, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"\0" * size)
        try:
            yield
        finally:
            ballast.unlink()
        return
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in processes}
    for pid, (_, most) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, most))
    try:
        yield
    finally:
        for pid, limits in before.items():
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
