"""The state of the simulated DingTalk, in memory and bounded, and its seed."""

import time
from collections.abc import Callable
from uuid import uuid4

import msgspec

from dingtalk_simulator.entities import (
    Card,
    CardView,
    Person,
    ReceiveMode,
    Robot,
    RobotKeys,
    RobotKind,
    Room,
    RoomKind,
)
from dingtalk_simulator.media import Media, Medium
from dingtalk_simulator.records import Attachment, Billing, Call, EventFeed, Message
from dingtalk_simulator.stores import AccessTokens, RateLimits, Session, Sessions, Shelf
from dingtalk_simulator.switches import Failures, Switches

MOST_INHABITANTS = 1000
"""Of people, of robots, and of rooms each."""

MOST_ROUTES = 200
MOST_FRAMES = 50


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How many of everything are kept; the oldest go first."""

    messages: int = 2000
    calls: int = 2000
    events: int = 1000
    cards: int = 500
    media: int = 200
    sessions: int = 5000


def milliseconds_now() -> int:
    return time.time_ns() // 1_000_000


def fresh_id(kind: str) -> str:
    """An id that looks like DingTalk's: `cid…==` for rooms, `msg…==` for messages."""
    return f"{kind}{uuid4().hex[:22]}=="


class World:
    """One organisation and its robots. `origin` is where robots reach this DingTalk."""

    def __init__(
        self,
        *,
        origin: str = "",
        bounds: Bounds | None = None,
        switches: Switches | None = None,
        now: Callable[[], int] = milliseconds_now,
    ) -> None:
        self.origin = origin
        self.bounds = bounds or Bounds()
        self.now = now
        self.corp_id, self.started_at = f"ding{uuid4().hex[:20]}", now()
        self.people: Shelf[str, Person] = Shelf(MOST_INHABITANTS)
        self.robots: Shelf[str, Robot] = Shelf(MOST_INHABITANTS)
        self.keys: Shelf[str, RobotKeys] = Shelf(MOST_INHABITANTS)
        self.rooms: Shelf[str, Room] = Shelf(MOST_INHABITANTS)
        self.messages: Shelf[str, Message] = Shelf(self.bounds.messages)
        self.bodies: Shelf[str, dict[str, object]] = Shelf(self.bounds.messages)
        self.calls: Shelf[int, Call] = Shelf(self.bounds.calls)
        self.cards: Shelf[str, Card] = Shelf(self.bounds.cards)
        self.card_routes: Shelf[str, tuple[str, str]] = Shelf(MOST_ROUTES)
        self.rate_limits = RateLimits(now)
        self.media = Media(now, self.bounds.media)
        self.sessions = Sessions(now, self.bounds.sessions)
        self.tokens = AccessTokens(now)
        self.events = EventFeed(self.bounds.events)
        self.failures = Failures()
        self.billing = Billing()
        self.switches = self._first_switches = switches or Switches()
        self._numbers = {"message": 0, "call": 0}

    def reset(self) -> None:
        """Forget everything but who listens; numbers go on, so that no cursor ever lies."""
        fresh = World(
            origin=self.origin, bounds=self.bounds, switches=self._first_switches, now=self.now
        )
        kept = {"events": self.events, "_numbers": self._numbers}
        self.__dict__.update(fresh.__dict__ | kept)
        self.events.tell("reset", {})

    def _next(self, kind: str) -> int:
        self._numbers[kind] += 1
        return self._numbers[kind]

    def post(self, message: Message) -> Message:
        """Put it into its room; everybody who listens hears it."""
        message.sequence = self._next("message")
        message.at = message.at or self.now()
        self.messages.put(message.id, message)
        self.events.tell("message", message)
        return message

    def record(self, call: Call) -> Call:
        """Keep an exchange, with the message it belongs to if there is one."""
        call.id = self._next("call")
        self.calls.put(call.id, call)
        message = self.messages.get(call.message) if call.message else None
        if message is not None:
            message.frames = [*message.frames, call][-MOST_FRAMES:]
        self.events.tell("call", call.outline())
        return call

    def tell_answer(self, call: Call) -> None:
        """A call that was recorded before its answer came has it now, or has none in time."""
        if call.id in self.calls:
            self.events.tell("call", call.outline())

    def tell_delivery(self, message: Message) -> None:
        self.events.tell("delivery", message)

    def tell_card(self, card: Card) -> None:
        card.updated_at = self.now()
        self.events.tell("card", CardView.of(card))

    def put_switches_back(self) -> None:
        self.switches = self._first_switches

    def tell_change(self) -> None:
        self.events.tell("world", {})

    def room_messages(self, room: str, *, after: int, limit: int) -> list[Message]:
        """Those of a room behind that sequence number, oldest first."""
        found = [one for one in self.messages if one.room == room and one.sequence > after]
        return found[:limit]

    def calls_after(self, after: int, *, limit: int, endpoint: str = "") -> list[Call]:
        found = [call for call in self.calls if call.id > after and endpoint in {"", call.endpoint}]
        return found[:limit]

    def robot_of_client(self, client_id: str) -> Robot | None:
        return next((one for one in self.robots if one.client_id == client_id != ""), None)

    def person_of_staff_id(self, staff_id: str) -> Person | None:
        return next((one for one in self.people if one.staff_id == staff_id != ""), None)

    def private_room(self, person: Person, robot: Robot) -> Room:
        """Where that person and that robot talk alone; made if it is not there yet."""
        for room in self.rooms:
            is_theirs = room.robot == robot.id and room.members == (person.id,)
            if room.kind is RoomKind.PRIVATE and is_theirs:
                return room
        room = Room(id=fresh_id("cid"), kind=RoomKind.PRIVATE, robot=robot.id, members=(person.id,))
        self.tell_change()
        return self.rooms.put(room.id, room)

    def webhook_of(self, session: Session) -> str:
        return f"{self.origin}/robot/sendBySession?session={session.id}"

    def attachment(self, medium: Medium) -> Attachment:
        return Attachment(
            id=medium.id,
            media_id=medium.media_id,
            content_type=medium.content_type,
            file_name=medium.file_name,
            url=f"/_simulator/media/{medium.id}",
        )

    def without_secrets(self, text: str) -> str:
        """The text with every robot's keys blotted out."""
        for keys in self.keys:
            for one in (keys.secret, keys.token):
                if len(one) > 3:  # noqa: PLR2004 - shorter ones are no secret, and would blot out words
                    text = text.replace(one, "***")
        return text


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
