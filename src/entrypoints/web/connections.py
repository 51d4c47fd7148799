"""The connections of all clients: how many there may be, and how long one may refuse to read."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeAlias

from application.rate_limited_logger import RateLimitedLogger

LEAST_TAKEN = 32 * 1024
"""Bytes of what is ready for it that a client has to take in time, if not all."""

LOOKS_IN_DEADLINE = 6
"""How often in that time it is looked what clients took."""


MOST_CONNECTIONS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long a client may take.

    `head`: from the beginning of a connection or a request to the end of the request's headers. As long again
    may be spent on what is left of a request that has its answer already.
    `keep_alive`: between two requests, rounded to seconds; longer than a proxy in front keeps connections, so
    that the proxy is the one to close them.
    `write`: to take some of the answer.
    """

    head: timedelta = timedelta(seconds=15)
    keep_alive: timedelta = timedelta(seconds=75)
    write: timedelta = timedelta(seconds=30)


TIMEOUTS = Timeouts()


CallLater: TypeAlias = Callable[[float, Callable[[], None]], object]


def call_later(seconds: float, call: Callable[[], None]) -> object:
    return asyncio.get_running_loop().call_later(seconds, call)


class ClientConnection(Protocol):
    """What can be closed at once, and has so many bytes that its client has not taken."""

    @property
    def unsent(self) -> int: ...

    def abort(self) -> None: ...


class SlowReaders:
    """Tells who takes too little of what is ready for them; looks now and then."""

    def __init__(self, deadline: timedelta) -> None:
        self._deadline = deadline.total_seconds()
        self._untaken: dict[ClientConnection, tuple[int, float]] = {}

    def forget(self, connection: ClientConnection) -> None:
        self._untaken.pop(connection, None)

    def is_slow(self, connection: ClientConnection, now: float) -> bool:
        """Whether it has had something to take all the time, and took next to nothing."""
        unsent = connection.unsent
        if not unsent:
            self.forget(connection)
            return False
        before, since = self._untaken.get(connection, (unsent, now))
        if unsent <= before - LEAST_TAKEN:
            before, since = unsent, now
        self._untaken[connection] = (max(before, unsent), since)
        return now - since >= self._deadline


class ClientConnections:
    """Keeps the connections of one server below a number.

    A new one beyond it takes the place of the one whose request has been awaited for the longest time.
    Only where every other has a request that is being answered, the new one itself is closed.
    """

    def __init__(
        self,
        most: int,
        *,
        logger: RateLimitedLogger,
        timeouts: Timeouts = TIMEOUTS,
        call_later: CallLater = call_later,
    ) -> None:
        self.logger = logger
        self.timeouts = timeouts
        self._most = most
        self._call_later = call_later
        self._readers = SlowReaders(timeouts.write)
        self._open: set[ClientConnection] = set()
        self._waiting: dict[ClientConnection, None] = {}
        self._is_watching = False

    def opened(self, connection: ClientConnection) -> None:
        self._open.add(connection)
        self._waiting[connection] = None
        if len(self._open) > self._most:
            self._close_one()
        if not self._is_watching:
            self._watch()

    def closed(self, connection: ClientConnection) -> None:
        self._open.discard(connection)
        self._waiting.pop(connection, None)
        self._readers.forget(connection)

    def has_request(self, connection: ClientConnection) -> None:
        """A request has come with all of its body: until its answer is given the connection keeps its place.

        A head alone keeps none: who sends the body slowly, or never, would keep everybody else out.
        """
        self._waiting.pop(connection, None)

    def waits_for_request(self, connection: ClientConnection) -> None:
        if connection in self._open:
            self._waiting.pop(connection, None)
            self._waiting[connection] = None

    def took_bytes(self, connection: ClientConnection) -> None:
        """The client reads: what it has not taken yet counts anew."""
        self._readers.forget(connection)

    def _close_one(self) -> None:
        victim = next(iter(self._waiting))
        self.logger.warning(
            "connections_full",
            limit=self._most,
            waiting=len(self._waiting),
            remedy="raise the limit of open files (ulimit -n, LimitNOFILE=)",
        )
        self._waiting.pop(victim)
        victim.abort()

    def _watch(self) -> None:
        """As long as there are connections."""
        self._is_watching = bool(self._open)
        if self._is_watching:
            pause = self.timeouts.write.total_seconds() / LOOKS_IN_DEADLINE
            self._call_later(pause, self._cut_slow_readers)

    def _cut_slow_readers(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in tuple(self._open):
            if self._readers.is_slow(connection, now):
                self.logger.warning("client_does_not_read", unsent=connection.unsent)
                connection.abort()
        self._watch()
