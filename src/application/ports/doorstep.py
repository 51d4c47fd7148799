"""The doorstep: storing what came in."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from domain.message import IncomingMessage


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
