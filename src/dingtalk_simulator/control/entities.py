"""Routes that show the state, and create and change people, robots and chats."""

from typing import Annotated

import msgspec
from litestar import Response, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from dingtalk_simulator.control.responses import Mistake, found, told, wanted
from dingtalk_simulator.entities import (
    Person,
    ReceiveMode,
    Robot,
    RobotKeys,
    RobotKind,
    Room,
    RoomKind,
)
from dingtalk_simulator.records import Bill
from dingtalk_simulator.simulator import Notice, Simulator
from dingtalk_simulator.state import Bounds, World, fresh_id, make_person, make_robot
from dingtalk_simulator.switches import Failure, Switches
from dingtalk_simulator.wire import HttpRequest

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Secret = Annotated[str, msgspec.Meta(max_length=256)]
Target = Annotated[str, msgspec.Meta(pattern=r"^(https?://[!-~]{1,2000})?$")]
Keywords = Annotated[tuple[Name, ...], msgspec.Meta(max_length=10)]
Members = Annotated[tuple[Name, ...], msgspec.Meta(max_length=500)]


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unknown fields are a mistake of the caller."""


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


class NewRoom(Request, frozen=True, kw_only=True):
    kind: RoomKind
    robot: Name
    members: Members
    title: Annotated[str, msgspec.Meta(max_length=100)] = ""


class RoomChange(Request, frozen=True, kw_only=True, omit_defaults=True):
    title: Annotated[str, msgspec.Meta(max_length=100)] | msgspec.UnsetType = msgspec.UNSET
    members: Members | msgspec.UnsetType = msgspec.UNSET
    is_disbanded: bool | msgspec.UnsetType = msgspec.UNSET
    has_robot: bool | msgspec.UnsetType = msgspec.UNSET


def inhabitant_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    """`/state`, `/people`, `/robots` and `/rooms`."""
    return [
        *_people_routes(simulator),
        *_robot_routes(simulator),
        *_room_routes(simulator),
    ]


def _people_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @get("/state")
    async def state() -> Response[bytes]:
        return told(snapshot(simulator))

    @post("/people", status_code=201)
    async def add_person(request: HttpRequest) -> Response[bytes]:
        new, world = await wanted(request, NewPerson), simulator.world
        if new.staff_id in world.people:
            raise Mistake("staff_id: there is somebody with this id", status=409)
        facts = {"is_external": new.is_external, "is_admin": new.is_admin}
        person = make_person(world, new.name, staff_id=new.staff_id or "", **facts)
        world.tell_change()
        return told(person, status=201)

    return [state, add_person]


def _robot_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @post("/robots", status_code=201)
    async def add_robot(request: HttpRequest) -> Response[bytes]:
        robot, keys = _made_robot(simulator.world, await wanted(request, NewRobot))
        simulator.world.tell_change()
        return told(msgspec.to_builtins(robot) | msgspec.to_builtins(keys), status=201)

    @patch("/robots/{name:str}")
    async def change_robot(name: FromPath[str], request: HttpRequest) -> Response[bytes]:
        world = simulator.world
        robot = found(world.robots, name, "robot")
        changes = msgspec.to_builtins(await wanted(request, RobotChange))
        changed = msgspec.convert(msgspec.to_builtins(robot) | changes, Robot)
        world.robots.put(robot.id, changed)
        world.tell_change()
        return told(shown_robot(simulator, changed))

    return [add_robot, change_robot]


def _room_routes(simulator: Simulator) -> list[HTTPRouteHandler]:
    @post("/rooms", status_code=201)
    async def add_room(request: HttpRequest) -> Response[bytes]:
        room = _made_room(simulator.world, await wanted(request, NewRoom))
        simulator.world.tell_change()
        return told(room, status=201)

    @patch("/rooms/{name:str}")
    async def change_room(name: FromPath[str], request: HttpRequest) -> Response[bytes]:
        world = simulator.world
        room = found(world.rooms, name, "room")
        changes = msgspec.to_builtins(await wanted(request, RoomChange))
        changed = msgspec.convert(msgspec.to_builtins(room) | changes, Room)
        _check_members(world, changed.kind, changed.members)
        world.rooms.put(room.id, changed)
        world.tell_change()
        return told(changed)

    return [add_room, change_room]


def _made_robot(world: World, new: NewRobot) -> tuple[Robot, RobotKeys]:
    if new.client_id in world.robots:
        raise Mistake("client_id: there is a robot with this id", status=409)
    is_app = new.kind is RobotKind.ENTERPRISE
    if not is_app and new.mode is ReceiveMode.STREAM:
        raise Mistake("mode: an outgoing robot has no stream mode")
    made = fresh_id("simulated-")
    secret = new.secret if new.secret is not None else made if is_app else ""
    token = new.token if new.token is not None else "" if is_app else made
    keys = RobotKeys(secret=secret, token=token)
    robot = make_robot(
        world,
        new.name,
        keys,
        kind=new.kind,
        client_id=new.client_id or "",
        target=new.target,
        mode=new.mode,
    )
    return robot, keys


def _made_room(world: World, new: NewRoom) -> Room:
    found(world.robots, new.robot, "robot")
    _check_members(world, new.kind, new.members)
    room = Room(
        id=fresh_id("cid"), kind=new.kind, robot=new.robot, members=new.members, title=new.title
    )
    return world.rooms.put(room.id, room)


def _check_members(world: World, kind: RoomKind, members: tuple[str, ...]) -> None:
    if any(name not in world.people for name in members) or not members:
        raise Mistake("members: there is somebody among them whom nobody knows, or nobody at all")
    if kind is RoomKind.PRIVATE and len(members) != 1:
        raise Mistake("members: a private room has one")


class OpenThings(msgspec.Struct, frozen=True, kw_only=True):
    """How much is alive."""

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
    rooms: list[Room]
    switches: Switches
    failures: list[Failure]
    billing: Bill
    open: OpenThings
    bounds: Bounds
    notice: Notice


def snapshot(simulator: Simulator) -> Snapshot:
    world = simulator.world
    return Snapshot(
        origin=world.origin,
        started_at=world.started_at,
        cursor=world.events.cursor,
        people=list(world.people),
        robots=[shown_robot(simulator, robot) for robot in world.robots],
        rooms=list(world.rooms),
        switches=world.switches,
        failures=world.failures.all(),
        billing=world.billing.bill(),
        open=OpenThings(
            sessions=world.sessions.alive,
            tokens=world.tokens.alive,
            media=len(world.media),
            cards=len(world.cards),
            unfinished_cards=sum(card.is_unfinished for card in world.cards),
        ),
        bounds=world.bounds,
        notice=simulator.settings.notice,
    )


def shown_robot(simulator: Simulator, robot: Robot) -> Robot:
    """The robot with the number of its connections at this moment."""
    stream = simulator.stream
    count = len(stream.connections(robot.client_id)) if stream and robot.client_id else 0
    return msgspec.structs.replace(robot, connections=count)
