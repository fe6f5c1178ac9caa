"""A Redis server that is there to be killed: with an append-only file, as operations keep it, or with nothing."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from pathlib import Path

import redis

from bot.local_redis import listens, server_binary


class OwnRedis:
    """One server; `keeps` says whether it has an append-only file."""

    def __init__(self, port: int, folder: Path, keeps: bool = True) -> None:
        self.port = port
        self.folder = folder
        self.keeps = keeps
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers; what the file holds is there again."""
        self.folder.mkdir(parents=True, exist_ok=True)
        keeping = ("--appendonly", "yes", "--appendfsync", "everysec") if self.keeps else ("--appendonly", "no")
        self._process = subprocess.Popen(
            [
                *(server_binary(), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)),
                *(*keeping, "--save", "", "--loglevel", "warning"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(200):
            if listens(self.port):
                return
            time.sleep(0.05)
        raise RuntimeError("Redis does not start")

    def kill(self) -> None:
        """At once, in the middle of whatever it does."""
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def forget_everything(self) -> None:
        """Remove its files; only while it is down."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def client(self) -> redis.Redis:
        """A connection past the wire."""
        return redis.Redis(port=self.port)

    def processes(self) -> list[int]:
        """The server's process."""
        return [self._process.pid] if self._process else []
