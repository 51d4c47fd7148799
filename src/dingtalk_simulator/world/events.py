"""What happens, told at once to everybody who listens."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta

import msgspec

MOST_UNREAD = 1000
"""Events a listener may lag behind before it is let go."""


class Event(msgspec.Struct, frozen=True):
    """A numbered event; its data is JSON already, as it was at that moment."""

    id: int
    kind: str
    data: bytes


class EventFeed:
    """The last events, and all that follow."""

    def __init__(self, most: int) -> None:
        self._kept: deque[Event] = deque(maxlen=most)
        self._listeners: set[asyncio.Queue[Event]] = set()
        self.cursor = 0

    def tell(self, kind: str, thing: object) -> None:
        self.cursor += 1
        event = Event(self.cursor, kind, msgspec.json.encode(thing))
        self._kept.append(event)
        for listener in list(self._listeners):
            if listener.full():
                self._listeners.discard(listener)
            else:
                listener.put_nowait(event)

    def after(self, cursor: int) -> list[Event]:
        """Those behind that event, as far as they are kept."""
        return [event for event in self._kept if event.id > cursor]

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    @contextmanager
    def listening(self) -> Iterator["Listener"]:
        """Everything from now on."""
        queue: asyncio.Queue[Event] = asyncio.Queue(MOST_UNREAD)
        self._listeners.add(queue)
        try:
            yield Listener(self, queue)
        finally:
            self._listeners.discard(queue)

    def is_heard_by(self, queue: asyncio.Queue[Event]) -> bool:
        return queue in self._listeners


class Listener:
    """One who listens, until too far behind."""

    def __init__(self, feed: EventFeed, queue: asyncio.Queue[Event]) -> None:
        self._feed = feed
        self._queue = queue

    async def events(self, *, silence: timedelta) -> AsyncIterator[Event | None]:
        """Each event as it comes, and None whenever there was none for so long."""
        while self._feed.is_heard_by(self._queue) or not self._queue.empty():
            try:
                async with asyncio.timeout(silence.total_seconds()):
                    event = await self._queue.get()
            except TimeoutError:
                yield None
            else:
                yield event
