"""Records: messages, calls between DingTalk and robots, the event feed, and what is billed."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum

import msgspec

MAX_BODY = 32 * 1024
"""The maximum length of a recorded body in characters."""

MAX_UNREAD = 1000
"""Unread events after which a subscription is ended."""


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
        """All fields except headers and bodies."""
        return {
            name: value
            for name, value in msgspec.structs.asdict(self).items()
            if not name.endswith(("_headers", "_body"))
        }

    def text(self) -> str:
        """The text of the message in the request body, for any kind of message."""
        return _message_text(_json(self.request_body))


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
    """A message in a chat, with the calls that posted or delivered it."""

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


def _message_text(body: dict[str, object]) -> str:
    inner = body.get("msgParam")
    if isinstance(inner, str):
        body = _json(inner)
    kind = body.get("msgtype")
    if isinstance(kind, str) and isinstance(body.get(kind), dict):
        body = msgspec.convert(body[kind], dict[str, object])
    return str(body.get("text") or body.get("content") or "")


class Event(msgspec.Struct, frozen=True):
    """A numbered event; its data is encoded when it is emitted."""

    id: int
    kind: str
    data: bytes


class EventFeed:
    """The latest events, and subscriptions to new ones."""

    def __init__(self, limit: int) -> None:
        self._kept: deque[Event] = deque(maxlen=limit)
        self._listeners: set[asyncio.Queue[Event]] = set()
        self.cursor = 0

    def emit(self, kind: str, thing: object) -> None:
        self.cursor += 1
        event = Event(self.cursor, kind, msgspec.json.encode(thing))
        self._kept.append(event)
        for listener in list(self._listeners):
            if listener.full():
                self._listeners.discard(listener)
            else:
                listener.put_nowait(event)

    def after(self, cursor: int) -> list[Event]:
        """The stored events after a cursor."""
        return [event for event in self._kept if event.id > cursor]

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    @contextmanager
    def subscribe(self) -> Iterator["Subscription"]:
        """Subscribe to new events."""
        queue: asyncio.Queue[Event] = asyncio.Queue(MAX_UNREAD)
        self._listeners.add(queue)
        try:
            yield Subscription(self, queue)
        finally:
            self._listeners.discard(queue)

    def has_subscriber(self, queue: asyncio.Queue[Event]) -> bool:
        return queue in self._listeners


class Subscription:
    """A subscription, which ends when it falls too far behind."""

    def __init__(self, feed: EventFeed, queue: asyncio.Queue[Event]) -> None:
        self._feed = feed
        self._queue = queue

    async def events(self, *, silence: timedelta) -> AsyncIterator[Event | None]:
        """Yield each event, and None after each period of `silence` without one."""
        while self._feed.has_subscriber(self._queue) or not self._queue.empty():
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
