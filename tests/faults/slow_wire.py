"""A wire between the hotline and Redis that can be slow, or dead without a sign of it."""

from __future__ import annotations

import asyncio
import contextlib


class SlowWire:
    """Forwards a local port to another; `delay` seconds each way, or nothing at all while it `hangs`."""

    def __init__(self, port: int, to: int) -> None:
        self.port = port
        self._to = to
        self.delay = 0.0
        self._open = asyncio.Event()
        self._open.set()
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self.port)

    def hang(self) -> None:
        """From now on connections are taken and nothing comes through."""
        self._open.clear()

    def let_through(self) -> None:
        """As fast as ever again."""
        self.delay = 0.0
        self._open.set()

    def stop(self) -> None:
        """Close everything."""
        if self._server:
            self._server.close()
        for end in self._ends:
            end.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        try:
            # Before the other side is asked: a server that hangs is connected to all the same.
            await self._open.wait()
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
            self._ends.add(back)
            await asyncio.gather(self._forward(reader, back), self._forward(there, writer))
        except OSError:
            pass  # Redis is down: so is the wire's end
        finally:
            writer.close()
            self._ends.discard(writer)

    async def _forward(self, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                await asyncio.sleep(self.delay)
                await self._open.wait()
                to.write(data)
                await to.drain()
        to.close()
        self._ends.discard(to)
