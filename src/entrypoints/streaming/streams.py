"""A connection for every robot of the configuration in force."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from adapters.dingtalk.outbound.access_tokens import Credentials
from adapters.dingtalk.stream.connection import Outside, Standing, StreamConnection
from adapters.dingtalk.stream.gateway import StreamGateway
from adapters.dingtalk.stream.link import Handler
from adapters.dingtalk.stream.nameplates import Alone, Neighbours
from adapters.dingtalk.stream.timings import TIMINGS, Timings
from application.ports import Clock
from domain.message import RobotId

logger = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(seconds=1)
"""How soon a reload of the configuration is noticed."""

LOOK_AROUND = timedelta(seconds=5)
"""How soon another process of this machine is noticed."""

HandlerOf = Callable[[RobotId], Handler]


def reached_through(
    client: httpx.AsyncClient, api_url: httpx.URL, clock: Clock, *, timings: Timings = TIMINGS
) -> Outside:
    """What connections need, with the same certificates that DingTalk's other calls trust."""
    return Outside(
        gateway=StreamGateway(client, api_url, timings=timings),
        certificates=httpx.create_ssl_context(trust_env=False),
        clock=clock,
        timings=timings,
    )


@dataclass(frozen=True, slots=True)
class _Running:
    connection: StreamConnection
    task: "asyncio.Task[None]"


@dataclass(slots=True, kw_only=True)
class Streams:
    """Opens and closes connections as credentials come and go.

    A changed secret is tried before the connection of the old one ends.
    """

    credentials: Callable[[], Sequence[Credentials]]
    topics: Mapping[str, HandlerOf]
    outside: Outside
    neighbours: Neighbours = field(default_factory=Alone)
    look_again: timedelta = LOOK_AGAIN
    look_around: timedelta = LOOK_AROUND
    _running: dict[str, _Running] = field(default_factory=dict, init=False)
    _ending: set["asyncio.Task[None]"] = field(default_factory=set, init=False)
    _strangers: dict[str, tuple[int, ...]] = field(default_factory=dict, init=False)
    _looked_at: float = field(default=float("-inf"), init=False)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def run(self) -> None:
        """Until `stop`, or until it is cancelled; either way everything is closed in order."""
        try:
            while not self._stopping.is_set():
                self._adjust()
                self._look_around()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.look_again.total_seconds()):
                        await self._stopping.wait()
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Read no more, finish what is being stored, close; takes a few seconds at most."""
        self._stopping.set()
        for client_id in tuple(self._running):
            self._end(client_id)
        await asyncio.gather(*self._ending, return_exceptions=True)

    def standings(self) -> tuple[Standing, ...]:
        """How each robot is connected, in the order they came."""
        return tuple(one.connection.standing for one in self._running.values())

    def reasons(self) -> tuple[str, ...]:
        """Why no message can come in, a sentence each; empty as long as one robot is connected."""
        found = self.standings()
        if any(one.connected_since for one in found):
            return ()
        return self._unconnected() or ("no robot of `credentials` can be connected to DingTalk",)

    def warnings(self) -> tuple[str, ...]:
        """Which robots are not connected, and why, and which others are as well; no secrets."""
        shared = (_shared(client_id, found) for client_id, found in self._strangers.items())
        return (*self._unconnected(), *shared)

    def _unconnected(self) -> tuple[str, ...]:
        return tuple(
            f"robot {one.client_id} has no good connection to DingTalk: {one.fact}"
            for one in self.standings()
            if one.connected_since is None
        )

    def _adjust(self) -> None:
        wanted = {one.client_id: one for one in self.credentials()}
        for client_id in self._running.keys() - wanted.keys():
            self._end(client_id)
        for client_id, credentials in wanted.items():
            running = self._running.get(client_id)
            if running is None or running.task.done():
                self._begin(credentials)
            elif running.connection.credentials != credentials:
                running.connection.change(credentials)

    def _look_around(self) -> None:
        """Notice who else is connected as one of these robots, and say it once for each who comes."""
        now = asyncio.get_running_loop().time()
        if now - self._looked_at < self.look_around.total_seconds():
            return
        self._looked_at, known = now, self._strangers
        found = {client_id: self.neighbours.strangers(client_id) for client_id in self._running}
        self._strangers = {client_id: others for client_id, others in found.items() if others}
        for client_id, others in self._strangers.items():
            if set(others) - set(known.get(client_id, ())):
                reason = _shared(client_id, others)
                logger.warning("stream_client_id_shared", extra={"reason": reason})

    def _begin(self, credentials: Credentials) -> None:
        robot = RobotId(credentials.client_id)
        handlers = {topic: handler_of(robot) for topic, handler_of in self.topics.items()}
        connection = StreamConnection(credentials, handlers, self.outside)
        task = asyncio.create_task(connection.run())
        self._running[credentials.client_id] = _Running(connection, task)
        self.neighbours.arrive(credentials.client_id)

    def _end(self, client_id: str) -> None:
        self.neighbours.leave(client_id)
        task = self._running.pop(client_id).task
        task.cancel()
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


def _shared(client_id: str, others: tuple[int, ...]) -> str:
    processes = ", ".join(map(str, others))
    return (
        f"robot {client_id}: another program on this machine (process {processes}) is connected with the same"
        " client id and keeps another database, so each gets only a part of the messages; stop one of them,"
        " or give both the same `database_url`"
    )
