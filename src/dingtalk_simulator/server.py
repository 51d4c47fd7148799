"""Serves a simulator on a port."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import httpx
import uvicorn

from dingtalk_simulator.app import Extras, simulator_app
from dingtalk_simulator.faults import TransportHttpProtocol, TransportWebSocketProtocol
from dingtalk_simulator.gateway.recorded import RecordedGateway
from dingtalk_simulator.simulator import Simulator, SimulatorSettings

SHUTDOWN_TIMEOUT = 1
"""Seconds for requests under way when the simulator stops."""

MAX_KEEPALIVE = 20

BACKLOG = 2048


class WebServer(uvicorn.Server):
    """Leaves the signals of the process to its caller."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        """Take no more connections, finish the requests under way, and return from `serve`."""
        self.should_exit = True


def listening_socket(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError if the address is taken or does not belong to this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    # Without it the second part of an answer waits 40 ms for the client to acknowledge the first.
    # Connections inherit it.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


@asynccontextmanager
async def running_simulator(
    settings: SimulatorSettings | None = None,
    *,
    extras: Sequence[Extras] = (),
    listening: socket.socket | None = None,
) -> AsyncIterator[Simulator]:
    """Serve a simulator while the context is entered. `extras` make additional routes.

    Raises:
        OSError: the address is taken or does not belong to this machine.
    """
    settings = settings or SimulatorSettings()
    with listening or listening_socket(settings.host, settings.port) as bound:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=MAX_KEEPALIVE)
        async with httpx.AsyncClient(trust_env=False, limits=limits, timeout=None) as client:  # noqa: S113 - each call has its own limit
            simulator = Simulator(settings, client, origin=origin_of(bound))
            simulator.connect(RecordedGateway(simulator.state, origin=settings.origin))
            server = _server(simulator, extras)
            serving = asyncio.create_task(server.serve(sockets=[bound]))
            try:
                while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn provides nothing but this flag
                    await asyncio.sleep(0.005)
                yield simulator
            finally:
                await simulator.close()
                server.stop()
                await serving


def origin_of(bound: socket.socket) -> str:
    """The URL of a listening socket on this machine."""
    host, port = bound.getsockname()[:2]
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - nothing listens here
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def _server(simulator: Simulator, extras: Sequence[Extras]) -> WebServer:
    return WebServer(
        uvicorn.Config(
            simulator_app(simulator, extras),
            http=TransportHttpProtocol,
            ws=TransportWebSocketProtocol,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
        )
    )
