"""Outcomes: what was decided, and what became of the reply."""

from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from adapters.sql.database import Database
from adapters.sql.engine.dialect import writes_in_with
from adapters.sql.statements import lanes as steps
from adapters.sql.statements.at_once.decisions import record_at_once
from adapters.sql.statements.at_once.deliveries import note_sent_at_once, settle_at_once
from adapters.sql.statements.decisions import record_in_steps
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
        await self._database.run_single(work)

    async def note_sent(self, lease: Lease, message: int, *, parts: int) -> None:
        work = partial(note_sent, lease=lease, message=message, parts=parts)
        await self._database.run_single(work)

    async def settle(self, lease: Lease, message: int, *, delivered: bool) -> None:
        work = partial(settle, lease=lease, message=message, delivered=delivered, now=self._now())
        await self._database.run_single(work)

    async def postpone(self, lease: Lease, *, until: datetime) -> None:
        await self._database.run(partial(postpone, lease=lease, until=millis(until)))

    def _now(self) -> int:
        return millis(self._clock.now())


def record(connection: Connection, *, lease: Lease, outcome: Outcome, now: int) -> None:
    way = record_at_once if writes_in_with(connection.dialect.name) else record_in_steps
    way(connection, lease=lease, outcome=outcome, now=now)


def note_sent(connection: Connection, *, lease: Lease, message: int, parts: int) -> None:
    """A part that got through ends the row of failures."""
    way = note_sent_at_once if writes_in_with(connection.dialect.name) else note_sent_in_steps
    way(connection, lease=lease, message=message, parts=parts)


def note_sent_in_steps(connection: Connection, *, lease: Lease, message: int, parts: int) -> None:
    steps.held_message(connection, lease, message)
    change(connection, message, {"parts_sent": parts, "failures": 0})


def settle(
    connection: Connection, *, lease: Lease, message: int, delivered: bool, now: int
) -> None:
    way = settle_at_once if writes_in_with(connection.dialect.name) else settle_in_steps
    way(connection, lease=lease, message=message, delivered=delivered, now=now)


def settle_in_steps(
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
