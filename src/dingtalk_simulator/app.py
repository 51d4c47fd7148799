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
from dingtalk_simulator.control.entities import inhabitant_routes
from dingtalk_simulator.control.messages import conversation_routes
from dingtalk_simulator.control.observation import observation_routes
from dingtalk_simulator.control.responses import Mistake, on_mistake, refused
from dingtalk_simulator.conversation import CannotSay
from dingtalk_simulator.endpoints.protocol import Answer, code
from dingtalk_simulator.endpoints.routes import ENDPOINTS, endpoint_route
from dingtalk_simulator.records import Call
from dingtalk_simulator.simulator import Simulator
from dingtalk_simulator.state import World
from dingtalk_simulator.wire import HttpRequest

UNKNOWN = "unknown"
"""The name of all these addresses together."""

BROWSERS_HEADER = "sec-fetch-site"


def unknown_call(world: World, request: HttpRequest, *, status: int) -> Answer:
    """The answer. What a browser looks for beside the page is no call, nor is a caller who hung up."""
    answer = code("InvalidAction.NotFound", "no such address here", status=status)
    if BROWSERS_HEADER not in request.headers and status < HTTP_500_INTERNAL_SERVER_ERROR:
        world.record(_call(world, request, answer))
    return answer


def _call(world: World, request: HttpRequest, answer: Answer) -> Call:
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    return Call(
        endpoint=UNKNOWN,
        at=world.now(),
        method=request.method,
        path=world.without_secrets(raw.decode("latin-1")),
        query={name: world.without_secrets(value) for name, value in request.query_params.items()},
        request_headers={
            name.lower(): world.without_secrets(value) for name, value in request.headers.items()
        },
        request_size=int(request.headers.get("content-length", "0")),
        status=answer.status,
        answer_body=answer.body.decode(),
        code=answer.code,
    )


logger = logging.getLogger(__name__)

CONTROL = "/_simulator"

Extras: TypeAlias = Callable[[Simulator], Sequence[ControllerRouterHandler]]
"""More routes for the same port, made for a simulator: its page."""


def simulator_app(simulator: Simulator, extras: Sequence[Extras] = ()) -> Litestar:
    """The application of one simulator."""
    stream = simulator.stream
    return Litestar(
        route_handlers=[
            *(endpoint_route(one, simulator.world, simulator) for one in ENDPOINTS),
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
            *inhabitant_routes(simulator),
            *conversation_routes(simulator),
            *observation_routes(simulator),
            *behaviour_routes(simulator),
        ],
        guards=[local_guard(simulator.settings.control_hosts)],
        exception_handlers={
            Mistake: on_mistake,
            CannotSay: on_mistake,
            HTTPException: on_mistake,
        },
        include_in_schema=False,
    )


def _unknown(simulator: Simulator, request: HttpRequest, error: HTTPException) -> Response[bytes]:
    """What is no address of DingTalk, as its API says it."""
    if request.scope["path"].startswith(CONTROL):
        return refused(error.status_code, error.detail)
    said = unknown_call(simulator.world, request, status=error.status_code)
    return Response(said.body, status_code=said.status, media_type=MediaType.JSON)


def _broken(request: HttpRequest, error: Exception) -> Response[bytes]:
    logger.error("simulator_broke", exc_info=error, extra={"method": request.method})
    said = code("system.error", status=500)
    return Response(said.body, status_code=said.status, media_type=MediaType.JSON)
