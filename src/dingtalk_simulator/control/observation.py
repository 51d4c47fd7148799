"""Routes for observers: calls, server-sent events, cards, media and billing."""

import base64
import binascii
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream

from dingtalk_simulator.control.responses import (
    ControlError,
    decode_body,
    find,
    json_response,
    page_size,
    query_number,
    whole_number,
)
from dingtalk_simulator.entities import CardView
from dingtalk_simulator.records import Event
from dingtalk_simulator.simulator import Simulator
from dingtalk_simulator.wire import HttpRequest

KEEPALIVE_INTERVAL = timedelta(seconds=15)
POLL_INTERVAL = timedelta(milliseconds=500)
"""How often an event stream checks whether the simulator is closing."""

MAX_UPLOAD_SIZE = 32 * 1024 * 1024
SHOWN_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp"})


class NewMedium(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    file_name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    content_type: Annotated[str, msgspec.Meta(pattern=r"^[\w.+-]{1,60}/[\w.+-]{1,80}$")]
    content: str


def observation_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    """`/calls`, `/events`, `/billing`, `/cards` and `/media`."""
    return [*_call_routes(simulator), *_card_routes(simulator), *_media_routes(simulator)]


def _call_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @get("/calls")
    async def calls(request: HttpRequest) -> Response[bytes]:
        after, limit = query_number(request, "after", 0), page_size(request)
        endpoint = request.query_params.get("endpoint", "")
        some = simulator.state.calls_after(after, limit=limit, endpoint=endpoint)
        return json_response({"calls": some, "cursor": some[-1].id if some else after})

    @get("/events")
    async def events(request: HttpRequest) -> Stream:
        after = whole_number(request.headers.get("last-event-id", ""))
        if "after" in request.query_params:
            after = query_number(request, "after", 0)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        stream = _events(simulator, after)
        return Stream(stream, media_type="text/event-stream", headers=headers)

    @get("/billing")
    async def billing() -> Response[bytes]:
        return json_response(simulator.state.billing.bill())

    return [calls, events, billing]


def _card_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @get("/cards")
    async def cards() -> Response[bytes]:
        return json_response({"cards": [CardView.of(card) for card in simulator.state.cards]})

    @get("/cards/{name:str}")
    async def card(name: FromPath[str]) -> Response[bytes]:
        return json_response(CardView.of(find(simulator.state.cards, name, "card")))

    return [cards, card]


def _media_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @post("/media", status_code=201, request_max_body_size=MAX_UPLOAD_SIZE)
    async def add_medium(request: HttpRequest) -> Response[bytes]:
        new, state = await decode_body(request, NewMedium), simulator.state
        try:
            content = base64.b64decode(new.content, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ControlError("content: not base64") from error
        kept = state.media.keep(
            content,
            file_name=new.file_name,
            content_type=new.content_type,
            is_of_person=True,
        )
        shown = msgspec.to_builtins(state.attachment(kept)) | {"size": len(kept.content)}
        return json_response(shown, status=201)

    @get("/media/{name:str}")
    async def medium(name: FromPath[str]) -> Response[bytes]:
        kept = simulator.state.media.find(name)
        if kept is None:
            raise ControlError("media: there is none with this id", status=404)
        is_picture = kept.content_type in SHOWN_INLINE
        return Response(
            kept.content,
            media_type=kept.content_type if is_picture else MediaType.TEXT,
            headers={
                "x-content-type-options": "nosniff",
                "content-security-policy": "sandbox; default-src 'none'",
                "content-disposition": "inline" if is_picture else "attachment",
            },
        )

    return [add_medium, medium]


async def _events(simulator: Simulator, after: int | None) -> AsyncIterator[bytes]:
    """Server-sent events: stored events after a cursor, then new ones."""
    feed = simulator.state.events
    with feed.subscribe() as subscription:
        yield b": welcome\n\n"
        for stored in feed.after(after) if after is not None else []:
            yield _lines(stored)
        quiet = timedelta()
        async for event in subscription.events(silence=POLL_INTERVAL):
            if simulator.closing.is_set():
                return
            quiet = quiet + POLL_INTERVAL if event is None else timedelta()
            if event is not None:
                yield _lines(event)
            elif quiet >= KEEPALIVE_INTERVAL:
                quiet = timedelta()
                yield b": still here\n\n"


def _lines(event: Event) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.id, event.kind.encode(), event.data)
