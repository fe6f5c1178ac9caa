"""A master, its replica and a real Sentinel that watches them, for as long as a test needs them."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import redis

from bot import local_redis
from tests.bench.processes import free_port
from tests.until import until

NAME = "main"


@dataclass
class Watched:
    """Two servers, one of which is the master, and the port of the sentinel."""

    servers: dict[int, subprocess.Popen[bytes]]
    sentinel: int

    @property
    def url(self) -> str:
        # The first sentinel is never there: one that is gone must not be the end.
        return f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{self.sentinel}/{NAME}/0"

    @property
    def master(self) -> int:
        """The port of the server that the sentinel holds for the master."""
        found = redis.Redis(port=self.sentinel).execute_command("SENTINEL", "get-master-addr-by-name", NAME)
        return int(found[1])

    def kill_master(self) -> int:
        """Its port."""
        port = self.master
        self.servers[port].kill()
        self.servers[port].wait()
        return port


@contextlib.contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    """Start all three; the block begins when the replica follows and the sentinel knows of it."""
    first, second, sentinel = free_port(), free_port(), free_port()
    servers = {port: local_redis.start(port, folder / str(port)) for port in (first, second)}
    redis.Redis(port=second).replicaof("127.0.0.1", str(first))
    until(lambda: redis.Redis(port=second).info("replication")["master_link_status"] == "up")
    config = folder / "sentinel.conf"
    config.write_text(
        f"port {sentinel}\nbind 127.0.0.1\ndir {folder}\n"
        f"sentinel monitor {NAME} 127.0.0.1 {first} 1\n"
        f"sentinel down-after-milliseconds {NAME} 500\n"
        f"sentinel failover-timeout {NAME} 3000\n"
    )
    watcher = subprocess.Popen(
        [local_redis.server_binary(), str(config), "--sentinel"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: local_redis.listens(sentinel))
        until(lambda: len(redis.Redis(port=sentinel).execute_command("SENTINEL", "replicas", NAME)) == 1)
        yield Watched(servers, sentinel)
    finally:
        for process in (watcher, *servers.values()):
            process.kill()
            process.wait()
