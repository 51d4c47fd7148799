"""The simulator's HTTP application: DingTalk's addresses, the control API, and what others add."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.enums import MediaType
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler

from dingtalk_simulator.callbacks.talk import CannotSay
from dingtalk_simulator.control.answers import Mistake, on_mistake, refused
from dingtalk_simulator.control.behaviour import behaviour_routes
from dingtalk_simulator.control.conversation import conversation_routes
from dingtalk_simulator.control.guard import local_guard
from dingtalk_simulator.control.inhabitants import inhabitant_routes
from dingtalk_simulator.control.observation import observation_routes
from dingtalk_simulator.endpoints.catalogue import ENDPOINTS
from dingtalk_simulator.endpoints.exchange import code
from dingtalk_simulator.endpoints.routes import endpoint_route
from dingtalk_simulator.endpoints.unknown import unknown_call
from dingtalk_simulator.simulator import Simulator

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


def _unknown(
    simulator: Simulator, request: Request[None, None, State], error: HTTPException
) -> Response[bytes]:
    """What is no address of DingTalk, as its API says it."""
    if request.scope["path"].startswith(CONTROL):
        return refused(error.status_code, error.detail)
    said = unknown_call(simulator.world, request, status=error.status_code)
    return Response(said.body, status_code=said.status, media_type=MediaType.JSON)


def _broken(request: Request[None, None, State], error: Exception) -> Response[bytes]:
    logger.error("simulator_broke", exc_info=error, extra={"method": request.method})
    said = code("system.error", status=500)
    return Response(said.body, status_code=said.status, media_type=MediaType.JSON)
