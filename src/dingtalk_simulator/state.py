"""The state of the simulated DingTalk, in memory and bounded, and its seed."""

import time
from collections.abc import Callable
from uuid import uuid4

import msgspec

from dingtalk_simulator.entities import (
    Card,
    CardView,
    Chat,
    ChatKind,
    Person,
    ReceiveMode,
    Robot,
    RobotKeys,
    RobotKind,
)
from dingtalk_simulator.media import Media, Medium
from dingtalk_simulator.records import Attachment, Billing, Call, EventFeed, Message
from dingtalk_simulator.stores import AccessTokens, BoundedDict, RateLimits, Session, Sessions
from dingtalk_simulator.switches import Failures, Switches

MAX_ENTITIES = 1000
"""The limit of people, of robots and of chats."""

MAX_ROUTES = 200
MAX_FRAMES = 50

COLLEAGUES = (("王小明", "manager1001"), ("李静", "user1002"), ("赵磊", "user1003"))
STRANGER = "陈外部"
GROUP = "项目讨论群"
ROBOT = "小助手"


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How many items are kept; the oldest are dropped first."""

    messages: int = 2000
    calls: int = 2000
    events: int = 1000
    cards: int = 500
    media: int = 200
    sessions: int = 5000


def milliseconds_now() -> int:
    return time.time_ns() // 1_000_000


def new_id(kind: str) -> str:
    """An id in DingTalk's format: `cid…==` for chats, `msg…==` for messages."""
    return f"{kind}{uuid4().hex[:22]}=="


class State:
    """One organisation and its robots. `origin` is the address for robots."""

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
        self.people: BoundedDict[str, Person] = BoundedDict(MAX_ENTITIES)
        self.robots: BoundedDict[str, Robot] = BoundedDict(MAX_ENTITIES)
        self.keys: BoundedDict[str, RobotKeys] = BoundedDict(MAX_ENTITIES)
        self.chats: BoundedDict[str, Chat] = BoundedDict(MAX_ENTITIES)
        self.messages: BoundedDict[str, Message] = BoundedDict(self.bounds.messages)
        self.bodies: BoundedDict[str, dict[str, object]] = BoundedDict(self.bounds.messages)
        self.calls: BoundedDict[int, Call] = BoundedDict(self.bounds.calls)
        self.cards: BoundedDict[str, Card] = BoundedDict(self.bounds.cards)
        self.card_routes: BoundedDict[str, tuple[str, str]] = BoundedDict(MAX_ROUTES)
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
        """Restore the initial state, except subscriptions and numbers, so that cursors stay valid."""
        fresh = State(
            origin=self.origin, bounds=self.bounds, switches=self._first_switches, now=self.now
        )
        kept = {"events": self.events, "_numbers": self._numbers}
        self.__dict__.update(fresh.__dict__ | kept)
        self.events.emit("reset", {})

    def _next(self, kind: str) -> int:
        self._numbers[kind] += 1
        return self._numbers[kind]

    def post(self, message: Message) -> Message:
        """Add a message to its chat and emit an event."""
        message.sequence = self._next("message")
        message.at = message.at or self.now()
        self.messages.put(message.id, message)
        self.events.emit("message", message)
        return message

    def record(self, call: Call) -> Call:
        """Record a call, also in the message that it belongs to."""
        call.id = self._next("call")
        self.calls.put(call.id, call)
        message = self.messages.get(call.message) if call.message else None
        if message is not None:
            message.frames = [*message.frames, call][-MAX_FRAMES:]
        self.events.emit("call", call.outline())
        return call

    def emit_answer(self, call: Call) -> None:
        """Emit a recorded call again, with its late answer or its timeout."""
        if call.id in self.calls:
            self.events.emit("call", call.outline())

    def emit_delivery(self, message: Message) -> None:
        self.events.emit("delivery", message)

    def emit_card(self, card: Card) -> None:
        card.updated_at = self.now()
        self.events.emit("card", CardView.of(card))

    def reset_switches(self) -> None:
        self.switches = self._first_switches

    def emit_change(self) -> None:
        self.events.emit("world", {})

    def messages_in(self, chat: str, *, after: int, limit: int) -> list[Message]:
        """The messages of a chat after that sequence number, oldest first."""
        found = [one for one in self.messages if one.room == chat and one.sequence > after]
        return found[:limit]

    def calls_after(self, after: int, *, limit: int, endpoint: str = "") -> list[Call]:
        found = [call for call in self.calls if call.id > after and endpoint in {"", call.endpoint}]
        return found[:limit]

    def robot_of_client(self, client_id: str) -> Robot | None:
        return next((one for one in self.robots if one.client_id == client_id != ""), None)

    def person_of_staff_id(self, staff_id: str) -> Person | None:
        return next((one for one in self.people if one.staff_id == staff_id != ""), None)

    def private_chat(self, person: Person, robot: Robot) -> Chat:
        """The private chat of the person and the robot; created if it does not exist."""
        for chat in self.chats:
            is_theirs = chat.robot == robot.id and chat.members == (person.id,)
            if chat.kind is ChatKind.PRIVATE and is_theirs:
                return chat
        chat = Chat(id=new_id("cid"), kind=ChatKind.PRIVATE, robot=robot.id, members=(person.id,))
        self.emit_change()
        return self.chats.put(chat.id, chat)

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
        """The text with the keys of all robots redacted."""
        for keys in self.keys:
            for one in (keys.secret, keys.token):
                if len(one) > 3:  # noqa: PLR2004 - shorter ones are no secret, and would blot out words
                    text = text.replace(one, "***")
        return text


