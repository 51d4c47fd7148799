"""The gateway: its connections, and the delivery of messages to them."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass

from litestar.handlers import HTTPRouteHandler, WebsocketRouteHandler

from dingtalk_simulator.gateway.connection import (
    ABNORMAL,
    GOING_AWAY,
    INTERNAL_ERROR,
    Acknowledgement,
    Connection,
    callback,
    malformed_frames,
)
from dingtalk_simulator.gateway.options import (
    GatewayTimings,
    Logged,
    LoggedConnection,
    StreamFaults,
    ignore_log,
)
from dingtalk_simulator.gateway.routes import Tickets, connect_route, open_route
from dingtalk_simulator.wire import Socket

BAD_TICKET = 4401
REFUSED = 403
"""The HTTP status of a websocket that is closed before it is accepted."""
SWITCHING_PROTOCOLS = 101


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """The result of a delivery. Without an acknowledgement the message is lost."""

    acknowledgement: Acknowledgement | None
    attempts: int


class Gateway:
    """DingTalk's stream mode for any number of apps.

    `accepts(client_id, client_secret)` checks credentials, `switches()` returns the active failures,
    `timings()` the current timings, and `log` is called with everything that goes over the wire. Robots
    connect to `origin` if it is set, otherwise to the address where they get their ticket.
    """

    def __init__(  # noqa: PLR0913 - what a gateway cannot know itself
        self,
        *,
        accepts: Callable[[str, str], bool],
        switches: Callable[[], StreamFaults] = StreamFaults,
        log: Callable[[Logged], None] = ignore_log,
        timings: Callable[[], GatewayTimings] = GatewayTimings,
        choose: Callable[[Sequence[Connection]], Connection] = random.choice,
        origin: str = "",
    ) -> None:
        self._accepts = accepts
        self._switches = switches
        self._log = log
        self._timings = timings
        self._choose = choose
        self._origin = origin
        self._tickets = Tickets(timings=self._timings)
        self._connections: dict[str, Connection] = {}
        self._connected = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def route_handlers(self) -> list[HTTPRouteHandler | WebsocketRouteHandler]:
        """`POST /v1.0/gateway/connections/open` and the websocket at `/connect`."""
        opening = open_route(
            *(self._accepts, self._tickets),
            switches=self._switches,
            timings=self._timings,
            log=self._log,
            origin=self._origin,
        )
        return [opening, connect_route(self.serve)]

    def connections(self, client_id: str) -> tuple[str, ...]:
        """The ids of the connections that receive this app's messages."""
        return tuple(one.id for one in self._connections_of(client_id) if not one.is_leaving)

    def open_connections(self, client_id: str) -> int:
        """The number of open websockets of this app, including those that are about to close."""
        return len(self._connections_of(client_id))

    async def deliver(
        self, client_id: str, topic: str, data: Mapping[str, object], *, about: str = ""
    ) -> DeliveryResult:
        """Send a message until it is acknowledged, each time to a random connection.

        Each attempt has a new frame id; the message is identified in its data.
        """
        attempts = self._timings().attempts
        for attempt in range(1, attempts + 1):
            found = await self._attempt(client_id, topic, data, about)
            if found is not None:
                return DeliveryResult(acknowledgement=found, attempts=attempt)
        return DeliveryResult(acknowledgement=None, attempts=attempts)

    def rotate(self, client_id: str) -> int:
        """Announce the disconnect of this app's connections; returns their number."""
        leaving = [one for one in self._connections_of(client_id) if not one.is_leaving]
        for connection in leaving:
            connection.is_leaving = True
            self._start(connection.rotate(silence=self._timings().close_after))
        return len(leaving)

    def drop(self, client_id: str) -> int:
        """Cut this app's connections without a close frame; returns their number."""
        lines = self._connections_of(client_id)
        for connection in lines:
            connection.cut()
        return len(lines)

    async def close(self) -> None:
        """Close every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(one.close(GOING_AWAY) for one in tuple(self._connections.values())))

    async def serve(self, socket: Socket, ticket: str) -> None:
        """Serve one websocket from its ticket to its close."""
        grant = self._tickets.redeem(ticket)
        if grant is None or self._switches().refuses_tickets:
            await socket.close(BAD_TICKET)
            self._log(LoggedConnection(client_id="", connection_id="", status=REFUSED))
            return
        await socket.accept()
        connection = Connection(socket, grant, switches=self._switches, log=self._log)
        self._note(connection)
        if self._switches().closes_at_once:
            await socket.close(INTERNAL_ERROR)
            self._note(connection, code=INTERNAL_ERROR)
            return
        await self._serve(connection)

    async def _serve(self, connection: Connection) -> None:
        self._connections[connection.id] = connection
        pinging = self._start(connection.keep_alive(self._timings))
        code = None
        try:
            async with self._connected:
                self._connected.notify_all()
            code = await connection.read()
        finally:
            del self._connections[connection.id]
            pinging.cancel()
            self._note(connection, code=ABNORMAL if connection.is_cut else code or GOING_AWAY)

    def _note(self, connection: Connection, *, code: int | None = None) -> None:
        about = {"client_id": connection.client_id, "connection_id": connection.id}
        self._log(LoggedConnection(**about, status=SWITCHING_PROTOCOLS, code=code))

    async def _attempt(
        self, client_id: str, topic: str, data: Mapping[str, object], about: str
    ) -> Acknowledgement | None:
        switches, patience = self._switches(), self._timings().redeliver_after
        await asyncio.sleep(switches.latency.total_seconds())
        connection = await self._connection_for(client_id, topic)
        if connection is None:
            return None
        if switches.garbles:
            for text in malformed_frames():
                await connection.send(text)
        frame = callback(topic, data, client_id=client_id, connection_id=connection.id)
        times = 2 if switches.sends_twice else 1
        return await connection.ask(frame, patience=patience, times=times, about=about)

    async def _connection_for(self, client_id: str, topic: str) -> Connection | None:
        """Wait for a connection that subscribes to the topic; None after a timeout."""
        if self._switches().loses_offline:
            return self._chosen(client_id, topic)
        try:
            async with asyncio.timeout(self._timings().redeliver_after.total_seconds()):
                async with self._connected:
                    await self._connected.wait_for(lambda: self._open_for(client_id, topic))
        except TimeoutError:
            return None
        return self._chosen(client_id, topic)

    def _chosen(self, client_id: str, topic: str) -> Connection | None:
        lines = self._open_for(client_id, topic)
        return self._choose(lines) if lines else None

    def _open_for(self, client_id: str, topic: str) -> list[Connection]:
        return [
            one
            for one in self._connections_of(client_id)
            if not one.is_leaving and topic in one.topics
        ]

    def _connections_of(self, client_id: str) -> list[Connection]:
        return [one for one in self._connections.values() if one.client_id == client_id]

    def _start(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
