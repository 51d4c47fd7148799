"""Requests, responses and errors of the simulated endpoints."""

from collections.abc import Callable
from typing import TypeAlias, TypeVar

import msgspec

from dingtalk_simulator.media import Medium
from dingtalk_simulator.records import Billed
from dingtalk_simulator.state import State
from dingtalk_simulator.wire import UNREADABLE, decode

JSON = "application/json"

Shape = TypeVar("Shape")


class ApiRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request. `form` and `upload` are set for multipart forms."""

    method: str = "POST"
    path: str = ""
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: bytes = b""
    form: dict[str, str] = {}
    upload: Medium | None = None

    @property
    def is_json(self) -> bool:
        kind = self.headers.get("content-type", "").partition(";")[0]
        return kind.strip().lower() == JSON


class ApiResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A response, and the chat, message and robot that it concerns."""

    status: int = 200
    body: bytes = b""
    media_type: str = JSON
    headers: dict[str, str] = {}
    errcode: int | None = None
    code: str = ""
    room: str | None = None
    message: str | None = None
    robot: str | None = None


Handle: TypeAlias = Callable[[State, ApiRequest], ApiResponse]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint of DingTalk. `is_paced` applies the limit of 20 calls a second for each app."""

    name: str
    method: str
    path: str
    handle: Handle
    billed: Billed = Billed.API
    is_paced: bool = False
    largest: int = 1024 * 1024


class ApiError(Exception):
    """DingTalk refuses the request with the response `answer`."""

    def __init__(self, answer: ApiResponse) -> None:
        super().__init__(answer.code or answer.errcode)
        self.answer = answer


def success(body: object, *, status: int = 200) -> ApiResponse:
    """A successful JSON response."""
    return ApiResponse(status=status, body=msgspec.json.encode(body))


def errcode(number: int, message: str = "ok", **facts: object) -> ApiResponse:
    """A response of the old API or a webhook: always HTTP 200."""
    body = {"errcode": number, "errmsg": message, **facts}
    return ApiResponse(body=msgspec.json.encode(body), errcode=number)


def api_error(word: str, message: str = "", *, status: int = 400) -> ApiResponse:
    """An error response of the new API."""
    body = {"code": word, "message": message or word, "requestid": "SIMULATED"}
    return ApiResponse(status=status, body=msgspec.json.encode(body), code=word)


def read_body(request: ApiRequest, shape: type[Shape], *, otherwise: ApiResponse) -> Shape:
    """Decode the body, ignoring nulls. Raises ApiError with the response `otherwise`."""
    try:
        return decode(request.body, shape)
    except UNREADABLE as error:
        raise ApiError(otherwise) from error
