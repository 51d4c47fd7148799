"""Records: messages, calls between DingTalk and robots, the event feed, and what is billed."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum

import msgspec

LONGEST_BODY = 32 * 1024
"""Characters of a body that the records keep."""


class Direction(StrEnum):
    FROM_ROBOT = "from_robot"
    TO_ROBOT = "to_robot"


class Delivery(StrEnum):
    PENDING = "pending"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    NOT_DELIVERED = "not_delivered"
    QUEUED = "queued"


class Call(msgspec.Struct, kw_only=True):
    """One HTTP exchange, or one frame of a stream and its acknowledgement.

    `connection` is the id of the websocket that a frame went over.
    """

    endpoint: str
    direction: Direction = Direction.FROM_ROBOT
    id: int = 0
    at: int = 0
    method: str = "POST"
    path: str = ""
    query: dict[str, str] = msgspec.field(default_factory=dict)
    request_headers: dict[str, str] = msgspec.field(default_factory=dict)
    request_body: str = ""
    request_size: int = 0
    status: int | None = None
    answer_headers: dict[str, str] = msgspec.field(default_factory=dict)
    answer_body: str = ""
    errcode: int | None = None
    code: str = ""
    latency_ms: float = 0.0
    room: str | None = None
    message: str | None = None
    robot: str | None = None
    connection: str = ""
    billed: str = "free"
    failure: str = ""
    error: str = ""

    def outline(self) -> dict[str, object]:
        """All of it but headers and bodies."""
        return {
            name: value
            for name, value in msgspec.structs.asdict(self).items()
            if not name.endswith(("_headers", "_body"))
        }

    def text(self) -> str:
        """The words that its JSON brings for people, whatever kind of message they are in."""
        return _words(_json(self.request_body))


class Author(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    media_id: str
    content_type: str
    file_name: str
    url: str


class Message(msgspec.Struct, kw_only=True):
    """What stands in a room, with the exchanges that brought it there or carried it to the robot."""

    id: str
    room: str
    by: str
    author: Author
    msgtype: str
    sequence: int = 0
    at: int = 0
    title: str = ""
    text: str = ""
    content: object = None
    mentions: list[str] = msgspec.field(default_factory=list)
    quotes: str | None = None
    media: list[Attachment] = msgspec.field(default_factory=list)
    card: str | None = None
    reactions: list[str] = msgspec.field(default_factory=list)
    via: str = "callback"
    delivery: Delivery | None = None
    session: str | None = None
    answers: str | None = None
    query_key: str | None = None
    frames: list[Call] = msgspec.field(default_factory=list)


def _json(text: str) -> dict[str, object]:
    try:
        return msgspec.json.decode(text, type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}


def _words(body: dict[str, object]) -> str:
    inner = body.get("msgParam")
    if isinstance(inner, str):
        body = _json(inner)
    kind = body.get("msgtype")
    if isinstance(kind, str) and isinstance(body.get(kind), dict):
        body = msgspec.convert(body[kind], dict[str, object])
    return str(body.get("text") or body.get("content") or "")


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


class Billed(StrEnum):
    FREE = "free"
    API = "api"
    MESSAGES = "webhook_and_stream"


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    api: int
    webhook_and_stream: int
    by_endpoint: dict[str, int]


class Billing:
    """Counts since the start, or since the last reset."""

    def __init__(self) -> None:
        self._classes: Counter[str] = Counter()
        self._endpoints: Counter[str] = Counter()

    def count(self, billed: Billed, endpoint: str) -> None:
        if billed is not Billed.FREE:
            self._classes[billed] += 1
            self._endpoints[endpoint] += 1

    def of(self, billed: Billed) -> int:
        return self._classes[billed]

    def bill(self) -> Bill:
        return Bill(
            api=self.of(Billed.API),
            webhook_and_stream=self.of(Billed.MESSAGES),
            by_endpoint=dict(self._endpoints),
        )
