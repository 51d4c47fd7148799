"""Routes that show the state, and create and change people, robots and chats."""

from typing import Annotated

import msgspec
from litestar import Response, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from dingtalk_simulator.control.responses import ControlError, decode_body, find, json_response
from dingtalk_simulator.entities import (
    Chat,
    ChatKind,
    Person,
    ReceiveMode,
    Robot,
    RobotKeys,
    RobotKind,
)
from dingtalk_simulator.records import Bill
from dingtalk_simulator.simulator import Notice, Simulator
from dingtalk_simulator.state import Bounds, State, make_person, make_robot, new_id
from dingtalk_simulator.switches import Failure, Switches
from dingtalk_simulator.wire import HttpRequest

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Secret = Annotated[str, msgspec.Meta(max_length=256)]
Target = Annotated[str, msgspec.Meta(pattern=r"^(https?://[!-~]{1,2000})?$")]
Keywords = Annotated[tuple[Name, ...], msgspec.Meta(max_length=10)]
Members = Annotated[tuple[Name, ...], msgspec.Meta(max_length=500)]


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request body; unknown fields are an error."""


class NewPerson(Request, frozen=True, kw_only=True):
    name: Name
    staff_id: Id | None = None
    is_external: bool = False
    is_admin: bool = False


class NewRobot(Request, frozen=True, kw_only=True):
    name: Name
    kind: RobotKind = RobotKind.ENTERPRISE
    client_id: Id | None = None
    secret: Secret | None = None
    token: Secret | None = None
    target: Target = ""
    mode: ReceiveMode = ReceiveMode.HTTP


class RobotChange(Request, frozen=True, kw_only=True, omit_defaults=True):
    target: Target | msgspec.UnsetType = msgspec.UNSET
    mode: ReceiveMode | msgspec.UnsetType = msgspec.UNSET
    is_disabled: bool | msgspec.UnsetType = msgspec.UNSET
    keywords: Keywords | msgspec.UnsetType = msgspec.UNSET


class NewChat(Request, frozen=True, kw_only=True):
    kind: ChatKind
    robot: Name
    members: Members
    title: Annotated[str, msgspec.Meta(max_length=100)] = ""


class ChatChange(Request, frozen=True, kw_only=True, omit_defaults=True):
    title: Annotated[str, msgspec.Meta(max_length=100)] | msgspec.UnsetType = msgspec.UNSET
    members: Members | msgspec.UnsetType = msgspec.UNSET
    is_disbanded: bool | msgspec.UnsetType = msgspec.UNSET
    has_robot: bool | msgspec.UnsetType = msgspec.UNSET


def entity_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    """`/state`, `/people`, `/robots` and `/rooms`."""
    return [
        *_people_routes(simulator),
        *_robot_routes(simulator),
        *_chat_routes(simulator),
    ]


def _people_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @get("/state")
    async def state() -> Response[bytes]:
        return json_response(snapshot(simulator))

    @post("/people", status_code=201)
    async def add_person(request: HttpRequest) -> Response[bytes]:
        new, state = await decode_body(request, NewPerson), simulator.state
        if new.staff_id in state.people:
            raise ControlError("staff_id: there is a person with this id", status=409)
        facts = {"is_external": new.is_external, "is_admin": new.is_admin}
        person = make_person(state, new.name, staff_id=new.staff_id or "", **facts)
        state.emit_change()
        return json_response(person, status=201)

    return [state, add_person]


def _robot_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @post("/robots", status_code=201)
    async def add_robot(request: HttpRequest) -> Response[bytes]:
        robot, keys = _new_robot(simulator.state, await decode_body(request, NewRobot))
        simulator.state.emit_change()
        return json_response(msgspec.to_builtins(robot) | msgspec.to_builtins(keys), status=201)

    @patch("/robots/{name:str}")
    async def change_robot(name: FromPath[str], request: HttpRequest) -> Response[bytes]:
        state = simulator.state
        robot = find(state.robots, name, "robot")
        changes = msgspec.to_builtins(await decode_body(request, RobotChange))
        updated = msgspec.convert(msgspec.to_builtins(robot) | changes, Robot)
        state.robots.put(robot.id, updated)
        state.emit_change()
        return json_response(robot_view(simulator, updated))

    return [add_robot, change_robot]


def _chat_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @post("/rooms", status_code=201)
    async def add_chat(request: HttpRequest) -> Response[bytes]:
        chat = _new_chat(simulator.state, await decode_body(request, NewChat))
        simulator.state.emit_change()
        return json_response(chat, status=201)

    @patch("/rooms/{name:str}")
    async def change_chat(name: FromPath[str], request: HttpRequest) -> Response[bytes]:
        state = simulator.state
        chat = find(state.chats, name, "room")
        changes = msgspec.to_builtins(await decode_body(request, ChatChange))
        updated = msgspec.convert(msgspec.to_builtins(chat) | changes, Chat)
        _check_members(state, updated.kind, updated.members)
        state.chats.put(chat.id, updated)
        state.emit_change()
        return json_response(updated)

    return [add_chat, change_chat]


def _new_robot(state: State, new: NewRobot) -> tuple[Robot, RobotKeys]:
    if new.client_id in state.robots:
        raise ControlError("client_id: there is a robot with this id", status=409)
    is_app = new.kind is RobotKind.ENTERPRISE
    if not is_app and new.mode is ReceiveMode.STREAM:
        raise ControlError("mode: an outgoing robot has no stream mode")
    made = new_id("simulated-")
    secret = new.secret if new.secret is not None else made if is_app else ""
    token = new.token if new.token is not None else "" if is_app else made
    keys = RobotKeys(secret=secret, token=token)
    robot = make_robot(
        state,
        new.name,
        keys,
        kind=new.kind,
        client_id=new.client_id or "",
        target=new.target,
        mode=new.mode,
    )
    return robot, keys


def _new_chat(state: State, new: NewChat) -> Chat:
    find(state.robots, new.robot, "robot")
    _check_members(state, new.kind, new.members)
    chat = Chat(
        id=new_id("cid"), kind=new.kind, robot=new.robot, members=new.members, title=new.title
    )
    return state.chats.put(chat.id, chat)


def _check_members(state: State, kind: ChatKind, members: tuple[str, ...]) -> None:
    if any(name not in state.people for name in members) or not members:
        raise ControlError("members: one of them does not exist, or there are none")
    if kind is ChatKind.PRIVATE and len(members) != 1:
        raise ControlError("members: a private chat has one")


class OpenThings(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of live sessions, tokens, media files and cards."""

    sessions: int
    tokens: int
    media: int
    cards: int
    unfinished_cards: int


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    origin: str
    started_at: int
    cursor: int
    people: list[Person]
    robots: list[Robot]
    rooms: list[Chat]
    switches: Switches
    failures: list[Failure]
    billing: Bill
    open: OpenThings
    bounds: Bounds
    notice: Notice


def snapshot(simulator: Simulator) -> Snapshot:
    state = simulator.state
    return Snapshot(
        origin=state.origin,
        started_at=state.started_at,
        cursor=state.events.cursor,
        people=list(state.people),
        robots=[robot_view(simulator, robot) for robot in state.robots],
        rooms=list(state.chats),
        switches=state.switches,
        failures=state.failures.all(),
        billing=state.billing.bill(),
        open=OpenThings(
            sessions=state.sessions.alive,
            tokens=state.tokens.alive,
            media=len(state.media),
            cards=len(state.cards),
            unfinished_cards=sum(card.is_unfinished for card in state.cards),
        ),
        bounds=state.bounds,
        notice=simulator.settings.notice,
    )


def robot_view(simulator: Simulator, robot: Robot) -> Robot:
    """The robot with its current number of connections."""
    stream = simulator.stream
    count = len(stream.connections(robot.client_id)) if stream and robot.client_id else 0
    return msgspec.structs.replace(robot, connections=count)
