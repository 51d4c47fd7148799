"""Who is there at the start: three colleagues, somebody from outside, a robot and a group."""

from uuid import uuid4

from dingtalk_simulator.world.inhabitants import (
    Person,
    ReceiveMode,
    Robot,
    RobotKeys,
    RobotKind,
    Room,
    RoomKind,
)
from dingtalk_simulator.world.world import World, fresh_id

COLLEAGUES = (("王小明", "manager1001"), ("李静", "user1002"), ("赵磊", "user1003"))
STRANGER = "陈外部"
GROUP = "项目讨论群"
ROBOT = "小助手"


def dingtalk_id() -> str:
    """An encrypted id as DingTalk gives them out; it addresses nobody."""
    return f"$:LWCP_v1:${uuid4().hex}"


def make_person(
    world: World,
    name: str,
    *,
    staff_id: str = "",
    is_external: bool = False,
    is_admin: bool = False,
) -> Person:
    known = staff_id or f"user{uuid4().hex[:8]}"
    person = Person(
        id=f"ext-{uuid4().hex[:8]}" if is_external else known,
        name=name,
        staff_id="" if is_external else known,
        sender_id=dingtalk_id(),
        is_external=is_external,
        is_admin=is_admin,
    )
    return world.people.put(person.id, person)


def make_robot(  # noqa: PLR0913 - what a robot consists of
    world: World,
    name: str,
    keys: RobotKeys,
    *,
    kind: RobotKind = RobotKind.ENTERPRISE,
    client_id: str = "",
    target: str = "",
    mode: ReceiveMode = ReceiveMode.HTTP,
) -> Robot:
    """A robot with its keys. A custom group robot has no client id, and `normal` for a robot code."""
    is_app = kind is RobotKind.ENTERPRISE
    client = (client_id or f"ding{uuid4().hex[:16]}") if is_app else ""
    robot = Robot(
        id=client or f"custom-{uuid4().hex[:8]}",
        kind=kind,
        name=name,
        robot_code=client if is_app else "normal",
        client_id=client,
        user_id=dingtalk_id(),
        target=target,
        mode=mode,
    )
    world.keys.put(robot.id, keys)
    return world.robots.put(robot.id, robot)


def make_group(world: World, title: str, robot: Robot, *people: Person) -> Room:
    members = tuple(person.id for person in people)
    room = Room(
        id=fresh_id("cid"), kind=RoomKind.GROUP, robot=robot.id, members=members, title=title
    )
    return world.rooms.put(room.id, room)


def sow(
    world: World, *, client_id: str, secret: str, target: str, mode: ReceiveMode = ReceiveMode.HTTP
) -> Robot:
    """The usual inhabitants, with a robot of that client id and secret."""
    keys = RobotKeys(secret=secret)
    robot = make_robot(world, ROBOT, keys, client_id=client_id, target=target, mode=mode)
    colleagues = [
        make_person(world, name, staff_id=staff_id, is_admin=staff_id == "manager1001")
        for name, staff_id in COLLEAGUES
    ]
    for colleague in colleagues:
        world.private_room(colleague, robot)
    stranger = make_person(world, STRANGER, is_external=True)
    make_group(world, GROUP, robot, *colleagues, stranger)
    return robot
