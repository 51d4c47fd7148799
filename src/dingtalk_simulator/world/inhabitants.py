"""People, robots, and the rooms where they meet."""

from enum import StrEnum

import msgspec


class RobotKind(StrEnum):
    ENTERPRISE = "enterprise"
    OUTGOING = "outgoing"


class ReceiveMode(StrEnum):
    """How a robot gets its messages; an app is set to one of them."""

    HTTP = "http"
    STREAM = "stream"


class RoomKind(StrEnum):
    PRIVATE = "private"
    GROUP = "group"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who writes. `staff_id` is empty for people who are not of the robot's organisation."""

    id: str
    name: str
    staff_id: str
    sender_id: str
    is_external: bool = False
    is_admin: bool = False


class Robot(msgspec.Struct, frozen=True, kw_only=True):
    """A robot as everybody may see it; its keys are kept apart."""

    id: str
    kind: RobotKind
    name: str
    robot_code: str
    client_id: str
    user_id: str
    mode: ReceiveMode = ReceiveMode.HTTP
    target: str = ""
    is_disabled: bool = False
    keywords: tuple[str, ...] = ()
    connections: int = 0


class RobotKeys(msgspec.Struct, frozen=True, kw_only=True):
    """What a robot must not tell: the secret that signs, and a custom robot's token in both directions."""

    secret: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return "RobotKeys(…)"


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation of one robot with one person, or with a group. Its id is the `conversationId`."""

    id: str
    kind: RoomKind
    robot: str
    members: tuple[str, ...]
    title: str = ""
    is_disbanded: bool = False
    has_robot: bool = True
