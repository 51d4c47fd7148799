"""Routes that change the behaviour: switches, failures, expiry, disconnects, card clicks and reset."""

from typing import Annotated, Literal

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from dingtalk_simulator.callback_sender import CALLBACK
from dingtalk_simulator.control.responses import ControlError, decode_body, find, json_response
from dingtalk_simulator.conversation import Click
from dingtalk_simulator.endpoints.routes import NAMES
from dingtalk_simulator.simulator import Simulator
from dingtalk_simulator.switches import ANSWER_KINDS, CALLBACK_KINDS, Failure, with_changes
from dingtalk_simulator.wire import HttpRequest


class Expire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    what: Literal["sessions", "tokens", "downloads"]
    which: Annotated[str, msgspec.Meta(min_length=1, max_length=256)] | None = None


class StreamEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    robot: str
    how: Literal["rotate", "drop"]


def behaviour_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    """`/switches`, `/failures`, `/expire`, `/stream`, `/cards/…/click` and `/reset`."""
    return [
        *_switch_routes(simulator),
        *_failure_routes(simulator),
        *_action_routes(simulator),
    ]


def _switch_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @get("/switches")
    async def switches() -> Response[bytes]:
        return json_response(simulator.state.switches)

    @patch("/switches")
    async def change_switches(request: HttpRequest) -> Response[bytes]:
        state = simulator.state
        try:
            state.switches = with_changes(state.switches, await request.body())
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise ControlError(str(error)) from error
        state.emit_change()
        return json_response(state.switches)

    @delete("/switches", status_code=200)
    async def reset_switches() -> Response[bytes]:
        simulator.state.reset_switches()
        simulator.state.emit_change()
        return json_response(simulator.state.switches)

    return [switches, change_switches, reset_switches]


def _failure_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @get("/failures")
    async def failures() -> Response[bytes]:
        return _failures(simulator)

    @post("/failures", status_code=200)
    async def add_failure(request: HttpRequest) -> Response[bytes]:
        failure = await decode_body(request, Failure)
        _check(failure)
        try:
            simulator.state.failures.add(failure)
        except ValueError as error:
            raise ControlError(str(error), status=409) from error
        simulator.state.emit_change()
        return _failures(simulator)

    @delete("/failures", status_code=200)
    async def clear_failures() -> Response[bytes]:
        simulator.state.failures.clear()
        simulator.state.emit_change()
        return _failures(simulator)

    @delete("/failures/{name:str}", status_code=200)
    async def clear_failures_of(name: FromPath[str]) -> Response[bytes]:
        simulator.state.failures.clear(name)
        simulator.state.emit_change()
        return _failures(simulator)

    return [failures, add_failure, clear_failures, clear_failures_of]


def _failures(simulator: Simulator) -> Response[bytes]:
    return json_response({"failures": simulator.state.failures.all()})


def _action_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @post("/expire", status_code=200)
    async def expire(request: HttpRequest) -> Response[bytes]:
        params, state = await decode_body(request, Expire), simulator.state
        ends = {
            "sessions": state.sessions.expire,
            "tokens": state.tokens.expire,
            "downloads": state.media.expire_grants,
        }
        return json_response({"expired": ends[params.what](params.which)})

    @post("/stream", status_code=200)
    async def end_connections(request: HttpRequest) -> Response[bytes]:
        params, stream = await decode_body(request, StreamEnd), simulator.stream
        robot = find(simulator.state.robots, params.robot, "robot")
        if stream is None:
            raise ControlError("there is no stream gateway", status=409)
        end = stream.rotate if params.how == "rotate" else stream.drop
        return json_response({"connections": end(robot.client_id)})

    @post("/cards/{name:str}/click", status_code=200)
    async def click(name: FromPath[str], request: HttpRequest) -> Response[bytes]:
        card = find(simulator.state.cards, name, "card")
        return json_response(await simulator.clicks.click(card, await decode_body(request, Click)))

    @post("/reset", status_code=200)
    async def reset() -> Response[bytes]:
        simulator.reset()
        return json_response({})

    return [expire, end_connections, click, reset]


def _check(failure: Failure) -> None:
    if failure.endpoint not in NAMES | {CALLBACK}:
        raise ControlError("endpoint: there is none with this name")
    possible = CALLBACK_KINDS if failure.endpoint == CALLBACK else ANSWER_KINDS
    if failure.kind not in possible:
        raise ControlError(
            f"kind: of {failure.endpoint} it is one of {', '.join(sorted(possible))}"
        )
    has_odd_header = any(
        not (name + value).isascii() or not (name + value).isprintable() or not name.strip()
        for name, value in failure.headers.items()
    )
    if has_odd_header or {"content-length", "transfer-encoding"} & {
        name.lower() for name in failure.headers
    }:
        raise ControlError("headers: not to be sent")
