"""Who may talk to the robot, and where; who is administrator, who is VIP."""

from dataclasses import dataclass
from enum import Enum

from domain.message import IncomingMessage, RoomKind, StaffId, UserKey, staff_key


class Refusal(Enum):
    """Why a message is turned away."""

    ROOM_KIND_CLOSED = "room_kind_closed"
    SENDER_DENIED = "sender_denied"
    GROUP_NOT_LISTED = "group_not_listed"
    OUTGOING_GROUP_NOT_LISTED = "outgoing_group_not_listed"
    SENDER_NOT_LISTED = "sender_not_listed"


@dataclass(frozen=True, slots=True)
class AllowList:
    """Who is let in. An empty list lets everyone in; who has no name is on no list."""

    names: frozenset[str] = frozenset()

    def admits(self, name: str | None) -> bool:
        return not self.names or name in self.names


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPolicy:
    """Decides in a fixed order, and the first that refuses wins.

    Chat type, deny list, group list (of the kind of robot that was addressed), user list.
    Administrators pass the group and user lists, not the two before.

    What a caller merely claims never opens anything: an outgoing robot is held to its list of groups whatever
    kind of chat its message names, and a staff id that no secret vouches for is on no list of users.
    """

    open_rooms: frozenset[RoomKind] = frozenset({RoomKind.PRIVATE, RoomKind.GROUP})
    denied_users: frozenset[StaffId] = frozenset()
    groups: AllowList = AllowList()
    outgoing_groups: AllowList = AllowList()
    users: AllowList = AllowList()
    admins: frozenset[StaffId] = frozenset()
    vips: frozenset[StaffId] = frozenset()

    def refusal_for(self, message: IncomingMessage) -> Refusal | None:
        """Why this message is turned away, or None if it may come in."""
        room, staff_id = message.room, message.sender.staff_id
        if room.kind not in self.open_rooms:
            return Refusal.ROOM_KIND_CLOSED
        if staff_id in self.denied_users:
            return Refusal.SENDER_DENIED
        if self.is_admin(message):
            return None
        if room.outgoing and not self.outgoing_groups.admits(room.id):
            return Refusal.OUTGOING_GROUP_NOT_LISTED
        if message.in_group and not room.outgoing and not self.groups.admits(room.id):
            return Refusal.GROUP_NOT_LISTED
        if not self.users.admits(staff_id if message.authentic else None):
            return Refusal.SENDER_NOT_LISTED
        return None

    def opens(self, kind: RoomKind) -> bool:
        """Whether any conversation of this kind is let in at all."""
        return kind in self.open_rooms

    def is_admin(self, message: IncomingMessage) -> bool:
        return message.authentic and message.sender.staff_id in self.admins

    def is_still_admin(self, user: UserKey) -> bool:
        """Whether who was administrator once, when asking for something, may go on using it.

        Who is denied may not, administrator or not: such a person could not ask for it again.
        """
        return user in {staff_key(one) for one in self.admins - self.denied_users}

    def is_unlimited(self, message: IncomingMessage) -> bool:
        """Whether the daily limit does not count for the author: a VIP or an administrator."""
        return message.authentic and message.sender.staff_id in self.vips | self.admins
