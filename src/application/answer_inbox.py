"""The worker: takes what is open, one message of a conversation at a time, many conversations at once."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from application.errors import LeaseLost, StorageFailed
from application.ports import Claim, Clock, Inbox, Lease, Outcomes
from domain.inbox import LEASE

logger = logging.getLogger(__name__)

LONGEST_NAP = timedelta(seconds=2)
"""Work is looked for at least so often, also if nobody rings."""

STORAGE_PAUSE = timedelta(seconds=1)
"""After the database failed."""


@dataclass(slots=True, kw_only=True)
class AnswerInbox:
    """Runs until `stop`. Bounded: at most `concurrency` conversations, `per_user` of one person."""

    inbox: Inbox
    outcomes: Outcomes
    process: Callable[[Claim], Awaitable[None]]
    clock: Clock
    bell: asyncio.Event
    concurrency: int
    per_user: int
    _work: dict[Lease, asyncio.Task[None]] = field(default_factory=dict, init=False)
    _stopping: bool = field(default=False, init=False)

    async def run(self) -> None:
        """Claim and work until `stop`; the database away only pauses it."""
        renewing = asyncio.create_task(self._renew_leases())
        try:
            while not self._stopping:
                self.bell.clear()
                looked_at = self.clock.now()
                try:
                    begun = await self._begin()
                except StorageFailed:
                    logger.warning("inbox_unavailable")
                    await self.clock.sleep(STORAGE_PAUSE)
                    continue
                if not begun:
                    await self._nap(looked_at)
        finally:
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing

    async def stop(self, *, grace: timedelta) -> None:
        """Begin nothing more, let work finish within `grace`, hand the rest back."""
        self._stopping = True
        self.bell.set()
        if self._work:
            await asyncio.wait(self._work.values(), timeout=grace.total_seconds())
        for task in self._work.values():
            task.cancel()
        await asyncio.gather(*self._work.values(), return_exceptions=True)

    async def _begin(self) -> bool:
        room = self.concurrency - len(self._work)
        if room <= 0:
            return False
        claims = await self.inbox.claim(capacity=room, per_user=self.per_user)
        for claim in claims:
            task = asyncio.create_task(self._work_on(claim))
            self._work[claim.lease] = task
            task.add_done_callback(partial(self._finished, claim.lease))
        return bool(claims)

    def _finished(self, lease: Lease, _task: asyncio.Task[None]) -> None:
        del self._work[lease]
        self.bell.set()

    async def _nap(self, looked_at: datetime) -> None:
        nap = LONGEST_NAP
        if len(self._work) < self.concurrency:
            with contextlib.suppress(StorageFailed):
                due = await self.inbox.next_due()
                # What was due when we looked is held up by something that will ring, such as its author's
                # other conversations; only what falls due later has to be watched for.
                if due is not None and due > looked_at:
                    nap = min(nap, max(due - self.clock.now(), timedelta()))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.bell.wait(), nap.total_seconds())

    async def _work_on(self, claim: Claim) -> None:
        msg_id = {"msg_id": claim.message.id}
        try:
            await self.process(claim)
        except asyncio.CancelledError:
            logger.info("message_handed_back", extra=msg_id)
            with contextlib.suppress(StorageFailed):
                await self.inbox.hand_back(claim.lease)
            raise
        except LeaseLost:
            logger.warning("lease_lost", extra=msg_id)
        except StorageFailed:
            logger.warning("message_not_stored", extra=msg_id)
            with contextlib.suppress(StorageFailed, LeaseLost):
                await self.outcomes.postpone(claim.lease, until=self.clock.now() + STORAGE_PAUSE)

    async def _renew_leases(self) -> None:
        while True:
            await self.clock.sleep(LEASE / 3)
            with contextlib.suppress(StorageFailed):
                for lease in await self.inbox.renew(tuple(self._work)):
                    if task := self._work.get(lease):
                        task.cancel()
