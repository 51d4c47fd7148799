"""The HTTP application: DingTalk's URLs, the control API, and additional routes."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from litestar import Litestar, Response, Router
from litestar.enums import MediaType
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR
from litestar.types import ControllerRouterHandler

from dingtalk_simulator.control.access import local_guard
from dingtalk_simulator.control.behaviour import behaviour_routes
from dingtalk_simulator.control.entities import entity_routes
from dingtalk_simulator.control.messages import conversation_routes
from dingtalk_simulator.control.observation import observation_routes
from dingtalk_simulator.control.responses import ControlError, error_response, on_error
from dingtalk_simulator.conversation import SendError
from dingtalk_simulator.endpoints.protocol import ApiResponse, api_error
from dingtalk_simulator.endpoints.routes import ENDPOINTS, endpoint_route
from dingtalk_simulator.records import Call
from dingtalk_simulator.simulator import Simulator
from dingtalk_simulator.state import State
from dingtalk_simulator.wire import HttpRequest

UNKNOWN = "unknown"
"""The endpoint name recorded for every unknown URL."""

BROWSER_HEADER = "sec-fetch-site"

logger = logging.getLogger(__name__)
CONTROL = "/_simulator"
Extras: TypeAlias = Callable[[Simulator], Sequence[ControllerRouterHandler]]
"""A factory of additional routes for the same port, such as those of the page."""


def unknown_call(state: State, request: HttpRequest, *, status: int) -> ApiResponse:
    """The error response. Requests of browsers and aborted requests are not recorded as calls."""
    answer = api_error("InvalidAction.NotFound", "no such address here", status=status)
    if BROWSER_HEADER not in request.headers and status < HTTP_500_INTERNAL_SERVER_ERROR:
        state.record(_call(state, request, answer))
    return answer


def _call(state: State, request: HttpRequest, answer: ApiResponse) -> Call:
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    return Call(
        endpoint=UNKNOWN,
        at=state.now(),
        method=request.method,
        path=state.without_secrets(raw.decode("latin-1")),
        query={name: state.without_secrets(value) for name, value in request.query_params.items()},
        request_headers={
            name.lower(): state.without_secrets(value) for name, value in request.headers.items()
        },
        request_size=int(request.headers.get("content-length", "0")),
        status=answer.status,
        answer_body=answer.body.decode(),
        code=answer.code,
    )


def simulator_app(simulator: Simulator, extras: Sequence[Extras] = ()) -> Litestar:
    """The Litestar application of one simulator."""
    stream = simulator.stream
    return Litestar(
        route_handlers=[
            *(endpoint_route(one, simulator.state, simulator) for one in ENDPOINTS),
            *(stream.route_handlers() if stream else ()),
            _control(simulator),
            *(route for extra in extras for route in extra(simulator)),
        ],
        openapi_config=None,
        logging_config=None,
        debug=False,
        request_max_body_size=1024 * 1024,
        exception_handlers={HTTPException: partial(_unknown, simulator), Exception: _broken},
    )


def _control(simulator: Simulator) -> Router:
    return Router(
        CONTROL,
        route_handlers=[
            *entity_routes(simulator),
            *conversation_routes(simulator),
            *observation_routes(simulator),
            *behaviour_routes(simulator),
        ],
        guards=[local_guard(simulator.settings.control_hosts)],
        exception_handlers={
            ControlError: on_error,
            SendError: on_error,
            HTTPException: on_error,
        },
        include_in_schema=False,
    )


def _unknown(simulator: Simulator, request: HttpRequest, error: HTTPException) -> Response[bytes]:
    """The response to an unknown URL."""
    if request.scope["path"].startswith(CONTROL):
        return error_response(error.status_code, error.detail)
    said = unknown_call(simulator.state, request, status=error.status_code)
    return Response(said.body, status_code=said.status, media_type=MediaType.JSON)


def _broken(request: HttpRequest, error: Exception) -> Response[bytes]:
    logger.error("simulator_request_failed", exc_info=error, extra={"method": request.method})
    said = api_error("system.error", status=500)
    return Response(said.body, status_code=said.status, media_type=MediaType.JSON)
