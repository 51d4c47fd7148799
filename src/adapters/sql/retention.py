"""Retention: old exchanges and their pictures go, a little at a time."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection, Select, delete, select

from adapters.sql.database import Database
from adapters.sql.housekeeping import BREATH, CHUNK
from adapters.sql.statements.moments import millis
from adapters.sql.tables import DRAWN, exchanges
from application.ports import Clock, Shelf

IN_THE_MAKING = timedelta(days=1)
"""A picture that young may belong to a question whose outcome is not stored yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlRetention:
    """Forgets what was asked long ago. What the models were used for stays counted."""

    database: Database
    shelf: Shelf
    clock: Clock

    async def forget(self, older_than: timedelta) -> int:
        """Delete every exchange that was asked so long ago, with its picture; returns how many.

        A picture goes before its row does: after a crash the row is still there to lead to it.

        Raises:
            StorageFailed: what was deleted stays deleted; the rest goes the next time.
        """
        moment, total = millis(self.clock.now() - older_than), 0
        while True:
            old = await self.database.read(partial(asked_before, moment=moment))
            for picture in filter(None, old.values()):
                await self.shelf.discard(picture)
            if old:
                await self.database.run(partial(remove, numbers=list(old)))
            total += len(old)
            if len(old) < CHUNK:
                return total
            await self.clock.sleep(BREATH)

    async def sweep(self) -> int:
        """Discard the pictures that no exchange shows; returns how many.

        A crash between the keeping of a picture and the storing of its outcome leaves one.

        Raises:
            StorageFailed: the rest goes the next time.
        """
        total = 0
        async for names in in_parts(self.shelf.put_before(self.clock.now() - IN_THE_MAKING)):
            shown = await self.database.read(partial(shown_of, names=names))
            for name in names:
                if name not in shown:
                    await self.shelf.discard(name)
                    total += 1
            await self.clock.sleep(BREATH)
        return total


async def in_parts(names: AsyncIterator[str]) -> AsyncIterator[Sequence[str]]:
    """The names, up to a chunk at a time."""
    part: list[str] = []
    async for name in names:
        part.append(name)
        if len(part) == CHUNK:
            yield part
            part = []
    if part:
        yield part


def some_old(*, before: int) -> Select[tuple[int, str]]:
    """Up to a chunk of exchanges asked at that moment or before, with the names of their pictures."""
    asked_at = exchanges.c.asked_at
    columns = select(exchanges.c.id, exchanges.c.picture)
    return columns.where(asked_at <= before).order_by(asked_at).limit(CHUNK)


def shown_among(names: Sequence[str]) -> Select[tuple[str]]:
    return select(exchanges.c.picture).where(DRAWN, exchanges.c.picture.in_(names))


def asked_before(connection: Connection, *, moment: int) -> dict[int, str]:
    """The numbers of old exchanges and their pictures."""
    return {row.id: row.picture for row in connection.execute(some_old(before=moment))}


def remove(connection: Connection, *, numbers: Sequence[int]) -> None:
    connection.execute(delete(exchanges).where(exchanges.c.id.in_(numbers)))


def shown_of(connection: Connection, *, names: Sequence[str]) -> frozenset[str]:
    """Those of the pictures that an exchange shows."""
    return frozenset(connection.scalars(shown_among(names)))
