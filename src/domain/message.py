"""Who said what, where, and where an answer goes."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NewType

RobotId = NewType("RobotId", str)
"""Which robot was addressed: told by the secret that verified the callback, not by its body."""

StaffId = NewType("StaffId", str)
"""A member of the organisation; DingTalk calls it staffId or userId."""

GroupId = NewType("GroupId", str)
"""A conversation of DingTalk (`conversationId`, `cid…`), of a group or of a private chat."""

UserKey = NewType("UserKey", str)
"""One person, for quotas and contexts: never the nickname, which people choose themselves."""

ConversationKey = NewType("ConversationKey", str)
"""One conversation: a robot, a DingTalk conversation and a person in it."""


class RoomKind(Enum):
    PRIVATE = "private"
    GROUP = "group"
    UNKNOWN = "unknown"


class ContentKind(Enum):
    """What was sent. Only the first three can carry a question.

    The last two are no message of a person: DingTalk reports that it kept the content back, because the
    monthly allowance of messages is used up, or for another reason.
    """

    TEXT = "text"
    RICH_TEXT = "rich_text"
    VOICE = "voice"
    PICTURE = "picture"
    VIDEO = "video"
    FILE = "file"
    OTHER = "other"
    ALLOWANCE_USED_UP = "allowance_used_up"
    KEPT_BACK = "kept_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The author of a message. Outgoing robots and external people bring no staff id."""

    staff_id: StaffId | None
    sender_id: str
    nick: str

    @property
    def key(self) -> UserKey:
        if self.staff_id is not None:
            return staff_key(self.staff_id)
        return UserKey(f"sender:{self.sender_id}")


def staff_key(staff_id: StaffId) -> UserKey:
    """What a member of the organisation is known by, wherever a message of theirs comes from."""
    return UserKey(f"staff:{staff_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Where a message was said. `outgoing` is true where a custom group robot listens."""

    kind: RoomKind
    id: GroupId
    title: str = ""
    outgoing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a message says; `text` is None where there is nothing to read.

    `has_unseen_picture`: a picture that nobody looks at stands beside the words, or in what is quoted.
    """

    kind: ContentKind
    text: str | None
    quoted: str = ""
    has_unseen_picture: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """The address that came with a message and takes replies until it expires."""

    url: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMessage:
    """One message to one robot. `(robot, id)` never names two messages."""

    robot: RobotId
    id: str
    sender: Sender
    room: Room
    content: Content
    webhook: Webhook
    received_at: datetime
    authentic: bool
    """False where no secret vouches for the message: its sender then has no privileges."""

    @property
    def conversation(self) -> ConversationKey:
        return ConversationKey(f"{self.robot}\n{self.room.id}\n{self.sender.key}")

    @property
    def in_group(self) -> bool:
        return self.room.kind is RoomKind.GROUP
