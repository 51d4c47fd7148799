"""An inbox that hands out prepared claims, and outcomes that remember what they were told."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from application.errors import LeaseLost, StorageFailed
from application.ports import Backlog, Claim, Lease, Outcome


@dataclass
class NotedOutcomes:
    """Keeps every step in order, as a person would note it. A lost lease takes nothing."""

    steps: list[str] = field(default_factory=list)
    recorded: list[Outcome] = field(default_factory=list)
    until: list[datetime] = field(default_factory=list)
    lost: bool = False

    async def record(self, lease: Lease, outcome: Outcome) -> None:
        self._note(f"record {lease.message} {outcome.state.value}")
        self.recorded.append(outcome)

    async def note_sent(self, lease: Lease, message: int, *, parts: int) -> None:  # noqa: ARG002
        self._note(f"sent {message} {parts}")

    async def settle(self, lease: Lease, message: int, *, delivered: bool) -> None:  # noqa: ARG002
        self._note(f"settle {message} {'delivered' if delivered else 'waits'}")

    async def postpone(self, lease: Lease, *, until: datetime) -> None:
        self._note(f"postpone {lease.message}")
        self.until.append(until)

    def _note(self, step: str) -> None:
        if self.lost:
            raise LeaseLost("taken over")
        self.steps.append(step)


@dataclass
class PreparedInbox:
    """Gives each prepared claim once, at most `capacity` at a time."""

    claims: list[Claim] = field(default_factory=list)
    handed_back: list[Lease] = field(default_factory=list)
    lost: set[Lease] = field(default_factory=set)
    capacities: list[int] = field(default_factory=list)
    broken: int = 0
    exhausted: asyncio.Event = field(default_factory=asyncio.Event)

    async def claim(self, *, capacity: int, per_user: int) -> tuple[Claim, ...]:  # noqa: ARG002
        if self.broken:
            self.broken -= 1
            raise StorageFailed("away")
        self.capacities.append(capacity)
        given, self.claims = self.claims[:capacity], self.claims[capacity:]
        if not given:
            self.exhausted.set()
        return tuple(given)

    async def renew(self, leases: Collection[Lease]) -> frozenset[Lease]:
        return frozenset(leases) & self.lost

    async def hand_back(self, lease: Lease, *, until: datetime | None = None) -> None:  # noqa: ARG002
        self.handed_back.append(lease)

    async def recover(self) -> int:
        return 0

    async def backlog(self) -> Backlog:
        return Backlog(messages=len(self.claims), oldest=None)
