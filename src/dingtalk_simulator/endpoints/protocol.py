"""What a robot asked of an endpoint, and what it is told."""

from collections.abc import Callable
from typing import TypeAlias, TypeVar

import msgspec

from dingtalk_simulator.media import Medium
from dingtalk_simulator.records import Billed
from dingtalk_simulator.state import World
from dingtalk_simulator.wire import UNREADABLE, decode

JSON = "application/json"

Shape = TypeVar("Shape")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request. `form` and `upload` are there where it was a form."""

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


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, and what it was about."""

    status: int = 200
    body: bytes = b""
    media_type: str = JSON
    headers: dict[str, str] = {}
    errcode: int | None = None
    code: str = ""
    room: str | None = None
    message: str | None = None
    robot: str | None = None


Handle: TypeAlias = Callable[[World, Asked], Answer]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One of DingTalk's addresses. `is_paced` says that 20 calls a second of an app are its limit."""

    name: str
    method: str
    path: str
    handle: Handle
    billed: Billed = Billed.API
    is_paced: bool = False
    largest: int = 1024 * 1024


class Refused(Exception):  # noqa: N818 - reads as what it says
    """The request is not what DingTalk takes; `answer` is what it says then."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.code or answer.errcode)
        self.answer = answer


def said(body: object, *, status: int = 200) -> Answer:
    """JSON."""
    return Answer(status=status, body=msgspec.json.encode(body))


def errcode(number: int, message: str = "ok", **facts: object) -> Answer:
    """An answer of the old API and of webhooks: HTTP 200, whatever is wrong."""
    body = {"errcode": number, "errmsg": message, **facts}
    return Answer(body=msgspec.json.encode(body), errcode=number)


def code(word: str, message: str = "", *, status: int = 400) -> Answer:
    """An error of the new API."""
    body = {"code": word, "message": message or word, "requestid": "SIMULATED"}
    return Answer(status=status, body=msgspec.json.encode(body), code=word)


def read(asked: Asked, shape: type[Shape], *, otherwise: Answer) -> Shape:
    """The body in that shape, null being absent. Raises Refused with the other answer."""
    try:
        return decode(asked.body, shape)
    except UNREADABLE as error:
        raise Refused(otherwise) from error
