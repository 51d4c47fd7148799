"""A gateway on the loopback that answers what a test lays down for each path, and notes who asked."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeAlias
from urllib.parse import parse_qsl, urlsplit

HOST = "127.0.0.1"

Respond: TypeAlias = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


def page(
    body: str | bytes | Mapping[str, object], *, status: int = 200, headers: str = ""
) -> Respond:
    """A whole answer: JSON, a text or bytes. `headers` are more lines."""
    content = json.dumps(body) if isinstance(body, Mapping) else body
    content = content.encode() if isinstance(content, str) else content

    async def respond(writer: asyncio.StreamWriter) -> None:
        lines = [
            f"HTTP/1.1 {status} Said",
            f"Content-Length: {len(content)}",
            "Connection: close",
            *headers.splitlines(),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        await writer.drain()

    return respond


async def hang(_writer: asyncio.StreamWriter) -> None:
    """Say nothing for longer than anybody waits."""
    await asyncio.sleep(3600)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def never_end(writer: asyncio.StreamWriter) -> None:
    """Begin a page of spaces that has no end."""
    writer.write(b"HTTP/1.1 200 Said\r\nConnection: close\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" " * 65536)
        await writer.drain()


NOT_FOUND = page('{"error": {"message": "no such route"}}', status=404)


@dataclass(slots=True)
class BillingServer:
    """Serves while it is entered. What is not laid down is not found."""

    pages: dict[str, Respond] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [visit.path for visit in self.visits]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            visit = _visit_in(head)
            if length := int(visit.headers.get("content-length", "0")):
                await reader.readexactly(length)
            self.visits.append(visit)
            await self.pages.get(visit.path, NOT_FOUND)(writer)
        writer.close()


def _visit_in(head: str) -> Visit:
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ")
    fields = (line.partition(":") for line in lines if line)
    parts = urlsplit(target)
    return Visit(
        method=method,
        path=parts.path,
        query=dict(parse_qsl(parts.query)),
        headers={name.lower(): value.strip() for name, _, value in fields},
    )
