"""The gateway alone, on a socket of this machine."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import uvicorn
from litestar import Litestar

from dingtalk_simulator.faults import TransportWebSocketProtocol
from dingtalk_simulator.gateway.gateway import Gateway
from dingtalk_simulator.gateway.options import GatewayTimings, Logged, LoggedFrame, StreamFaults
from dingtalk_simulator.server import WebServer, listening_socket

CLIENT_ID = "dingfirst"
SECRET = "first-secret-of-a-robot"
SECOND_ID = "dingsecond"

FAST_TIMINGS = GatewayTimings(
    redeliver_after=timedelta(seconds=1),
    ping_every=timedelta(seconds=0.1),
    ping_patience=timedelta(seconds=1),
    close_after=timedelta(seconds=0.3),
    hanging=timedelta(seconds=3),
)
FAST_REDELIVERY = replace(FAST_TIMINGS, redeliver_after=timedelta(seconds=0.2))
"""For messages that are not acknowledged at first."""


@dataclass(kw_only=True)
class SimulatedGateway:
    """A gateway with its settings and its log."""

    timings: GatewayTimings = FAST_TIMINGS
    secrets: dict[str, str] = field(default_factory=lambda: {CLIENT_ID: SECRET, SECOND_ID: SECRET})
    switches: StreamFaults = field(default_factory=StreamFaults)
    frames: list[LoggedFrame] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self.gateway = Gateway(
            accepts=lambda client_id, secret: self.secrets.get(client_id) == secret,
            switches=lambda: self.switches,
            log=self._received,
            timings=lambda: self.timings,
        )

    def _received(self, logged: Logged) -> None:
        if isinstance(logged, LoggedFrame):
            self.frames.append(logged)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self, client_id: str = CLIENT_ID) -> list[str]:
        """What the robot of that id has sent."""
        return [one.text for one in self.frames if one.client_id == client_id and not one.sent]

    async def connected(self, count: int = 1, client_id: str = CLIENT_ID) -> None:
        """Wait until so many connections get messages."""
        await until(lambda: len(self.gateway.connections(client_id)) == count)


async def until(claim: Callable[[], bool], *, within: float = 5) -> None:
    """Wait until a claim is true."""
    async with asyncio.timeout(within):
        while not claim():  # noqa: ASYNC110 - what is waited for lives on the other side of a socket
            await asyncio.sleep(0.005)


@asynccontextmanager
async def serving(played: SimulatedGateway) -> AsyncIterator[SimulatedGateway]:
    app = Litestar(
        route_handlers=played.gateway.route_handlers(), openapi_config=None, logging_config=None
    )
    config = uvicorn.Config(
        app, ws=TransportWebSocketProtocol, lifespan="off", log_config=None, access_log=False
    )
    with listening_socket("127.0.0.1", played.port) as listening:
        server = WebServer(config)
        played.port = listening.getsockname()[1]
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield played
        finally:
            await played.gateway.close()
            # Quicker than `stop`, which waits for its next tick.
            running.cancel()
            for one in server.servers:
                one.close()
            for connection in server.server_state.connections:
                connection.shutdown()
            await asyncio.gather(running, return_exceptions=True)
