"""Outcomes that are not lost because the database is away for a while."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from application.errors import StorageFailed
from application.ports import Clock, Lease, Outcome, Outcomes
from domain.inbox import StepOutOfOrder

logger = logging.getLogger(__name__)

PAUSE = timedelta(seconds=1)
MOST_TRIES = 30
"""For a decision: the database may be well and refuse what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersistentOutcomes:
    """Satisfies `Outcomes`: what has been said or paid for is stored again and again until that succeeds.

    Given up, it would be said and paid for once more. `postpone` is not tried again: nothing is lost by it.
    """

    outcomes: Outcomes
    clock: Clock

    async def record(self, lease: Lease, outcome: Outcome) -> None:
        step = partial(self.outcomes.record, lease, outcome)
        await self._stored(step, lease.message, tries=MOST_TRIES)

    async def note_sent(self, lease: Lease, message: int, *, parts: int) -> None:
        step = partial(self.outcomes.note_sent, lease, message, parts=parts)
        await self._stored(step, message)

    async def settle(self, lease: Lease, message: int, *, delivered: bool) -> None:
        step = partial(self.outcomes.settle, lease, message, delivered=delivered)
        await self._stored(step, message)

    async def postpone(self, lease: Lease, *, until: datetime) -> None:
        await self.outcomes.postpone(lease, until=until)

    async def _stored(
        self, step: Callable[[], Awaitable[None]], message: int, tries: int | None = None
    ) -> None:
        try:
            await step()
        except StorageFailed as failure:
            try:
                await self._insist(step, failure, tries)
            except StepOutOfOrder:
                # The first try was stored after all, and only the news of it was lost.
                logger.warning("decision_was_stored", extra={"number": message})

    async def _insist(
        self, step: Callable[[], Awaitable[None]], failure: StorageFailed, tries: int | None
    ) -> None:
        while tries is None or tries > 0:
            await self.clock.sleep(PAUSE)
            try:
                return await step()
            except StorageFailed as again:
                failure = again
            tries = None if tries is None else tries - 1
        raise failure
