"""Twilio's REST servers on this machine: they take look-ups and texts, until they are told to fail."""

from __future__ import annotations

import asyncio
import contextlib
import json
from urllib.parse import parse_qs

PORT_VARIABLE = "TESTS_TEXTING_PORT"  # how the hotline finds it
OK, BUSY, BROKEN, HANGS, HANGS_UP, BABBLES = "ok", "429", "500", "says nothing", "hangs up", "answers no JSON"
FAILURES = (BUSY, BROKEN, HANGS, HANGS_UP, BABBLES)


class TextingServer:
    """Notes what it was asked to send."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mode = OK
        self.sent: list[str] = []  # whom a text went to
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    def stop(self) -> None:
        """Listen no more."""
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while line := await reader.readline():
                method, path = line.decode().split()[:2]
                length = 0
                while (header := await reader.readline()).strip():
                    name, _, value = header.decode().partition(":")
                    length = int(value) if name.lower() == "content-length" else length
                body = (await reader.readexactly(length)).decode()
                if self.mode == HANGS:
                    await asyncio.sleep(30)
                if self.mode in {HANGS, HANGS_UP}:
                    break
                writer.write(self._answer(method, path, body))
                await writer.drain()
        writer.close()

    def _answer(self, method: str, path: str, body: str) -> bytes:
        status, answer = 200, json.dumps({"line_type_intelligence": {"type": "mobile"}})
        if self.mode in {BUSY, BROKEN}:
            status, answer = int(self.mode), json.dumps({"code": 20429, "message": "no", "status": int(self.mode)})
        elif self.mode == BABBLES:
            answer = "<html>502 Bad Gateway</html>"
        elif method == "POST" and path.endswith("/Messages.json"):
            self.sent.append(parse_qs(body)["To"][0])
            status, answer = 201, json.dumps({"sid": "SM" + "0" * 32, "status": "queued"})
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n"
        return (head + answer).encode()
