"""A doorstep that keeps its promises in a dictionary."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from application.errors import StorageFailed
from application.ports import Acceptance, Arrival
from domain.inbox import MAX_MESSAGES_PER_SIGNATURE
from domain.message import IncomingMessage


@dataclass(slots=True)
class InMemoryDoorstep:
    """Satisfies `application.ports.Doorstep`. `knocks` counts every call, kept or not.

    While `broken` it raises StorageFailed, while `hangs` it never returns.
    """

    broken: bool = False
    hangs: bool = False
    knocks: int = 0
    arrivals: list[Arrival] = field(default_factory=list)
    _vouched: Counter[tuple[str, int]] = field(default_factory=Counter)

    @property
    def messages(self) -> list[IncomingMessage]:
        """What is stored, in order."""
        return [arrival.message for arrival in self.arrivals]

    async def accept(self, arrival: Arrival) -> Acceptance:
        self.knocks += 1
        if self.hangs:
            await asyncio.Event().wait()
        # A commit takes a moment, in which others knock.
        await asyncio.sleep(0)
        if self.broken:
            raise StorageFailed("away")
        return self._judged(arrival)

    def _judged(self, arrival: Arrival) -> Acceptance:
        message = arrival.message
        if any((known.robot, known.id) == (message.robot, message.id) for known in self.messages):
            return Acceptance.DUPLICATE
        if arrival.signed_at is not None:
            pair = (message.robot, arrival.signed_at)
            if self._vouched[pair] >= MAX_MESSAGES_PER_SIGNATURE:
                return Acceptance.REPLAYED
            self._vouched[pair] += 1
        self.arrivals.append(arrival)
        return Acceptance.STORED
