"""What the service counts, for Prometheus."""

import hmac
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from litestar import Request, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from application.rate_limited_logger import RateLimitedLogger
from entrypoints.secret import Secret
from entrypoints.web.answers import UNAUTHORIZED, ready
from entrypoints.web.peers import from_scope, is_this_machine, objection_to


class Exposition(Protocol):
    @property
    def content_type(self) -> str: ...

    def text(self) -> Awaitable[bytes]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorAccess:
    """Who may see what is only the operator's business."""

    token: Secret | None

    def admits(self, request: Request[None, None, State]) -> bool:
        """Whether the operator asks: with the token, or from this machine."""
        return self.has_token(request) or is_this_machine(from_scope(request.scope))

    def has_token(self, request: Request[None, None, State]) -> bool:
        if not self.token:
            return False
        given = request.headers.get("authorization", "").encode("latin-1")
        return hmac.compare_digest(given, f"Bearer {self.token.reveal()}".encode())

    def objection_to_scrape(self, request: Request[None, None, State]) -> str | None:
        """Why the metrics are not shown, for the log: where there is a token, it is always needed."""
        if self.token:
            return None if self.has_token(request) else "the bearer token is not metrics_token"
        if why := objection_to(from_scope(request.scope)):
            return f"{why}; set metrics_token to read it from elsewhere"
        return None


def metrics_route(
    exposition: Exposition, access: OperatorAccess, logger: RateLimitedLogger
) -> HTTPRouteHandler:
    """`GET /metrics`: for who has the token; without a token for this machine only."""

    @get("/metrics", include_in_schema=False)
    async def metrics(request: Request[None, None, State]) -> ASGIResponse:
        if reason := access.objection_to_scrape(request):
            logger.warning("metrics_refused", reason=reason)
            return ready(UNAUTHORIZED)
        return ASGIResponse(
            body=await exposition.text(),
            # The framework names the charset by itself.
            media_type=exposition.content_type.partition("; charset=")[0],
            headers={"cache-control": "no-store"},
        )

    return metrics
