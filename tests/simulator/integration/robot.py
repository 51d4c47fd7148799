"""A robot on the loopback that records requests and returns scripted responses."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

EMPTY = b'{"msgtype":"empty"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A request that the robot received."""

    headers: Mapping[str, str]
    body: dict[str, object]


@dataclass(slots=True)
class Robot:
    """`answers` are (status, body, delay in seconds), in order; then the response is `empty`."""

    url: str = ""
    posted: list[Posted] = field(default_factory=list)
    answers: deque[tuple[int, bytes, float]] = field(default_factory=deque)

    @property
    def last(self) -> dict[str, object]:
        return self.posted[-1].body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await self._answer_one(reader, writer)
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[1:]
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head if line)
        }
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.posted.append(Posted(headers=headers, body=body))
        status, said, pause = self.answers.popleft() if self.answers else (200, EMPTY, 0.0)
        await asyncio.sleep(pause)
        start = f"HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\n"
        writer.write(f"{start}content-length: {len(said)}\r\n\r\n".encode() + said)
        await writer.drain()


@asynccontextmanager
async def serving_robot() -> AsyncIterator[Robot]:
    robot = Robot()
    server = await asyncio.start_server(robot.serve, "127.0.0.1", 0)
    robot.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        yield robot
    finally:
        server.close()
