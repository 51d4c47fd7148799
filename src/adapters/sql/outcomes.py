"""Outcomes: what was decided, and what became of the reply."""

import secrets
from collections.abc import Hashable
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from adapters.sql.database import Database
from adapters.sql.engine.batches import Steps
from adapters.sql.statements import lanes as steps
from adapters.sql.statements.at_once.decisions import Decision, record_at_once
from adapters.sql.statements.at_once.deliveries import (
    Sending,
    Settling,
    note_sent_at_once,
    settle_at_once,
)
from adapters.sql.statements.decisions import record_in_steps
from adapters.sql.statements.moments import millis
from adapters.sql.statements.progress import advance, change, progress_in
from adapters.sql.statements.rows import SHARES
from application.ports import Clock, Lease, Outcome


class SqlOutcomes:
    """Satisfies `application.ports.Outcomes`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        # Each process has its own sums, lest it wait for the commits of the others.
        self._share = secrets.randbelow(SHARES) if database.is_shared else 0
        self._recording = Steps(
            database, record, record_at_once, alike=lambda one: one.shape, apart=_conversation
        )
        self._noting = Steps(database, note_sent, note_sent_at_once, apart=_conversation)
        self._settling = Steps(
            database, settle, settle_at_once, alike=lambda one: one.kind, apart=_conversation
        )

    async def record(self, lease: Lease, outcome: Outcome) -> None:
        decision = Decision(lease=lease, outcome=outcome, share=self._share, now=self._now())
        await self._recording.do(decision)

    async def note_sent(self, lease: Lease, message: int, *, parts: int) -> None:
        await self._noting.do(Sending(lease=lease, message=message, parts=parts))

    async def settle(self, lease: Lease, message: int, *, delivered: bool) -> None:
        settling = Settling(lease=lease, message=message, delivered=delivered, now=self._now())
        await self._settling.do(settling)

    async def postpone(self, lease: Lease, *, until: datetime) -> None:
        await self._database.run(partial(postpone, lease=lease, until=millis(until)))

    def _now(self) -> int:
        return millis(self._clock.now())


def _conversation(step: Decision | Sending | Settling) -> frozenset[Hashable]:
    return frozenset({step.lease.conversation})


def record(connection: Connection, decision: Decision) -> None:
    record_in_steps(
        connection,
        lease=decision.lease,
        outcome=decision.outcome,
        share=decision.share,
        now=decision.now,
    )


def note_sent(connection: Connection, sending: Sending) -> None:
    """A part that got through ends the row of failures."""
    steps.held_message(connection, sending.lease, sending.message)
    change(connection, sending.message, {"parts_sent": sending.parts, "failures": 0})


def settle(connection: Connection, settling: Settling) -> None:
    progress = progress_in(steps.held_message(connection, settling.lease, settling.message))
    settled = progress.delivered() if settling.delivered else progress.undelivered()
    advance(connection, settling.message, settled, now=settling.now)
    if settling.ends_turn:
        steps.finish_turn(connection, settling.lease, now=settling.now)


def postpone(connection: Connection, *, lease: Lease, until: int) -> None:
    row = steps.held_message(connection, lease, lease.message)
    change(connection, lease.message, {"failures": row.failures + 1})
    steps.postpone(connection, lease, until=until)
