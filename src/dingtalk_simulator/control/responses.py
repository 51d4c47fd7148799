"""Requests and answers of the control API: JSON, and a sentence for every mistake."""

from typing import TypeVar

import msgspec
from litestar import Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException

from dingtalk_simulator.conversation import CannotSay
from dingtalk_simulator.stores import Shelf
from dingtalk_simulator.wire import HttpRequest

WORDS = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
}
MOST_AT_ONCE = 1000

Shape = TypeVar("Shape")
Thing = TypeVar("Thing")


class Mistake(Exception):  # noqa: N818 - reads as what it says
    """A request that cannot be obeyed, with the sentence that says why."""

    def __init__(self, detail: str, *, status: int = 400) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status


def told(body: object, *, status: int = 200) -> Response[bytes]:
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type=MediaType.JSON,
        headers={"cache-control": "no-store"},
    )


def refused(status: int, detail: str) -> Response[bytes]:
    return told({"error": WORDS.get(status, "refused"), "detail": detail}, status=status)


async def wanted(request: HttpRequest, shape: type[Shape]) -> Shape:
    """The body in that shape. Raises Mistake."""
    try:
        return msgspec.json.decode(await request.body(), type=shape)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Mistake(str(error)) from error


def found(shelf: Shelf[str, Thing], name: str, what: str) -> Thing:
    """The thing of that id. Raises Mistake."""
    thing = shelf.get(name)
    if thing is None:
        raise Mistake(f"{what}: there is none with this id", status=404)
    return thing


def number(request: HttpRequest, name: str, otherwise: int) -> int:
    """A whole number of the query. Raises Mistake."""
    text = request.query_params.get(name)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) <= 15):  # noqa: PLR2004 - far more than are counted
        raise Mistake(f"{name}: not a whole number")
    return int(text)


def page_size(request: HttpRequest) -> int:
    return max(1, min(number(request, "limit", 100), MOST_AT_ONCE))


def on_mistake(_request: HttpRequest, error: Exception) -> Response[bytes]:
    """What the control API says to a mistake of the caller."""
    if isinstance(error, Mistake):
        return refused(error.status, error.detail)
    if isinstance(error, CannotSay):
        return refused(400, str(error))
    if isinstance(error, HTTPException):
        return refused(error.status_code, error.detail)
    return refused(400, "this cannot be done")
