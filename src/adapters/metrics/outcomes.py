"""Outcomes, with what was decided counted."""

from dataclasses import dataclass
from datetime import datetime

from adapters.metrics.instruments import Instruments
from application.admit_question import OVER_QUOTA
from application.ports import Lease, Outcome, Outcomes


@dataclass(frozen=True, slots=True)
class CountedOutcomes:
    """Satisfies `Outcomes`. Only what was stored counts."""

    outcomes: Outcomes
    instruments: Instruments

    async def record(self, lease: Lease, outcome: Outcome) -> None:
        await self.outcomes.record(lease, outcome)
        reason = self.instruments.reasons(outcome.reason)
        self.instruments.decided.labels(outcome.state.value, reason).inc()
        if outcome.reason == OVER_QUOTA:
            self.instruments.refused_by_quota.inc()

    async def note_sent(self, lease: Lease, message: int, *, parts: int) -> None:
        await self.outcomes.note_sent(lease, message, parts=parts)

    async def settle(self, lease: Lease, message: int, *, delivered: bool) -> None:
        await self.outcomes.settle(lease, message, delivered=delivered)

    async def postpone(self, lease: Lease, *, until: datetime) -> None:
        await self.outcomes.postpone(lease, until=until)
