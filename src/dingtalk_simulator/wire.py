"""JSON from robots, and the types of HTTP requests and websockets.

Go programs write null for a slice, a map or a pointer that is not set.
"""

from typing import TypeAlias, TypeVar

import msgspec
from litestar import Request, WebSocket
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

HttpRequest: TypeAlias = Request[None, None, State]
HttpConnection: TypeAlias = ASGIConnection[BaseRouteHandler, None, None, State]
Socket: TypeAlias = WebSocket[None, None, State]

Shape = TypeVar("Shape")

UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)
"""What bytes raise that are no JSON, no UTF-8, too deep, or of another shape."""


def decode(text: bytes | str, shape: type[Shape]) -> Shape:
    """The JSON in that shape; null is absent wherever it stands.

    Raises:
        msgspec.ValidationError: it is JSON of another shape.
        msgspec.DecodeError, UnicodeError, RecursionError: it is none, or too deep.
    """
    if isinstance(text, bytes):
        # msgspec reads bytes that are no UTF-8 where it skips a value.
        text = text.decode("utf-8")
    return msgspec.convert(without_nulls(msgspec.json.decode(text)), shape)


def without_nulls(value: object) -> object:
    """The same without members and elements that are null, at any depth."""
    if isinstance(value, dict):
        return {name: without_nulls(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [without_nulls(one) for one in value if one is not None]
    return value
