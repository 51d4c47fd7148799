"""The frames of stream mode: what DingTalk says over the websocket, and how it is acknowledged.

Source: DingTalk, "stream protocol": text frames, each one JSON object whose `data` is JSON in a string.
"""

from dataclasses import dataclass
from datetime import timedelta

import msgspec

from adapters.dingtalk.inbound.callback import LONGEST_ID, NOT_JSON

SYSTEM = "SYSTEM"
CALLBACK = "CALLBACK"
DISCONNECT = "disconnect"

ROBOT_MESSAGES = "/v1.0/im/bot/messages/get"
CARD_CALLBACKS = "/v1.0/card/instances/callback"

LARGEST_FRAME = 8 * 1024 * 1024
"""What is read at all; a websocket that brings more in one frame ends."""
LARGEST_DATA = 1024 * 1024
"""What a frame may carry, as much as the body of an HTTP callback."""

NULL = msgspec.Raw(b"null")


class BadFrame(ValueError):  # noqa: N818 - reads as what it says
    """The bytes are no frame of DingTalk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame as it came in. `message_id` is empty where it cannot be acknowledged."""

    kind: str
    topic: str
    message_id: str
    data: bytes
    sent_at: int | None
    """DingTalk's clock when it sent the frame, in milliseconds since 1970."""
    up_for: timedelta
    """How long the websocket had been open when it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An acknowledgement: a code like HTTP's, and JSON for topics that read it."""

    code: int = 200
    message: str = "OK"
    data: str = '{"response": null}'


TAKEN = Reply()
BAD_REQUEST = Reply(code=400, message="unreadable")
TOO_LARGE = Reply(code=400, message="too large")
NOT_HANDLED = Reply(code=404, message="topic not handled")


class _Headers(msgspec.Struct, frozen=True):
    topic: str | None = None
    message_id: str | None = msgspec.field(name="messageId", default=None)
    time: msgspec.Raw = NULL


class _Envelope(msgspec.Struct, frozen=True):
    type: str = ""
    headers: _Headers = _Headers()
    data: msgspec.Raw = NULL


_decode = msgspec.json.Decoder(_Envelope).decode


def read_frame(raw: bytes, *, up_for: timedelta = timedelta()) -> Frame:
    """Read what the websocket brought.

    Raises:
        BadFrame: whatever the bytes are, if they are no frame. A frame may lack any header.
    """
    try:
        envelope = _decode(raw)
        data = _text(envelope.data)
    except NOT_JSON as error:
        raise BadFrame("not a frame of DingTalk") from error
    return Frame(
        kind=envelope.type,
        topic=_word(envelope.headers.topic),
        message_id=_word(envelope.headers.message_id),
        data=data,
        sent_at=_stamp(envelope.headers.time),
        up_for=up_for,
    )


def acknowledgement(frame: Frame, reply: Reply) -> str:
    """The frame that tells DingTalk what became of one of its own."""
    headers = {"messageId": frame.message_id, "contentType": "application/json"}
    body = {"code": reply.code, "headers": headers, "message": reply.message, "data": reply.data}
    return msgspec.json.encode(body).decode()


def echo(frame: Frame) -> Reply:
    """What a ping, or another question of the system, expects."""
    return Reply(data=frame.data.decode(errors="replace"))


def _text(raw: msgspec.Raw) -> bytes:
    """The JSON of `data`, which is a string that holds it, and may be the object itself."""
    if bytes(raw).startswith(b'"'):
        return msgspec.json.decode(raw, type=str).encode()
    return b"" if bytes(raw) == b"null" else bytes(raw)


def _word(value: str | None) -> str:
    if value and not (len(value) <= LONGEST_ID and value.isprintable()):
        raise BadFrame("a header is not a word")
    return value or ""


def _stamp(raw: msgspec.Raw) -> int | None:
    """A time in milliseconds, which the pages call a number and the wire gives as a string."""
    digits = bytes(raw).strip(b'"')
    return int(digits) if len(digits) <= 15 and digits.isdigit() else None  # noqa: PLR2004 - until the year 33658
