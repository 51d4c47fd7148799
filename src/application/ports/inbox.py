"""The inbox: who works on what, and what was decided."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.conversation import Session
from domain.history import Exchange
from domain.inbox import Progress, State
from domain.message import ConversationKey, IncomingMessage
from domain.reply import ReplyPart


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
        """At the start of a process: free the leases of the dead, if nobody living can have any.

        Returns how many. Where other processes share the inbox, leases end by themselves after `LEASE`.
        """
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
