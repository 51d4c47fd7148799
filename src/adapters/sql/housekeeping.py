"""Housekeeping: what has had its time goes, a little at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import Column, ColumnElement, Connection, delete, select, update

from adapters.sql.database import Database
from adapters.sql.statements.moments import millis
from adapters.sql.tables import (
    FINISHED,
    LEASED,
    WAITING,
    exchanges,
    history_links,
    lanes,
    messages,
    sessions,
)
from application.ports import Clock
from domain.inbox import State

CHUNK = 500
"""Rows a transaction, so that nobody waits long behind it."""

BREATH = timedelta(milliseconds=50)
"""Between two transactions, so that a big cleaning leaves the database to the others most of the time."""


LEFT_ALONE = messages.c.conversation.not_in(select(lanes.c.conversation).where(LEASED))
"""Nobody is at work in its conversation, who may be sending this very reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """How many rows went."""

    messages: int
    conversations: int
    sessions: int
    links: int


class SqlHousekeeping:
    """Removes what is finished or idle; never what a worker still has to do."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def purge(
        self,
        *,
        finished: timedelta = timedelta(days=7),
        idle: timedelta = timedelta(days=30),
    ) -> Purged:
        """Remove messages finished, and conversations and sessions untouched, for so long.

        Links that have ended go at once.
        A reply that waits for a person who has not written again in all the idle time goes as well.
        A message's row is what tells a redelivery from a new message: keep it for a day at least.
        """
        now = self._clock.now()
        old, idle_since = millis(now - finished), millis(now - idle)
        unused = (lanes.c.pending == 0, lanes.c.lease_until == 0)
        return Purged(
            messages=await self._remove_finished(old)
            + await self._remove(messages.c.id, *waiting_since(idle_since)),
            conversations=await self._remove(
                lanes.c.conversation, lanes.c.ready_at <= idle_since, *unused
            ),
            sessions=await self._remove(
                sessions.c.conversation, sessions.c.touched_at <= idle_since
            ),
            links=await self._remove(
                history_links.c.digest, history_links.c.expires_at <= millis(now)
            ),
        )

    async def _remove_finished(self, old: int) -> int:
        finished = (FINISHED, messages.c.finished_at <= old)
        return await self._in_parts(partial(remove_finished, conditions=finished))

    async def _remove(self, key: Column[object], *conditions: ColumnElement[bool]) -> int:
        return await self._in_parts(partial(remove_some, key=key, conditions=conditions))

    async def _in_parts(self, remove: Callable[[Connection], int]) -> int:
        total = 0
        while True:
            removed = await self._database.run(remove)
            total += removed
            if removed < CHUNK:
                return total
            await self._clock.sleep(BREATH)


def waiting_since(moment: int) -> tuple[ColumnElement[bool], ...]:
    """Messages from before the moment whose replies wait."""
    return WAITING, messages.c.received_at <= moment, LEFT_ALONE


def remove_some(
    connection: Connection, *, key: Column[object], conditions: Sequence[ColumnElement[bool]]
) -> int:
    """Remove up to a chunk of rows; returns how many."""
    some = select(key).where(*conditions).limit(CHUNK).with_for_update(skip_locked=True)
    # Said again: between the choosing and the deleting somebody may have taken a row into use.
    return connection.execute(delete(key.table).where(key.in_(some), *conditions)).rowcount


def remove_finished(connection: Connection, *, conditions: Sequence[ColumnElement[bool]]) -> int:
    """Remove up to a chunk of finished messages. That they were delivered is kept with what they asked."""
    some = select(messages.c.id, messages.c.state).where(*conditions).limit(CHUNK)
    chosen = connection.execute(some.with_for_update(skip_locked=True)).all()
    delivered = [number for number, state in chosen if state == State.DELIVERED.value]
    if delivered:
        connection.execute(
            update(exchanges)
            .where(exchanges.c.message.in_(delivered), exchanges.c.state == State.ANSWERED.value)
            .values(state=State.DELIVERED.value)
        )
    numbers = [number for number, _ in chosen]
    if numbers:
        connection.execute(delete(messages).where(messages.c.id.in_(numbers)))
    return len(numbers)
