"""Outcomes: what was decided, and what became of the reply."""

from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from adapters.sql.database import Database
from adapters.sql.statements import lanes as steps
from adapters.sql.statements.decisions import record
from adapters.sql.statements.moments import millis
from adapters.sql.statements.progress import advance, change, progress_in
from application.ports import Clock, Lease, Outcome


class SqlOutcomes:
    """Satisfies `application.ports.Outcomes`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def record(self, lease: Lease, outcome: Outcome) -> None:
        work = partial(record, lease=lease, outcome=outcome, now=self._now())
        await self._database.run(work)

    async def note_sent(self, lease: Lease, message: int, *, parts: int) -> None:
        await self._database.run(partial(note_sent, lease=lease, message=message, parts=parts))

    async def settle(self, lease: Lease, message: int, *, delivered: bool) -> None:
        work = partial(settle, lease=lease, message=message, delivered=delivered, now=self._now())
        await self._database.run(work)

    async def postpone(self, lease: Lease, *, until: datetime) -> None:
        await self._database.run(partial(postpone, lease=lease, until=millis(until)))

    def _now(self) -> int:
        return millis(self._clock.now())


def note_sent(connection: Connection, *, lease: Lease, message: int, parts: int) -> None:
    """A part that got through ends the row of failures."""
    steps.held_message(connection, lease, message)
    change(connection, message, {"parts_sent": parts, "failures": 0})


def settle(
    connection: Connection, *, lease: Lease, message: int, delivered: bool, now: int
) -> None:
    progress = progress_in(steps.held_message(connection, lease, message))
    settled = progress.delivered() if delivered else progress.undelivered()
    advance(connection, message, settled, now=now)
    if message == lease.message:
        steps.finish_turn(connection, lease, now=now)


def postpone(connection: Connection, *, lease: Lease, until: int) -> None:
    row = steps.held_message(connection, lease, lease.message)
    change(connection, lease.message, {"failures": row.failures + 1})
    steps.postpone(connection, lease, until=until)
