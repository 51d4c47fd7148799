"""Request parsing and JSON responses of the control API."""

from typing import TypeVar

import msgspec
from litestar import Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException

from dingtalk_simulator.conversation import SendError
from dingtalk_simulator.stores import BoundedDict
from dingtalk_simulator.wire import HttpRequest

ERROR_CODES = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
}
MAX_PAGE_SIZE = 1000
MAX_DIGITS = 15

Shape = TypeVar("Shape")
Value = TypeVar("Value")


class ControlError(Exception):
    """An invalid request, with a sentence that explains it."""

    def __init__(self, detail: str, *, status: int = 400) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status


def json_response(body: object, *, status: int = 200) -> Response[bytes]:
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type=MediaType.JSON,
        headers={"cache-control": "no-store"},
    )


def error_response(status: int, detail: str) -> Response[bytes]:
    return json_response(
        {"error": ERROR_CODES.get(status, "refused"), "detail": detail}, status=status
    )


async def decode_body(request: HttpRequest, shape: type[Shape]) -> Shape:
    """Decode the JSON body. Raises ControlError."""
    try:
        return msgspec.json.decode(await request.body(), type=shape)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise ControlError(str(error)) from error


def find(shelf: BoundedDict[str, Value], name: str, what: str) -> Value:
    """The item with that id. Raises ControlError."""
    thing = shelf.get(name)
    if thing is None:
        raise ControlError(f"{what}: there is none with this id", status=404)
    return thing


def query_number(request: HttpRequest, name: str, otherwise: int) -> int:
    """A whole number from the query. Raises ControlError."""
    text = request.query_params.get(name)
    if text is None:
        return otherwise
    number = whole_number(text)
    if number is None:
        raise ControlError(f"{name}: not a whole number")
    return number


def whole_number(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    return int(text) if is_number else None


def page_size(request: HttpRequest) -> int:
    return max(1, min(query_number(request, "limit", 100), MAX_PAGE_SIZE))


def on_error(_request: HttpRequest, error: Exception) -> Response[bytes]:
    """The response to an error of the caller."""
    if isinstance(error, ControlError):
        return error_response(error.status, error.detail)
    if isinstance(error, SendError):
        return error_response(400, str(error))
    if isinstance(error, HTTPException):
        return error_response(error.status_code, error.detail)
    return error_response(400, "this cannot be done")
