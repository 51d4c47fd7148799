"""The few answers the service gives to programs."""

from functools import cache

import msgspec
from litestar import Response
from litestar.enums import MediaType
from litestar.response.base import ASGIResponse


class Answer(msgspec.Struct, frozen=True):
    """A status with a ready-made body of JSON."""

    status: int
    body: bytes


def refusal(status: int, code: str) -> Answer:
    """A status that says what is wrong in one word, and nothing of what was sent."""
    return Answer(status, msgspec.json.encode({"error": code}))


NOTHING_TO_SAY = Answer(200, b'{"msgtype":"empty"}')
"""DingTalk's own way to say that no message follows in the response itself."""

BAD_REQUEST = refusal(400, "bad_request")
UNAUTHORIZED = refusal(401, "unauthorized")
NOT_FOUND = refusal(404, "not_found")
TIMED_OUT = refusal(408, "timeout")
UNSUPPORTED_TYPE = refusal(415, "unsupported_media_type")
HEAD_TOO_LARGE = refusal(431, "headers_too_large")
INTERNAL = refusal(500, "internal")
UNAVAILABLE = refusal(503, "unavailable")


@cache
def ready(made: Answer, **headers: str) -> ASGIResponse:
    """The answer as it goes out, made once and sent many times."""
    return ASGIResponse(
        body=made.body, status_code=made.status, media_type=MediaType.JSON, headers=headers
    )


def answer(made: Answer, **headers: str) -> Response[bytes]:
    return Response(made.body, status_code=made.status, media_type=MediaType.JSON, headers=headers)
