"""People, robots, chats and cards."""

from enum import StrEnum

import msgspec

TEXT_VARIABLES = ("msgContent", "content", "markdown", "staticMsgContent")
MAX_GUIDS = 500
MAX_IGNORED = 20
LAYOUT_VARIABLES = frozenset({"flowStatus", "config", "autoLayout", "sys_full_json_obj"})
"""Variables that robots set for every template."""

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
"""Public templates with the variables that they show."""


class RobotKind(StrEnum):
    ENTERPRISE = "enterprise"
    OUTGOING = "outgoing"


class ReceiveMode(StrEnum):
    """How a robot receives messages."""

    HTTP = "http"
    STREAM = "stream"


class ChatKind(StrEnum):
    PRIVATE = "private"
    GROUP = "group"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A person. `staff_id` is empty for people outside the robot's organisation."""

    id: str
    name: str
    staff_id: str
    sender_id: str
    is_external: bool = False
    is_admin: bool = False


class Robot(msgspec.Struct, frozen=True, kw_only=True):
    """The public facts of a robot; its keys are kept separately."""

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
    """The secret for signatures, and the token of a custom robot."""

    secret: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return "RobotKeys(…)"


class Chat(msgspec.Struct, frozen=True, kw_only=True):
    """A chat of one robot with one person or a group. Its id is the `conversationId`."""

    id: str
    kind: ChatKind
    robot: str
    members: tuple[str, ...]
    title: str = ""
    is_disbanded: bool = False
    has_robot: bool = True


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
"""Values of `flowStatus` that the official SDK writes."""

ENDED = frozenset({CardState.FINISHED, CardState.FAILED})


class Card(msgspec.Struct, kw_only=True):
    id: str
    template: str
    robot: str
    variables: dict[str, str]
    described: frozenset[str] = frozenset()
    """The variables of the template if they are known; if empty, those that the robot sets."""
    ignored_keys: list[str] = msgspec.field(default_factory=list)
    """Streamed keys that the template has no variable for."""
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
        """Replace all variables, or only those with the same names."""
        self.variables = (self.variables | variables) if by_key else dict(variables)
        if (state := FLOW_STATUS.get(variables.get("flowStatus", ""))) and not self.is_finalized:
            self.state = state if self.state is not CardState.CREATED else self.state
        self._show()

    def stream(self, key: str, content: str, *, is_full: bool) -> None:
        """Write a variable: replace its content, or append to it."""
        self.updates += 1
        self.state = CardState.INPUTTING
        if not self.has_variable(key):
            # DingTalk accepts the update and shows nothing of it.
            others = [one for one in self.ignored_keys if one != key]
            self.ignored_keys = [*others, key][-MAX_IGNORED:]
            return
        held = "" if is_full else self.variables.get(key, "")
        self.variables = self.variables | {key: held + content}
        self.streamed_key = key
        self._show()

    def has_variable(self, key: str) -> bool:
        """Whether the template shows this variable, as far as it is known."""
        if self.described:
            return key in self.described
        own = self.variables.keys() - LAYOUT_VARIABLES
        return not own or key in own

    def finalize(self, *, is_error: bool) -> None:
        """End the streaming."""
        self.is_finalized = True
        self.state = CardState.FAILED if is_error else CardState.FINISHED

    def deliver(self, chat: str, message: str) -> None:
        self.room, self.message = chat, message
        self.state = FLOW_STATUS.get(self.variables.get("flowStatus", ""), CardState.PROCESSING)
        self._show()

    def has_seen(self, guid: str) -> bool:
        """Whether the `guid` is a repetition; a new one is remembered."""
        if guid in self.guids:
            return True
        self.guids = [*self.guids[1 - MAX_GUIDS :], guid]
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
