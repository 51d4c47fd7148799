"""The web server over a fake doorstep, on a real socket of this machine."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from adapters.dingtalk.inbound.robots import Robot, Robots
from adapters.dingtalk.inbound.signature import milliseconds, sign
from application.errors import StorageFailed
from application.inbox.receive_message import ReceiveMessage
from application.ports import Backlog
from domain.message import RobotId
from entrypoints.readiness import Readiness
from entrypoints.secret import Secret
from entrypoints.web.app import web_app
from entrypoints.web.connections import MOST_CONNECTIONS, TIMEOUTS, Timeouts
from entrypoints.web.door import DEADLINES, Deadlines, Gate, dingtalk_door
from entrypoints.web.health import health_routes
from entrypoints.web.metrics import OperatorAccess
from entrypoints.web.server import listening_socket, web_server
from tests.fakes.clock import ManualClock
from tests.fakes.doorstep import InMemoryDoorstep
from tests.fakes.inbox import PreparedInbox
from tests.strategies import NOON
from tests.unit.adapters.dingtalk.inbound.payloads import GROUP_TEXT

SECRET = "first-secret-of-a-robot"
ROBOT = Robot(id=RobotId("dingfirst"), secret=SECRET)
SECOND = Robot(id=RobotId("dingsecond"), secret="second-secret-of-a-robot")
NOTHING_TO_SAY = b'{"msgtype":"empty"}'
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Spares each client the reading of certificates that nobody shows."""

BODY = json.dumps(GROUP_TEXT).encode()


def callback(msg_id: str = "msg1", **changes: object) -> bytes:
    return json.dumps({**GROUP_TEXT, "msgId": msg_id, **changes}).encode()


def signed(secret: str = SECRET, *, age: timedelta = timedelta()) -> dict[str, str]:
    """The headers of a callback that DingTalk sent so long ago."""
    stamp = str(milliseconds(NOON - age))
    return {
        "content-type": "application/json; charset=utf-8",
        "timestamp": stamp,
        "sign": sign(stamp, secret),
    }


@dataclass
class FakeInbox(PreparedInbox):
    """Counts its work, fails or says nothing."""

    fails: bool = False
    hangs: bool = False

    async def backlog(self) -> Backlog:
        if self.fails:
            raise StorageFailed("postgresql://user:password@host is away")
        if self.hangs:
            await asyncio.Event().wait()
        return await super().backlog()


@dataclass(kw_only=True)
class House:
    """Everything behind the socket, to be set and looked at by a test."""

    robots: Robots = field(default_factory=lambda: Robots(robots=(ROBOT, SECOND)))
    allow_unsigned: bool = False
    deadlines: Deadlines = DEADLINES
    timeouts: Timeouts = TIMEOUTS
    most_connections: int = MOST_CONNECTIONS
    problems: tuple[str, ...] = ()
    metrics_token: Secret | None = None
    doorstep: InMemoryDoorstep = field(default_factory=InMemoryDoorstep)
    inbox: FakeInbox = field(default_factory=FakeInbox)
    clock: ManualClock = field(default_factory=ManualClock)
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    more: Sequence[HTTPRouteHandler] = ()

    def __post_init__(self) -> None:
        self.readiness = Readiness(
            inbox=self.inbox,
            configuration_problems=lambda: self.problems,
            provider_problems=lambda: (),
        )

    def app(self) -> Litestar:
        gate = Gate(
            robots=lambda: self.robots,
            allow_unsigned=lambda: self.allow_unsigned,
            clock=self.clock,
        )
        receive = ReceiveMessage(doorstep=self.doorstep, bell=self.bell)
        door = dingtalk_door(gate, receive, deadlines=self.deadlines)
        access = OperatorAccess(token=self.metrics_token)
        return web_app(door, [*health_routes(self.readiness, access), *self.more])

    @property
    def ids(self) -> list[str]:
        """The ids of the messages that are stored."""
        return [message.id for message in self.doorstep.messages]


@dataclass(kw_only=True)
class Address:
    host: str
    port: int

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        url = f"http://{self.host}:{self.port}"
        async with httpx.AsyncClient(base_url=url, trust_env=False, verify=NO_TLS) as client:
            yield client

    @asynccontextmanager
    async def line(self) -> AsyncIterator["Line"]:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            yield Line(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


@dataclass
class Line:
    """One connection, byte by byte."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next response: status, headers, body."""
        async with asyncio.timeout(10):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return int(head[0].split()[1]), headers, body

    async def status(self) -> int:
        return (await self.answer())[0]

    async def status_while_sending(self, piece: bytes, *, pause: float) -> int:
        """The status of the response that comes while the client sends piece after piece, for 10 s."""
        status = asyncio.create_task(self.status())
        for _ in range(round(10 / pause)):
            if status.done():
                break
            await self.send(piece)
            await asyncio.sleep(pause)
        return await status

    async def closed(self, within: float = 10) -> bool:
        """Whether the server closes the connection in that time, having said nothing more."""
        try:
            async with asyncio.timeout(within):
                return await self.reader.read(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False


@asynccontextmanager
async def serving(house: House, *, host: str = "127.0.0.1") -> AsyncIterator[Address]:
    with listening_socket(host, 0) as listening:
        server = web_server(
            house.app(), most_connections=house.most_connections, timeouts=house.timeouts
        )
        running = asyncio.create_task(server.serve(sockets=[listening]))
        port = listening.getsockname()[1]
        try:
            yield Address(host=host, port=port)
        finally:
            # Quicker than `stop`, which has a test of its own.
            running.cancel()
            for one in server.servers:
                one.close()
            for connection in server.server_state.connections:
                connection.shutdown()
            await asyncio.gather(running, return_exceptions=True)


def request_bytes(
    body: bytes = BODY,
    *,
    headers: dict[str, str] | None = None,
    first: str = "POST / HTTP/1.1",
    length: bool = True,
) -> bytes:
    """A request as it goes over the line; signed unless told otherwise."""
    named = {"host": "x", **(signed() if headers is None else headers)}
    if length:
        named["content-length"] = str(len(body))
    lines = [first, *(f"{name}: {value}" for name, value in named.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body
