"""People, robots, the chats where they meet, and cards."""

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


TEXT_VARIABLES = ("msgContent", "content", "markdown", "staticMsgContent")
MOST_GUIDS = 500
MOST_IGNORED = 20

LAYOUT_VARIABLES = frozenset({"flowStatus", "config", "autoLayout", "sys_full_json_obj"})
"""Set by every robot, whatever its template shows."""

PUBLIC_TEMPLATES: dict[str, frozenset[str]] = {
    "382e4302-551d-4880-bf29-a30acfab2e71.schema": frozenset(
        {
            *("msgContent", "staticMsgContent", "msgTitle", "logo"),
            *("msgButtons", "msgImages", "msgTextList"),
        }
    ),
    "02fcf2f4-5e02-4a85-b672-46d1f715543e.schema": frozenset({"msgContent", "staticMsgContent"}),
    "675cde2f-f526-40cb-b828-f5b2b57b8b77.schema": frozenset(
        {"content", "blockList", "statusLine", "hasAction", "stop_action", "copy_content"}
    ),
    "d70f026e-7148-4479-b089-8dcf60289b9d.schema": frozenset({"content"}),
    "589420e2-c1e2-46ef-a5ed-b8728e654da9.schema": frozenset({"markdown", "title", "logo"}),
}
"""Templates that any organisation may use, with the variables that they show."""


class CardState(StrEnum):
    """Source: DingTalk, "ai-card-template"."""

    CREATED = "created"
    PROCESSING = "processing"
    INPUTTING = "inputting"
    FINISHED = "finished"
    FAILED = "failed"


FLOW_STATUS = {
    "1": CardState.PROCESSING,
    "2": CardState.INPUTTING,
    "3": CardState.FINISHED,
    "4": CardState.INPUTTING,
    "5": CardState.FAILED,
}
"""What the official SDK writes into a variable of its templates."""

ENDED = frozenset({CardState.FINISHED, CardState.FAILED})


class Card(msgspec.Struct, kw_only=True):
    id: str
    template: str
    robot: str
    variables: dict[str, str]
    described: frozenset[str] = frozenset()
    """The template's variables where they are known; empty where the robot's own count."""
    ignored_keys: list[str] = msgspec.field(default_factory=list)
    """Streamed into, and shown by nothing: the template has no such variable."""
    callback_type: str = ""
    callback_route_key: str = ""
    state: CardState = CardState.CREATED
    room: str | None = None
    message: str | None = None
    streamed_key: str = ""
    text: str = ""
    updates: int = 0
    created_at: int = 0
    updated_at: int = 0
    is_finalized: bool = False
    guids: list[str] = msgspec.field(default_factory=list)

    @property
    def is_unfinished(self) -> bool:
        return self.state in {CardState.PROCESSING, CardState.INPUTTING}

    def set_variables(self, variables: dict[str, str], *, by_key: bool) -> None:
        """Put these in the place of all, or of those with the same names."""
        self.variables = (self.variables | variables) if by_key else dict(variables)
        if (state := FLOW_STATUS.get(variables.get("flowStatus", ""))) and not self.is_finalized:
            self.state = state if self.state is not CardState.CREATED else self.state
        self._show()

    def stream(self, key: str, content: str, *, is_full: bool) -> None:
        """Write into a variable: all of it anew, or behind what it holds."""
        self.updates += 1
        self.state = CardState.INPUTTING
        if not self.has_variable(key):
            # DingTalk takes the update, and the card goes on as if there had been words.
            others = [one for one in self.ignored_keys if one != key]
            self.ignored_keys = [*others, key][-MOST_IGNORED:]
            return
        held = "" if is_full else self.variables.get(key, "")
        self.variables = self.variables | {key: held + content}
        self.streamed_key = key
        self._show()

    def has_variable(self, key: str) -> bool:
        """Whether the template shows this variable, as far as anybody can know."""
        if self.described:
            return key in self.described
        own = self.variables.keys() - LAYOUT_VARIABLES
        return not own or key in own

    def finalize(self, *, is_error: bool) -> None:
        """No more streaming."""
        self.is_finalized = True
        self.state = CardState.FAILED if is_error else CardState.FINISHED

    def deliver(self, room: str, message: str) -> None:
        self.room, self.message = room, message
        self.state = FLOW_STATUS.get(self.variables.get("flowStatus", ""), CardState.PROCESSING)
        self._show()

    def has_seen(self, guid: str) -> bool:
        """Whether that request came before; from now on it did."""
        if guid in self.guids:
            return True
        self.guids = [*self.guids[1 - MOST_GUIDS :], guid]
        return False

    def _show(self) -> None:
        shown = [one for one in (self.streamed_key, *TEXT_VARIABLES) if self.has_variable(one)]
        self.text = next((self.variables[name] for name in shown if self.variables.get(name)), "")


class CardView(msgspec.Struct, frozen=True, kw_only=True):
    """A card as the control API shows it."""

    id: str
    template: str
    state: CardState
    room: str | None
    message: str | None
    robot: str
    variables: dict[str, str]
    streamed_key: str
    ignored_keys: list[str]
    text: str
    updates: int
    created_at: int
    updated_at: int

    @classmethod
    def of(cls, card: Card) -> "CardView":
        return cls(**{name: getattr(card, name) for name in cls.__struct_fields__})
