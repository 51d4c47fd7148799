"""The gateway's side of the frames: DingTalk speaks, a robot acknowledges."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from time import time

import msgspec

from dingtalk_simulator.wire import UNREADABLE, decode


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFrame:
    message_id: str
    text: str


class _Headers(msgspec.Struct, frozen=True):
    message_id: str = msgspec.field(name="messageId", default="")


class Acknowledgement(msgspec.Struct, frozen=True):
    """What a robot said to a frame; `data` is JSON in a string, or by mistake the object itself."""

    code: int
    headers: _Headers = _Headers()
    message: str = ""
    data: str | dict[str, object] = ""

    @property
    def text(self) -> str:
        """`data` as a string."""
        return self.data if isinstance(self.data, str) else msgspec.json.encode(self.data).decode()

    @property
    def response(self) -> object:
        """What `data` holds under `response`, such as the changes of a card; None if there is nothing."""
        try:
            body = msgspec.json.decode(self.text or "null")
        except msgspec.DecodeError:
            return None
        return body.get("response") if isinstance(body, dict) else None


def read_acknowledgement(text: str) -> Acknowledgement | None:
    """The acknowledgement, or None if it is none."""
    try:
        return decode(text, Acknowledgement)
    except UNREADABLE:
        return None


def callback(
    topic: str, data: Mapping[str, object], *, client_id: str, connection_id: str
) -> SentFrame:
    """A frame of a subscribed topic. All headers are strings: some clients break on numbers."""
    return _frame("CALLBACK", topic, data, {"appId": client_id, "connectionId": connection_id})


def ping() -> SentFrame:
    return _frame("SYSTEM", "ping", {"opaque": uuid.uuid4().hex}, {})


def disconnect() -> str:
    """The announcement of an end; the only frame without an id."""
    headers = {"topic": "disconnect", "contentType": "application/json", "time": _now()}
    return _text("SYSTEM", headers, {"reason": "connection is expired"})


def garbage() -> tuple[str, ...]:
    """Frames that are none, or of no use, and must do no harm."""
    unknown = callback("/v1.0/unheard/of", {}, client_id="", connection_id="").text
    return ("not JSON", "[]", "{}", '{"type":"CALLBACK","headers":{"messageId":1}}', unknown)


def _frame(kind: str, topic: str, data: Mapping[str, object], more: Mapping[str, str]) -> SentFrame:
    message_id = uuid.uuid4().hex
    headers = {
        **more,
        "contentType": "application/json",
        "messageId": message_id,
        "time": _now(),
        "topic": topic,
    }
    return SentFrame(message_id=message_id, text=_text(kind, headers, data))


def _text(kind: str, headers: Mapping[str, str], data: Mapping[str, object]) -> str:
    frame = {
        "specVersion": "1.0",
        "type": kind,
        "headers": headers,
        "data": json.dumps(data, ensure_ascii=False),
    }
    return json.dumps(frame, ensure_ascii=False)


def _now() -> str:
    return str(int(time() * 1000))
