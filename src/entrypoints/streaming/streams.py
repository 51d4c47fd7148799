"""A connection for every robot of the configuration in force."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from adapters.dingtalk.outbound.access_tokens import Credentials
from adapters.dingtalk.stream.connection import Outside, Standing, StreamConnection
from adapters.dingtalk.stream.gateway import StreamGateway
from adapters.dingtalk.stream.link import Handler
from adapters.dingtalk.stream.timings import TIMINGS, Timings
from application.ports import Clock
from domain.message import RobotId

LOOK_AGAIN = timedelta(seconds=1)
"""How soon a reload of the configuration is noticed."""

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
    look_again: timedelta = LOOK_AGAIN
    _running: dict[str, _Running] = field(default_factory=dict, init=False)
    _ending: set["asyncio.Task[None]"] = field(default_factory=set, init=False)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def run(self) -> None:
        """Until `stop`, or until it is cancelled; either way everything is closed in order."""
        try:
            while not self._stopping.is_set():
                self._adjust()
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
        return self.warnings() or ("no robot of `credentials` can be connected to DingTalk",)

    def warnings(self) -> tuple[str, ...]:
        """Which robots are not connected, and why; names client ids and no secrets."""
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

    def _begin(self, credentials: Credentials) -> None:
        robot = RobotId(credentials.client_id)
        handlers = {topic: handler_of(robot) for topic, handler_of in self.topics.items()}
        connection = StreamConnection(credentials, handlers, self.outside)
        task = asyncio.create_task(connection.run())
        self._running[credentials.client_id] = _Running(connection, task)

    def _end(self, client_id: str) -> None:
        task = self._running.pop(client_id).task
        task.cancel()
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
