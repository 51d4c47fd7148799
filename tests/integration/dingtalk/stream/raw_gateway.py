"""A gateway that does on the wire whatever a test wants, beside what DingTalk would."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.fakes.dingtalk_server import DingTalkServer, answer

OPEN = "/v1.0/gateway/connections/open"

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
    async with DingTalkServer() as http:
        gateway = RawGateway(url=http.url)

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
            scheme = "wss" if tls else "ws"
            endpoint = f"{scheme}://127.0.0.1:{port}/connect"
            tickets = ({"endpoint": endpoint, "ticket": f"t{number}"} for number in range(1000))
            http.will(OPEN, *(answer(200, ticket) for ticket in tickets))
            yield gateway
