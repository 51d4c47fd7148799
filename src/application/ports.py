"""All that the application needs from the outside world.

Each port is one conversation with one kind of outsider. An adapter satisfies a port by passing its
contract in `tests/contracts`, not by inheriting from it. Every port may raise `StorageFailed` (the SQL
ones) or what its docstring names, and nothing else.
"""

from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Protocol

from domain.conversation import Prompt, Session
from domain.history import Exchange
from domain.inbox import Progress, State
from domain.message import ConversationKey, IncomingMessage, UserKey
from domain.reply import ReplyPart, SendResult


class Clock(Protocol):
    def now(self) -> datetime:
        """This moment, with a zone."""
        ...

    async def sleep(self, pause: timedelta) -> None: ...


# The doorstep: storing what came in.


class Acceptance(Enum):
    """What became of a message at the doorstep."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    REPLAYED = "replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message as it came in, with what it was signed by."""

    message: IncomingMessage
    signed_at: int | None
    """The signature's timestamp in milliseconds: with the robot it names one header pair. None: unsigned."""


class Doorstep(Protocol):
    async def accept(self, arrival: Arrival) -> Acceptance:
        """Store a message durably. Returns after the commit, never before.

        STORED: it is new. DUPLICATE: this robot has had the message id before (also in parallel); nothing
        changed. REPLAYED: the header pair has vouched for as many other messages as one pair may; nothing
        was stored.

        Raises:
            StorageFailed: nothing is stored.
        """
        ...


# The inbox: who works on what.


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work on one conversation, of which this message is the oldest open one.

    `epoch` grows with each lease of the conversation, so that a worker that slept past its lease is known.
    """

    conversation: ConversationKey
    epoch: int
    message: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReply:
    """A reply that has been decided: its parts, of which the first `sent` are delivered."""

    parts: tuple[ReplyPart, ...]
    sent: int = 0
    failures: int = 0
    """Tries in a row that came to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingReply:
    """A reply to an earlier message of the conversation that could not be delivered then."""

    message: int
    reply: StoredReply


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A leased message with all that is known of its conversation."""

    lease: Lease
    message: IncomingMessage
    progress: Progress
    reply: StoredReply | None
    session: Session
    last_refusal: datetime | None
    waiting: tuple[WaitingReply, ...]
    has_newer: bool = False
    """Whether another open message of the conversation waits behind this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was decided about a message, all of it to be stored in one step.

    `state` is REFUSED, ANSWERED or FAILED; no `parts` means that the person hears nothing. `session`
    replaces the conversation's, None leaves it. `aloud` tells that a refusal was said, for the pause
    between refusals.
    """

    state: State
    reason: str
    parts: tuple[ReplyPart, ...] = ()
    session: Session | None = None
    exchange: Exchange | None = None
    aloud: bool = False

    @property
    def refund(self) -> bool:
        """Whether a charge for the message is given back: only an answer costs anything."""
        return self.state is not State.ANSWERED


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How much work is open, and since when."""

    messages: int
    oldest: datetime | None


class Inbox(Protocol):
    async def claim(self, *, capacity: int, per_user: int) -> tuple[Claim, ...]:
        """Lease up to `capacity` conversations with open work that is due, those due longest first.

        Of one user no more than `per_user` conversations are leased at a time. Within a conversation the
        messages come one at a time in the order of their acceptance. The attempt is counted.
        """
        ...

    async def renew(self, leases: Collection[Lease]) -> frozenset[Lease]:
        """Prolong leases; returns those that are lost."""
        ...

    async def hand_back(self, lease: Lease, *, until: datetime | None = None) -> None:
        """Return a message unfinished: the attempt does not count, and it is due at once, or then.

        Handing back a lost lease changes nothing and is no error.
        """
        ...

    async def recover(self) -> int:
        """Free every lease; returns how many. For the only process on a database, at its start."""
        ...

    async def backlog(self) -> Backlog: ...


class Outcomes(Protocol):
    """Each method is one transaction, and raises LeaseLost (changing nothing) if the lease is not held."""

    async def record(self, lease: Lease, outcome: Outcome) -> None:
        """Store what was decided; only once for a message. Without a reply the lease ends."""
        ...

    async def note_sent(self, lease: Lease, message: int, *, parts: int) -> None:
        """So many parts of the reply to `message` (of the leased conversation) are delivered."""
        ...

    async def settle(self, lease: Lease, message: int, *, delivered: bool) -> None:
        """The reply to `message` is delivered, or waits for the person to write again.

        If it is the leased message the lease ends and the next message of the conversation is due.
        """
        ...

    async def postpone(self, lease: Lease, *, until: datetime) -> None:
        """The work is to be taken up again then, and the lease ends; a reply counts one failure more."""
        ...


# The ledger: who asked how much.


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a person asked on a day, after a charge or without one."""

    used: int
    admitted: bool = True


class Ledger(Protocol):
    async def charge(self, lease: Lease, user: UserKey, day: date, *, limit: int | None) -> Use:
        """Charge one question to the day if that stays within the limit, in one atomic step.

        The charge belongs to the leased message for ever: a second call for it charges nothing and admits.

        Raises:
            LeaseLost: nothing was charged.
        """
        ...

    async def used(self, user: UserKey, day: date) -> int:
        """Questions charged and not given back."""
        ...


# Models.


class FinishReason(Enum):
    """Why a model stopped."""

    COMPLETE = "complete"
    LENGTH = "length"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The last thing a model's answer yields. Token counts are None where the provider tells none."""

    reason: FinishReason
    model: str
    prompt_tokens: int | None = None
    answer_tokens: int | None = None


class ChatModel(Protocol):
    def answer(self, prompt: Prompt) -> AsyncGenerator[str | Finish]:
        """Yield the answer piece by piece (no empty piece), then exactly one `Finish`.

        An answer without any piece raises ModelGaveNothing instead. Closing the iterator ends the call.

        Raises:
            ModelFailure: one of its kinds; pieces may have come before.
        """
        ...


class TokenCounter(Protocol):
    def count(self, text: str) -> int:
        """How many tokens the text has; exact for OpenAI's current models. Never touches the network."""
        ...


# Replies.


class Messenger(Protocol):
    def parts_of(self, text: str, message: IncomingMessage) -> tuple[ReplyPart, ...]:
        """A reply in Markdown to that message as the messages of DingTalk that carry it, at least one.

        The same text always gives the same parts.
        """
        ...

    async def send(self, part: ReplyPart, message: IncomingMessage, *, key: str) -> SendResult:
        """Deliver one part as an answer to a message. `key` is the same when the same part is tried again."""
        ...


class Pseudonyms(Protocol):
    def pseudonym_of(self, user: UserKey) -> str:
        """A name for the person that tells strangers nothing and is the same tomorrow."""
        ...
