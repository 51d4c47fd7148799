"""The pictures that were drawn, for whoever has the name of one."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias

from litestar import route
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from domain.picture import Picture
from entrypoints.web.answers import NOT_FOUND, ready
from entrypoints.web.transfers import InPieces, Transfers

FindPicture: TypeAlias = Callable[[str], Awaitable[Picture | None]]

METHODS = (HttpMethod.GET, HttpMethod.HEAD)

HEADERS = {
    "cache-control": "private, max-age=31536000, immutable",
    "content-disposition": "inline",
    "content-security-policy": "default-src 'none'; sandbox",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
}
"""A picture is a picture and nothing else, whatever stands in its bytes. It never changes under its name."""


def image_route(picture_called: FindPicture, transfers: Transfers) -> HTTPRouteHandler:
    """`GET` and `HEAD /images/{name}`; every name that is none of ours is answered alike."""

    async def found(name: str) -> ASGIResponse:
        picture = await picture_called(name)
        if picture is None:
            return ready(NOT_FOUND)
        # The server leaves the body out where only the head was asked for.
        return InPieces(body=picture.content, media_type=picture.kind.value, headers=HEADERS)

    @route("/images/{name:str}", http_method=METHODS, status_code=200, include_in_schema=False)
    async def image(name: FromPath[str]) -> ASGIResponse:
        return transfers.response(partial(found, name))

    return image
