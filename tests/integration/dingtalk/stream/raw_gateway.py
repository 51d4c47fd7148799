"""A gateway that does on the wire whatever a test wants, beside what DingTalk would.

The simulator's tickets lead to the simulator, which keeps to the rules of websockets; these lead to the test.
"""

import asyncio
import itertools
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

Talk = Callable[[ServerConnection], Awaitable[None]]
Refuse = Callable[[ServerConnection, Request], Response | None]


@dataclass(kw_only=True)
class RawGateway:
    url: str
    handshakes: list[str] = field(default_factory=list)
    """The paths that were asked for."""
    heard: list[str | bytes] = field(default_factory=list)


def willing(_connection: ServerConnection, _request: Request) -> Response | None:
    return None


@asynccontextmanager
async def raw_gateway(
    talk: Talk, *, refuse: Refuse = willing, tls: ssl.SSLContext | None = None
) -> AsyncIterator[RawGateway]:
    """Tickets as DingTalk gives them; then `talk` has the websocket, and what comes back is noted."""
    gateway = RawGateway(url="")

    async def hold(connection: ServerConnection) -> None:
        await talk(connection)
        try:
            while True:
                gateway.heard.append(await connection.recv())
        except ConnectionClosed:
            return

    def noted(connection: ServerConnection, request: Request) -> Response | None:
        gateway.handshakes.append(request.path)
        return refuse(connection, request)

    async with serve(hold, "127.0.0.1", 0, process_request=noted, ssl=tls) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        endpoint = f"{'wss' if tls else 'ws'}://127.0.0.1:{port}/connect"
        async with await asyncio.start_server(_tickets(endpoint), "127.0.0.1", 0) as office:
            gateway.url = f"http://127.0.0.1:{office.sockets[0].getsockname()[1]}"
            yield gateway


def _tickets(
    endpoint: str,
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Whatever is asked, the answer is one ticket more."""
    numbers = itertools.count()

    async def give(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        ticket = json.dumps({"endpoint": endpoint, "ticket": f"t{next(numbers)}"}).encode()
        kind = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
        writer.write(kind + b"content-length: %d\r\n\r\n%s" % (len(ticket), ticket))
        writer.close()

    return give
