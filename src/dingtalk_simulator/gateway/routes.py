"""The two routes of the stream gateway, and the tickets that authorise connections."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

import msgspec
from litestar import Response, post, websocket
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler, WebsocketRouteHandler

from dingtalk_simulator.gateway.options import (
    GatewayTimings,
    Logged,
    LoggedOpening,
    Opening,
    StreamFaults,
    TicketGrant,
)
from dingtalk_simulator.wire import UNREADABLE, HttpRequest, Socket, decode

OPEN = "/v1.0/gateway/connections/open"
CONNECT = "/connect"
FAILURES = {
    Opening.REFUSED: (400, "app.notStreamMode"),
    Opening.THROTTLED: (403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"),
    Opening.UNAVAILABLE: (503, "system.busy"),
}


@dataclass(slots=True, kw_only=True)
class Tickets:
    timings: Callable[[], GatewayTimings] = GatewayTimings
    now: Callable[[], float] = monotonic
    _given: dict[str, tuple[TicketGrant, float]] = field(default_factory=dict, init=False)

    def issue(self, grant: TicketGrant) -> str:
        """Issue a ticket. It needs no URL encoding, because some clients do none."""
        now, ticket = self.now(), secrets.token_hex(16)
        self._given = {text: one for text, one in self._given.items() if now < one[1]}
        self._given[ticket] = (grant, now + self.timings().ticket_life.total_seconds())
        return ticket

    def redeem(self, ticket: str) -> TicketGrant | None:
        """Use a ticket; None if it is unknown, expired or used."""
        grant, ends_at = self._given.pop(ticket, (None, 0.0))
        return grant if self.now() < ends_at else None


class Subscription(msgspec.Struct, frozen=True):
    type: str
    topic: str


class OpenRequest(msgspec.Struct, frozen=True):
    client_id: str = msgspec.field(name="clientId")
    client_secret: str = msgspec.field(name="clientSecret")
    subscriptions: list[Subscription]


def open_route(  # noqa: PLR0913 - handed on from the gateway
    accepts: Callable[[str, str], bool],
    tickets: Tickets,
    *,
    switches: Callable[[], StreamFaults],
    timings: Callable[[], GatewayTimings],
    log: Callable[[Logged], None],
    origin: str = "",
) -> HTTPRouteHandler:
    """`POST /v1.0/gateway/connections/open`. `origin` overrides the address of the websocket."""

    def answer_to(request: HttpRequest, params: OpenRequest | None) -> Response[bytes]:
        mode = switches().opening
        if mode is Opening.NONSENSE:
            return Response(b"<html>busy</html>", media_type=MediaType.HTML)
        if mode in FAILURES:
            return _refusal(*FAILURES[mode])
        if params is None:
            return _refusal(400, "invalidParameter.body")
        if not params.subscriptions:
            return _refusal(400, "miss.param.subscriptions")
        if not accepts(params.client_id, params.client_secret):
            return _refusal(400, "invalidClientIdOrSecret")
        topics = frozenset(one.topic for one in params.subscriptions)
        ticket = tickets.issue(TicketGrant(client_id=params.client_id, topics=topics))
        return _json({"endpoint": _endpoint(request, origin), "ticket": ticket})

    @post(OPEN, status_code=200, include_in_schema=False)
    async def open_connection(request: HttpRequest) -> Response[bytes]:
        begun, body = time.perf_counter(), await request.body()
        try:
            params = decode(body, OpenRequest)
        except UNREADABLE:
            params = None
        if switches().opening is Opening.HANGS:
            await asyncio.sleep(timings().hanging.total_seconds())
        answer = answer_to(request, params)
        log(
            LoggedOpening(
                client_id=params.client_id if params else "",
                headers={name.lower(): value for name, value in request.headers.items()},
                request=body,
                status=answer.status_code or 200,
                answer=answer.content,
                latency_ms=round((time.perf_counter() - begun) * 1000, 3),
            )
        )
        return answer

    return open_connection


def connect_route(serve: Callable[[Socket, str], Awaitable[None]]) -> WebsocketRouteHandler:
    """The websocket at `/connect?ticket=`."""

    @websocket(CONNECT)
    async def connect(socket: Socket) -> None:
        await serve(socket, socket.query_params.get("ticket", ""))

    return connect


def _endpoint(request: HttpRequest, origin: str) -> str:
    """The address of the websocket: below `origin` if it is set, otherwise on the host of the request.

    A proxy that terminates TLS sets `X-Forwarded-Proto` or `Forwarded`. A forged header misleads only
    its own sender.
    """
    if origin:
        scheme, _, place = origin.rstrip("/").partition("://")
    else:
        scheme = _forwarded_scheme(request) or request.url.scheme
        host = request.headers.get("host", "localhost")
        place = f"{host}{request.url.path.removesuffix(OPEN)}"
    return f"{'wss' if scheme.lower() == 'https' else 'ws'}://{place}{CONNECT}"


def _forwarded_scheme(request: HttpRequest) -> str:
    """The scheme of the request to the first proxy; empty without a proxy."""
    named = request.headers.get("x-forwarded-proto", "")
    if not named:
        first = request.headers.get("forwarded", "").partition(",")[0]
        pairs = (part.strip().partition("=") for part in first.split(";"))
        named = next((value for name, _, value in pairs if name.lower() == "proto"), "")
    return named.partition(",")[0].strip().strip('"')


def _refusal(status: int, code: str) -> Response[bytes]:
    return _json({"code": code, "message": code, "requestid": "simulated"}, status=status)


def _json(body: object, *, status: int = 200) -> Response[bytes]:
    return Response(msgspec.json.encode(body), status_code=status, media_type=MediaType.JSON)
