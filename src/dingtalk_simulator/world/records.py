"""What happened: messages in rooms, and calls between DingTalk and robots."""

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
