"""The gateway itself: who is connected, and which connection gets a message."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass

from litestar.handlers import HTTPRouteHandler, WebsocketRouteHandler

from dingtalk_simulator.gateway.connection import (
    ABNORMAL,
    BROKEN,
    GOING_AWAY,
    Acknowledgement,
    Line,
    callback,
    garbage,
)
from dingtalk_simulator.gateway.options import Customs, Logged, LoggedLine, Switches, unlogged
from dingtalk_simulator.gateway.routes import Tickets, connect_route, open_route
from dingtalk_simulator.wire import Socket

BAD_TICKET = 4401
REFUSED = 403
"""How a websocket that is closed before it was accepted is answered over HTTP."""
SWITCHED = 101


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of a message. Without an acknowledgement it is lost."""

    acknowledgement: Acknowledgement | None
    attempts: int


class Gateway:
    """DingTalk's stream mode for any number of apps.

    `accepts(client_id, client_secret)` says whether credentials are right, `switches()` which failures are in
    force now, `customs()` which times, and `log` is called with everything that goes over the wire. Robots
    connect at `origin`, if that is not the address by which they ask for a ticket.
    """

    def __init__(  # noqa: PLR0913 - what a gateway cannot know itself
        self,
        *,
        accepts: Callable[[str, str], bool],
        switches: Callable[[], Switches] = Switches,
        log: Callable[[Logged], None] = unlogged,
        customs: Callable[[], Customs] = Customs,
        choose: Callable[[Sequence[Line]], Line] = random.choice,
        origin: str = "",
    ) -> None:
        self._accepts = accepts
        self._switches = switches
        self._log = log
        self._customs = customs
        self._choose = choose
        self._origin = origin
        self._tickets = Tickets(customs=self._customs)
        self._lines: dict[str, Line] = {}
        self._arrived = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def route_handlers(self) -> list[HTTPRouteHandler | WebsocketRouteHandler]:
        """`POST /v1.0/gateway/connections/open` and the websocket at `/connect`."""
        opening = open_route(
            *(self._accepts, self._tickets),
            switches=self._switches,
            customs=self._customs,
            log=self._log,
            origin=self._origin,
        )
        return [opening, connect_route(self.serve)]

    def connections(self, client_id: str) -> tuple[str, ...]:
        """The ids of the connections that get this app's messages."""
        return tuple(one.id for one in self._lines_of(client_id) if not one.is_leaving)

    def open_lines(self, client_id: str) -> int:
        """How many websockets of this app are open, with those that are about to end."""
        return len(self._lines_of(client_id))

    async def deliver(
        self, client_id: str, topic: str, data: Mapping[str, object], *, about: str = ""
    ) -> Delivery:
        """Send a message until it is acknowledged, each time to one connection by chance.

        The frame's id is a new one with each attempt, what identifies a message is in its data.
        """
        attempts = self._customs().attempts
        for attempt in range(1, attempts + 1):
            found = await self._attempt(client_id, topic, data, about)
            if found is not None:
                return Delivery(acknowledgement=found, attempts=attempt)
        return Delivery(acknowledgement=None, attempts=attempts)

    def rotate(self, client_id: str) -> int:
        """Announce the end of this app's connections; returns how many there are."""
        leaving = [one for one in self._lines_of(client_id) if not one.is_leaving]
        for line in leaving:
            line.is_leaving = True
            self._begin(line.rotate(silence=self._customs().close_after))
        return len(leaving)

    def drop(self, client_id: str) -> int:
        """Cut this app's connections, without a close frame; returns how many there were."""
        lines = self._lines_of(client_id)
        for line in lines:
            line.cut()
        return len(lines)

    async def close(self) -> None:
        """End every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(one.close(GOING_AWAY) for one in tuple(self._lines.values())))

    async def serve(self, socket: Socket, ticket: str) -> None:
        """One websocket from its ticket to its end."""
        grant = self._tickets.redeem(ticket)
        if grant is None or self._switches().refuses_tickets:
            await socket.close(BAD_TICKET)
            self._log(LoggedLine(client_id="", connection_id="", status=REFUSED))
            return
        await socket.accept()
        line = Line(socket, grant, switches=self._switches, log=self._log)
        self._note(line)
        if self._switches().closes_at_once:
            await socket.close(BROKEN)
            self._note(line, code=BROKEN)
            return
        await self._serve(line)

    async def _serve(self, line: Line) -> None:
        self._lines[line.id] = line
        pinging = self._begin(line.keep_alive(self._customs))
        code = None
        try:
            async with self._arrived:
                self._arrived.notify_all()
            code = await line.read()
        finally:
            del self._lines[line.id]
            pinging.cancel()
            self._note(line, code=ABNORMAL if line.is_cut else code or GOING_AWAY)

    def _note(self, line: Line, *, code: int | None = None) -> None:
        about = {"client_id": line.client_id, "connection_id": line.id}
        self._log(LoggedLine(**about, status=SWITCHED, code=code))

    async def _attempt(
        self, client_id: str, topic: str, data: Mapping[str, object], about: str
    ) -> Acknowledgement | None:
        switches, patience = self._switches(), self._customs().redeliver_after
        await asyncio.sleep(switches.latency.total_seconds())
        line = await self._line_for(client_id, topic)
        if line is None:
            return None
        if switches.garbles:
            for text in garbage():
                await line.say(text)
        frame = callback(topic, data, client_id=client_id, connection_id=line.id)
        times = 2 if switches.sends_twice else 1
        return await line.ask(frame, patience=patience, times=times, about=about)

    async def _line_for(self, client_id: str, topic: str) -> Line | None:
        """One that takes this topic, perhaps after a while; None if there is none in time."""
        if self._switches().loses_offline:
            return self._chosen(client_id, topic)
        try:
            async with asyncio.timeout(self._customs().redeliver_after.total_seconds()):
                async with self._arrived:
                    await self._arrived.wait_for(lambda: self._open_for(client_id, topic))
        except TimeoutError:
            return None
        return self._chosen(client_id, topic)

    def _chosen(self, client_id: str, topic: str) -> Line | None:
        lines = self._open_for(client_id, topic)
        return self._choose(lines) if lines else None

    def _open_for(self, client_id: str, topic: str) -> list[Line]:
        return [
            one for one in self._lines_of(client_id) if not one.is_leaving and topic in one.topics
        ]

    def _lines_of(self, client_id: str) -> list[Line]:
        return [one for one in self._lines.values() if one.client_id == client_id]

    def _begin(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
