"""Questions with their answers: what each cost, and who may look at them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.failover import Attempt
from domain.inbox import State
from domain.message import Room, RoomKind, Sender, StaffId, UserKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question and what became of it. Words and names are masked before they get here.

    `day` is the day that its cost counts for. `picture` is the name of the picture that was drawn, or
    empty. `thought_tokens` are part of `answer_tokens`; None where the provider does not tell them.
    `attempts` are empty where the first provider answered at once.
    """

    day: date
    sender: Sender
    room: Room
    question: str
    answer: str
    picture: str = ""
    provider: str = ""
    model: str = ""
    prompt_tokens: int = 0
    answer_tokens: int = 0
    thought_tokens: int | None = None
    first_token_after: timedelta | None = None
    took: timedelta = timedelta()
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whose questions are kept, with the nickname of the newest one.

    `imported` tells that all that is known is a nickname in the predecessor's history.
    """

    key: UserKey
    nick: str
    staff_id: StaffId | None
    questions: int
    first_asked: datetime
    last_asked: datetime

    @property
    def imported(self) -> bool:
        return self.key.startswith(IMPORTED)

    @property
    def shown_key(self) -> str:
        """The key as it may be shown: an imported person's holds the nickname, which may be masked."""
        return IMPORTED + self.nick if self.imported else self.key


IMPORTED = "imported:"
"""Begins the key of a person who is known by nickname only: `imported:张三`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One question as it is kept. An imported one has no model, tokens or times."""

    id: int
    asked_at: datetime
    nick: str
    room_kind: RoomKind
    room_title: str
    state: State
    reason: str
    question: str
    answer: str
    picture: str
    provider: str
    model: str
    prompt_tokens: int
    answer_tokens: int
    first_token_after: timedelta | None
    took: timedelta
    thought_tokens: int | None = None
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """Some of a person's records, and how many there are in all."""

    records: tuple[Record, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLink:
    """The right to read one person's history, for a while, as long as who asked is administrator."""

    person: UserKey
    asked_by: UserKey
    expires_at: datetime
