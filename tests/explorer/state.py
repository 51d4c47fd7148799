"""What the world looks like at one moment: the database, the workers, and what people and models saw."""

from enum import Enum
from typing import Any, NamedTuple, TypeVar

from domain.inbox import Progress

T = TypeVar("T")


class Lease(Enum):
    FREE = "free"
    HELD = "held"
    ENDED = "ended"
    """Its time is over, and nobody has taken the conversation since."""


class Step(Enum):
    """What a worker does next for the message it has in hand."""

    CHARGE = "charge"
    ASK = "ask"
    RECORD = "record"
    REFUSE = "refuse"
    GIVE_UP = "give up"
    SEND = "send"
    SETTLE = "settle"


class Message(NamedTuple):
    """A message's row, its charge, and what has happened outside for its sake."""

    lane: int
    number: int | None = None
    """The order in which it was stored; None before."""
    progress: Progress = Progress()
    charges: int = 0
    refunds: int = 0
    asked: int = 0
    sent: int = 0
    faults: int = 0
    """Crashes and ended leases that hit somebody who worked on it."""

    @property
    def is_stored(self) -> bool:
        return self.number is not None

    @property
    def is_open(self) -> bool:
        return self.is_stored and self.progress.is_open


class Lane(NamedTuple):
    """A conversation's row."""

    lease: Lease = Lease.FREE


class Worker(NamedTuple):
    """What a worker believes; it may have slept since it learned it."""

    message: int
    step: Step
    is_current: bool = True
    """Whether the epoch of its lease is still that of the conversation: only this matters of the number."""


class World(NamedTuple):
    messages: tuple[Message, ...]
    lanes: tuple[Lane, ...]
    workers: tuple[Worker | None, ...]
    used: int = 0
    """The count of the one person who asks everything."""
    crashes: int = 0
    pauses: int = 0
    """How many of each are still to come at most."""

    def with_message(self, index: int, **changes: Any) -> "World":  # noqa: ANN401 - fields of several types
        changed = self.messages[index]._replace(**changes)
        return self._replace(messages=_at(self.messages, index, changed))

    def with_lane(self, index: int, **changes: Any) -> "World":  # noqa: ANN401 - fields of several types
        changed = self.lanes[index]._replace(**changes)
        return self._replace(lanes=_at(self.lanes, index, changed))

    def with_worker(self, index: int, worker: Worker | None) -> "World":
        return self._replace(workers=_at(self.workers, index, worker))

    def lane_of(self, worker: Worker) -> int:
        return self.messages[worker.message].lane

    def holds(self, worker: Worker) -> bool:
        """Whether its lease is the last one of the conversation and was not given back."""
        return worker.is_current and self.lanes[self.lane_of(worker)].lease is not Lease.FREE

    def with_new_epoch(self, lane: int) -> "World":
        """Whoever had a lease on the conversation has an old one now."""
        workers = tuple(
            one._replace(is_current=False) if one and self.lane_of(one) == lane else one
            for one in self.workers
        )
        return self._replace(workers=workers)

    def seen_alike(self) -> "World":
        """The same with the workers in one order: who is who makes no difference."""
        return self._replace(workers=tuple(sorted(self.workers, key=_place_of)))


def _at(values: tuple[T, ...], index: int, value: T) -> tuple[T, ...]:
    return (*values[:index], value, *values[index + 1 :])


def _place_of(worker: Worker | None) -> tuple[int, str, bool]:
    return (
        (-1, "", False)
        if worker is None
        else (worker.message, worker.step.value, worker.is_current)
    )
