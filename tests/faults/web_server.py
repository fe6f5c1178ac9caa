"""The web server under test, and whoever starts it again when it ends, as a process supervisor does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.settings import PROJECT, VARIABLES

_COMMAND = (sys.executable, "-m", "gunicorn", "--config", "python:webhooks.gunicorn_settings")
_PAUSE = 0.3  # seconds between an end and the next start


class WebServer:
    """gunicorn with two processes, kept running until `stop`."""

    def __init__(
        self,
        port: int,
        log: Path,
        settings: Mapping[str, str],
        folder: Path = PROJECT,
        application: str = "webhooks.wsgi:app",
    ) -> None:
        self.port = port
        self.log = log
        self.starts = 0
        self.folder = folder
        self._application = application
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it and keep it running; returns when it answers."""
        self._keeper = asyncio.create_task(self._keep_running())
        for _ in range(1200):
            if await self.answers():
                return
            await asyncio.sleep(0.1)
        raise RuntimeError(f"the web server does not start:\n{self.log.read_text(errors='replace')[-3000:]}")

    async def stop(self) -> None:
        """End it and whatever it has started."""
        if self._keeper:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        self.end(signal.SIGTERM)
        if self._process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, 10)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def end(self, how: signal.Signals) -> None:
        """Send the master a signal."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(how)

    def processes(self) -> list[int]:
        """The master's children."""
        if self._process is None:
            return []
        with contextlib.suppress(OSError):
            return [int(pid) for pid in Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()]
        return []

    @property
    def master(self) -> int:
        """The process that forks the others."""
        assert self._process is not None
        return self._process.pid

    async def _keep_running(self) -> None:
        while True:
            with self.log.open("ab") as output:
                self._process = subprocess.Popen(
                    [*_COMMAND, self._application],
                    cwd=self.folder,
                    env=self._environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            self.starts += 1
            while self._process.poll() is None:
                await asyncio.sleep(0.05)
            await asyncio.sleep(_PAUSE)

    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        return {**own, "HOTLINE_RATE_LIMIT": "0", "WEB_CONCURRENCY": "2", **self._settings, "PORT": str(self.port)}

    async def answers(self) -> bool:
        """Whether it serves."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
        try:
            return b" 200 " in await reader.read(-1)
        except OSError:
            return False
        finally:
            writer.close()
