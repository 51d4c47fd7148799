"""The life of a message: received, leased, refused or answered, delivered, given up."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

MAX_ATTEMPTS = 5
"""How often a message is begun before it is given up: one that kills the process must not do it for ever."""

MAX_MESSAGES_PER_SIGNATURE = 8
"""How many messages one header pair may vouch for: a signature covers its timestamp, not the body."""

LEASE = timedelta(seconds=30)
"""How long a worker may go without a sign of life before others take over its conversations."""

REFUSAL_PAUSE = timedelta(minutes=1)
"""A person who is turned away hears so at most this often in one conversation."""

LONGEST_PAUSE = timedelta(minutes=2)
"""Between two tries to deliver a reply."""

MAX_DELIVERIES = 60
"""How often the sending of one reply is tried while its address lives: about two hours."""


class State(Enum):
    """How far a message has come."""

    RECEIVED = "received"
    LEASED = "leased"
    REFUSED = "refused"
    ANSWERED = "answered"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(Enum):
    """What is still to be done about the reply to a message."""

    NONE = "none"
    """There is no reply yet, or none to be given."""
    PENDING = "pending"
    """It is stored and has to be sent."""
    WAITING = "waiting"
    """It could not be sent and goes out first thing when the person writes again."""
    DONE = "done"


DECIDED = frozenset({State.REFUSED, State.ANSWERED, State.FAILED})
"""The states in which it is settled what the person is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a message stands. Each method is one step of its life; a step that makes no sense raises."""

    state: State = State.RECEIVED
    delivery: Delivery = Delivery.NONE
    attempts: int = 0

    @property
    def is_open(self) -> bool:
        """Whether a worker still has something to do for it."""
        return self.state in {State.RECEIVED, State.LEASED} or self.delivery is Delivery.PENDING

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to be done for it, now or when the person writes again."""
        return not self.is_open and self.delivery is not Delivery.WAITING

    @property
    def is_exhausted(self) -> bool:
        """Whether it has been begun too often to be begun again."""
        return self.attempts > MAX_ATTEMPTS

    @property
    def is_last_attempt(self) -> bool:
        """Whether it is given up if the process dies once more."""
        return self.state is State.LEASED and self.attempts == MAX_ATTEMPTS

    def leased(self) -> "Progress":
        """A worker takes it. Where the reply is stored already only the sending is left."""
        if not self.is_open:
            raise StepOutOfOrder("a finished message cannot be leased")
        if self.state in DECIDED:
            return self
        return replace(self, state=State.LEASED, attempts=self.attempts + 1)

    def handed_back(self) -> "Progress":
        """The worker returns it unfinished, on purpose: the attempt does not count."""
        if self.state is not State.LEASED:
            return self
        return replace(self, state=State.RECEIVED, attempts=max(0, self.attempts - 1))

    def decided(self, state: State, *, with_reply: bool) -> "Progress":
        """It is settled what the person is told, which may be nothing."""
        if self.state is not State.LEASED or state not in DECIDED:
            raise StepOutOfOrder(f"{self.state.value} does not become {state.value}")
        return replace(
            self, state=state, delivery=Delivery.PENDING if with_reply else Delivery.NONE
        )

    def delivered(self) -> "Progress":
        if self.delivery not in {Delivery.PENDING, Delivery.WAITING}:
            raise StepOutOfOrder("there is no reply to deliver")
        state = State.DELIVERED if self.state is State.ANSWERED else self.state
        return replace(self, state=state, delivery=Delivery.DONE)

    def undelivered(self) -> "Progress":
        """The reply cannot be sent now and waits for the person to write again."""
        if self.delivery is not Delivery.PENDING:
            raise StepOutOfOrder("there is no reply to put aside")
        return replace(self, delivery=Delivery.WAITING)


class StepOutOfOrder(RuntimeError):  # noqa: N818 - a mistake in this program, never in its surroundings
    """Somebody asked for a step that this state does not allow."""


def may_refuse_aloud(last_refusal: datetime | None, now: datetime) -> bool:
    """Whether a refusal may be said again, or has been said just before."""
    return last_refusal is None or now - last_refusal >= REFUSAL_PAUSE


def pause_before_delivery(failures: int, asked_for: timedelta | None = None) -> timedelta:
    """How long to wait after so many failed tries (1 or more), unless DingTalk named a longer time."""
    doubling = timedelta(seconds=min(2 ** (failures - 1), LONGEST_PAUSE.total_seconds()))
    return max(doubling, asked_for or timedelta())
