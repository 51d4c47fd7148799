"""A line between robot and gateway that can be cut, or go dead without a word."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Relay:
    """Carries bytes both ways, until it is told otherwise."""

    target: int
    port: int = 0
    heard: bytearray = field(default_factory=bytearray)
    """All that the robot has sent."""
    answered: bytearray = field(default_factory=bytearray)
    """All that the robot was sent."""
    connections: int = 0
    """How many there have been."""
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def tickets(self) -> list[str]:
        """The tickets that were used, in order."""
        return re.findall(r"GET /connect\?ticket=(\w+)", self.heard.decode("latin-1"))

    def openings(self) -> int:
        """How often a ticket was asked for."""
        return self.heard.count(b"POST /v1.0/gateway/connections/open")

    def freeze(self) -> None:
        """Take bytes of the connections that exist and pass none on; new connections work."""
        for task in self._tasks:
            task.cancel()
        self._tasks = set()

    def cut(self) -> None:
        """End every connection as a broken line does."""
        for writer in self._writers:
            writer.transport.abort()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers |= {writer, far_writer}
        self._tasks.add(asyncio.create_task(_carry(reader, far_writer, self.heard)))
        self._tasks.add(asyncio.create_task(_carry(far_reader, writer, self.answered)))

    async def close(self) -> None:
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: bytearray
) -> None:
    with suppress(OSError):
        while received := await reader.read(65536):
            heard += received
            writer.write(received)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def relaying(target: int) -> AsyncIterator[Relay]:
    relay = Relay(target)
    server = await asyncio.start_server(relay.accept, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        await relay.close()
