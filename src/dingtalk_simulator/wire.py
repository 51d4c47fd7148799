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
"""Exceptions for invalid JSON, invalid UTF-8, too deep nesting, or another shape."""


def decode(text: bytes | str, shape: type[Shape]) -> Shape:
    """Decode JSON into a type; null counts as absent everywhere.

    Raises:
        msgspec.ValidationError: the JSON has another shape.
        msgspec.DecodeError, UnicodeError, RecursionError: it is no JSON, or nested too deeply.
    """
    if isinstance(text, bytes):
        # msgspec accepts invalid UTF-8 in values that it skips.
        text = text.decode("utf-8")
    return msgspec.convert(without_nulls(msgspec.json.decode(text)), shape)


def without_nulls(value: object) -> object:
    """The value without null members and elements at any depth."""
    if isinstance(value, dict):
        return {name: without_nulls(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [without_nulls(one) for one in value if one is not None]
    return value
