"""Files that clients are sent: few at a time, and each in pieces that wait for the client to read."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from entrypoints.web.answers import UNAVAILABLE, ready

PIECE = 64 * 1024
"""Bytes that are handed to the connection at a time."""

AT_A_TIME = 8
MOST_WAITING = 64
PATIENCE = timedelta(seconds=10)
"""How long a client waits for its turn before it is asked to come again."""

RETRY_AFTER = "10"
"""Seconds."""

MakeResponse: TypeAlias = Callable[[], Awaitable[ASGIResponse]]


class InPieces(ASGIResponse):
    """A body that is in memory already, sent with flow control."""

    async def send_body(self, send: Send, receive: Receive) -> None:  # noqa: ARG002 - as the framework calls it
        whole = memoryview(self.body)
        for start in range(0, len(whole), PIECE):
            piece = bytes(whole[start : start + PIECE])
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@dataclass(slots=True, kw_only=True)
class Transfers:
    """Bounds how many files are read and sent at the same time; who finds no turn hears 503."""

    at_a_time: int = AT_A_TIME
    most_waiting: int = MOST_WAITING
    patience: timedelta = PATIENCE
    _places: asyncio.Semaphore = field(init=False)
    _waiting: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.at_a_time)

    def response(self, make: MakeResponse) -> ASGIResponse:
        """What `make` returns, made and sent while it has a place."""
        return _Placed(self, make)

    async def enter(self) -> bool:
        """Take a place, which `leave` gives back; False if none became free in time."""
        if self._places.locked() and self._waiting >= self.most_waiting:
            return False
        self._waiting += 1
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                return await self._places.acquire()
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1

    def leave(self) -> None:
        self._places.release()


class _Placed(ASGIResponse):
    """Made only when it is sent, so that its place is given back however the sending ends."""

    def __init__(self, transfers: Transfers, make: MakeResponse) -> None:
        super().__init__()
        self._transfers = transfers
        self._make = make

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not await self._transfers.enter():
            busy = ready(UNAVAILABLE, **{"retry-after": RETRY_AFTER, "cache-control": "no-store"})
            await busy(scope, receive, send)
            return
        try:
            response = await self._make()
            await response(scope, receive, send)
        finally:
            self._transfers.leave()