def new_dingtalk_id() -> str:
    """A random id in the format of DingTalk's encrypted ids."""
    return f"$:LWCP_v1:${uuid4().hex}"


def make_person(
    state: State,
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
        sender_id=new_dingtalk_id(),
        is_external=is_external,
        is_admin=is_admin,
    )
    return state.people.put(person.id, person)


def make_robot(  # noqa: PLR0913 - what a robot consists of
    state: State,
    name: str,
    keys: RobotKeys,
    *,
    kind: RobotKind = RobotKind.ENTERPRISE,
    client_id: str = "",
    target: str = "",
    mode: ReceiveMode = ReceiveMode.HTTP,
) -> Robot:
    """Create a robot. A custom group robot has no client id, and the robot code `normal`."""
    is_app = kind is RobotKind.ENTERPRISE
    client = (client_id or f"ding{uuid4().hex[:16]}") if is_app else ""
    robot = Robot(
        id=client or f"custom-{uuid4().hex[:8]}",
        kind=kind,
        name=name,
        robot_code=client if is_app else "normal",
        client_id=client,
        user_id=new_dingtalk_id(),
        target=target,
        mode=mode,
    )
    state.keys.put(robot.id, keys)
    return state.robots.put(robot.id, robot)


def make_group(state: State, title: str, robot: Robot, *people: Person) -> Chat:
    members = tuple(person.id for person in people)
    chat = Chat(id=new_id("cid"), kind=ChatKind.GROUP, robot=robot.id, members=members, title=title)
    return state.chats.put(chat.id, chat)


def seed(
    state: State, *, client_id: str, secret: str, target: str, mode: ReceiveMode = ReceiveMode.HTTP
) -> Robot:
    """Add the initial people, robot and chats."""
    keys = RobotKeys(secret=secret)
    robot = make_robot(state, ROBOT, keys, client_id=client_id, target=target, mode=mode)
    colleagues = [
        make_person(state, name, staff_id=staff_id, is_admin=staff_id == "manager1001")
        for name, staff_id in COLLEAGUES
    ]
    for colleague in colleagues:
        state.private_chat(colleague, robot)
    stranger = make_person(state, STRANGER, is_external=True)
    make_group(state, GROUP, robot, *colleagues, stranger)
    return robot
