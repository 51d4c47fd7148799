"""The worker: takes what is open, one message of a conversation at a time, many conversations at once."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from application.errors import LeaseLost, StorageFailed
from application.ports import Claim, Clock, Inbox, Lease, Outcomes
from domain.inbox import LEASE

logger = logging.getLogger(__name__)

LONGEST_NAP = timedelta(seconds=1)
"""Nobody rings when a pause is over or another process has died, so work is looked for at least so often."""

STORAGE_PAUSE = timedelta(seconds=1)
"""After the database failed."""

MISTAKE_PAUSE = timedelta(seconds=30)
"""After a mistake of the program: each one counts as an attempt, so the message is given up in the end."""

HAND_BACK_LIMIT = timedelta(seconds=2)
"""A database that does not answer must not hold up the stop: leases end by themselves."""

LAST_ATTEMPT_PAUSE = timedelta(seconds=1)
"""Until a message that has one attempt left is looked at again, while another one has its last."""

HEAD_START = timedelta(seconds=3)
"""Nothing is begun beside a last attempt so long: what kills the process mostly does it at once."""


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
    _last_attempts: set[Lease] = field(default_factory=set, init=False)
    _lost: set[Lease] = field(default_factory=set, init=False)
    _head_start_until: datetime = field(init=False)
    _stopping: bool = field(default=False, init=False)
    _ended: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _renewed_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._ended.set()
        self._renewed_at = self._head_start_until = self.clock.now()

    async def run(self) -> None:
        """Claim and work until `stop`; the database away only pauses it."""
        self._ended.clear()
        renewing = asyncio.create_task(self._renew_leases())
        try:
            while not self._stopping:
                self.bell.clear()
                try:
                    may_be_more = await self._begin()
                except StorageFailed:
                    logger.warning("inbox_unavailable")
                    await self.clock.sleep(STORAGE_PAUSE)
                    continue
                if not may_be_more:
                    await self._nap()
        finally:
            self._ended.set()
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing

    async def stop(self, *, grace: timedelta) -> None:
        """Begin nothing more, let work finish within `grace`, hand the rest back."""
        self._stopping = True
        self.bell.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace.total_seconds()):
                # What is being claimed at this moment is work as well.
                await self._ended.wait()
                while self._work:
                    await asyncio.wait(self._work.values())
        left = tuple(self._work.values())
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=HAND_BACK_LIMIT.total_seconds())

    async def _begin(self) -> bool:
        """Begin what is due; returns whether there may be more that could be begun now."""
        room = self.concurrency - len(self._work)
        if room <= 0 or (self._last_attempts and self.clock.now() < self._head_start_until):
            return False
        if self.clock.now() - self._renewed_at >= LEASE / 2:
            # The process was frozen, or the database away: what is in hand must not be taken from oneself.
            await self._renew()
        claims = await self.inbox.claim(capacity=room, per_user=self.per_user)
        begun, put_off = self._parted(claims)
        # First of all: what is begun may kill the process at once.
        for claim in put_off:
            await self._put_off(claim)
        for claim in begun:
            self._start(claim)
        return len(claims) == room

    def _parted(self, claims: Sequence[Claim]) -> tuple[list[Claim], list[Claim]]:
        """Those to begin and those to put off: messages at their last attempt are worked on one at a time.

        Whoever was at work beside a message that kills the process has died as often as that message.
        Given the last attempt apart from it, they get through, and it alone is given up.
        """
        last = [claim for claim in claims if claim.progress.is_last_attempt]
        put_off = last if self._last_attempts else last[1:]
        return [claim for claim in claims if claim not in put_off], put_off

    def _start(self, claim: Claim) -> None:
        if claim.progress.is_last_attempt:
            self._last_attempts.add(claim.lease)
            self._head_start_until = self.clock.now() + HEAD_START
        task = asyncio.create_task(self._work_on(claim))
        self._work[claim.lease] = task
        task.add_done_callback(partial(self._finished, claim.lease))

    async def _put_off(self, claim: Claim) -> None:
        with contextlib.suppress(StorageFailed):
            until = self.clock.now() + LAST_ATTEMPT_PAUSE
            await self.inbox.hand_back(claim.lease, until=until)

    def _finished(self, lease: Lease, _task: asyncio.Task[None]) -> None:
        del self._work[lease]
        self._last_attempts.discard(lease)
        self._lost.discard(lease)
        self.bell.set()

    async def _nap(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.bell.wait(), LONGEST_NAP.total_seconds())

    async def _work_on(self, claim: Claim) -> None:
        msg_id = {"msg_id": claim.message.id}
        try:
            await self.process(claim)
        except asyncio.CancelledError:
            if claim.lease in self._lost:
                logger.warning("lease_lost", extra=msg_id)
            else:
                logger.info("message_handed_back", extra=msg_id)
                with contextlib.suppress(StorageFailed):
                    await self.inbox.hand_back(claim.lease)
            raise
        except LeaseLost:
            logger.warning("lease_lost", extra=msg_id)
        except StorageFailed:
            logger.warning("message_not_stored", extra=msg_id)
            await self._postpone(claim, STORAGE_PAUSE)
        except (
            Exception
        ):  # A mistake of ours must be seen, and must not hold the conversation up for ever.
            logger.exception("message_broke_the_program", extra=msg_id)
            await self._postpone(claim, MISTAKE_PAUSE)

    async def _postpone(self, claim: Claim, pause: timedelta) -> None:
        with contextlib.suppress(StorageFailed, LeaseLost):
            await self.outcomes.postpone(claim.lease, until=self.clock.now() + pause)

    async def _renew_leases(self) -> None:
        while True:
            await self.clock.sleep(LEASE / 3)
            with contextlib.suppress(StorageFailed):
                await self._renew()

    async def _renew(self) -> None:
        lost = await self.inbox.renew(tuple(self._work))
        self._renewed_at = self.clock.now()
        for lease in lost & self._work.keys():
            self._lost.add(lease)
            self._work[lease].cancel()
