"""Cards: what was created under an `outTrackId`, and how far its writing has come."""

from enum import StrEnum

import msgspec

TEXT_VARIABLES = ("msgContent", "content", "staticMsgContent")
MOST_GUIDS = 500


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
        held = "" if is_full else self.variables.get(key, "")
        self.variables = self.variables | {key: held + content}
        self.streamed_key = key
        self.updates += 1
        self.state = CardState.INPUTTING
        self._show()

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
        names = (self.streamed_key, *TEXT_VARIABLES)
        self.text = next((self.variables[name] for name in names if self.variables.get(name)), "")


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
    text: str
    updates: int
    created_at: int
    updated_at: int

    @classmethod
    def of(cls, card: Card) -> "CardView":
        return cls(**{name: getattr(card, name) for name in cls.__struct_fields__})
