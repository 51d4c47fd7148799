"""The inbox: which conversation is due, and who works on it."""

from collections.abc import Collection
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, func, select

from adapters.sql.database import Database
from adapters.sql.statements import lanes as steps
from adapters.sql.statements.claims import claim
from adapters.sql.statements.moments import millis, millis_or_none, moment_or_none
from adapters.sql.statements.progress import advance, progress_in
from adapters.sql.tables import UNFINISHED, messages
from application.errors import LeaseLost
from application.ports import Backlog, Claim, Clock, Lease
from domain.inbox import Delivery


class SqlInbox:
    """Satisfies `application.ports.Inbox`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def claim(self, *, capacity: int, per_user: int) -> tuple[Claim, ...]:
        now = self._now()
        return await self._database.run(
            partial(claim, now=now, capacity=capacity, per_user=per_user)
        )

    async def renew(self, leases: Collection[Lease]) -> frozenset[Lease]:
        return await self._database.run(partial(steps.renew, leases=leases, now=self._now()))

    async def hand_back(self, lease: Lease, *, until: datetime | None = None) -> None:
        work = partial(hand_back, lease=lease, now=self._now(), until=millis_or_none(until))
        await self._database.run(work)

    async def recover(self) -> int:
        if self._database.is_shared:
            # The leases of others are alive, and those of the dead end by themselves.
            return 0
        return await self._database.run(steps.free_all)

    async def backlog(self) -> Backlog:
        return await self._database.run(backlog)

    def _now(self) -> int:
        return millis(self._clock.now())


def hand_back(connection: Connection, *, lease: Lease, now: int, until: int | None) -> None:
    """Return the message as if it had not been begun. Without the lease nothing happens."""
    try:
        row = steps.held_message(connection, lease, lease.message)
    except LeaseLost:
        return
    advance(connection, lease.message, progress_in(row).handed_back(), now=now)
    if until is None:
        steps.release(connection, lease)
    else:
        steps.postpone(connection, lease, until=until)


def backlog(connection: Connection) -> Backlog:
    query = select(func.count(), func.min(messages.c.received_at)).where(
        UNFINISHED, messages.c.delivery != Delivery.WAITING.value
    )
    count, oldest = connection.execute(query).one()
    return Backlog(messages=count, oldest=moment_or_none(oldest))
