"""The HTTP application: routes, and what every one of them has in common."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain

from litestar import Litestar, Request, Response, route
from litestar.datastructures import State
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.handlers import HTTPRouteHandler

from application.rate_limited_logger import RateLimitedLogger
from entrypoints.web.answers import INTERNAL, answer, refusal

_logger = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024

CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def web_app(
    door: HTTPRouteHandler,
    *others: Sequence[HTTPRouteHandler],
    logger: RateLimitedLogger | None = None,
) -> Litestar:
    """An application of these routes, without schema page, debug page or logging of its own."""
    routes = [door, *chain.from_iterable(others)]
    paths = sorted({path for handler in routes for path in handler.paths})
    return Litestar(
        route_handlers=[_no_options(paths), *routes],
        openapi_config=None,
        logging_config=None,
        debug=False,
        request_max_body_size=LARGEST_BODY,
        exception_handlers={
            HTTPException: _refused,
            Exception: partial(_broken, logger or RateLimitedLogger(_logger)),
        },
    )


def _no_options(paths: Sequence[str]) -> HTTPRouteHandler:
    """Litestar would tell everyone what the routes take; nobody who may ask that comes here."""

    @route(list(paths), http_method=["OPTIONS"], status_code=405, include_in_schema=False)
    async def refuse() -> None:
        raise MethodNotAllowedException

    return refuse


def _refused(request: Request[None, None, State], error: HTTPException) -> Response[bytes]:
    code = CODES.get(error.status_code, "refused")
    headers = dict(error.headers or {})
    if isinstance(error, MethodNotAllowedException):
        headers["allow"] = ", ".join(sorted(_methods_of(request, headers) - {"OPTIONS"}))
    return answer(refusal(error.status_code, code), **headers)


def _methods_of(request: Request[None, None, State], headers: Mapping[str, str]) -> set[str]:
    """What the route takes, which a refused method has to be told (RFC 9110, 15.5.6).

    The router names it where the method has no handler; `_no_options` is one, and does not.
    """
    if named := headers.get("allow"):
        return set(named.split(", "))
    template = request.scope["path_template"]
    return {
        method
        for one in request.app.routes
        if one.path_format == template
        for method in one.methods
    }


def _broken(
    logger: RateLimitedLogger, request: Request[None, None, State], error: Exception
) -> Response[bytes]:
    logger.error("request_broke_the_program", exc_info=error, method=request.method)
    return answer(INTERNAL)
