"""What the service counts, for Prometheus."""

import hmac
from collections.abc import Awaitable
from typing import Protocol

from litestar import Request, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from entrypoints.secret import Secret
from entrypoints.web.answers import UNAUTHORIZED, ready
from entrypoints.web.peers import is_this_machine


class Exposition(Protocol):
    @property
    def content_type(self) -> str: ...

    def text(self) -> Awaitable[bytes]: ...


def metrics_route(exposition: Exposition, token: Secret | None) -> HTTPRouteHandler:
    """`GET /metrics`: for who has the token; without a token for this machine only."""

    def may_read(request: Request[None, None, State]) -> bool:
        if token:
            given = request.headers.get("authorization", "").encode("latin-1")
            return hmac.compare_digest(given, f"Bearer {token.reveal()}".encode())
        peer = request.client.host if request.client else None
        return is_this_machine(peer, (name.lower() for name in request.headers))

    @get("/metrics", include_in_schema=False)
    async def metrics(request: Request[None, None, State]) -> ASGIResponse:
        if not may_read(request):
            return ready(UNAUTHORIZED)
        return ASGIResponse(
            body=await exposition.text(),
            # The framework names the charset by itself.
            media_type=exposition.content_type.partition("; charset=")[0],
            headers={"cache-control": "no-store"},
        )

    return metrics
