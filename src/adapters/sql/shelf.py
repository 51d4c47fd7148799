"""Pictures in the database, for services on several machines."""

import secrets
from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from functools import partial
from pathlib import PurePath

from sqlalchemy import Connection, bindparam, delete, insert, select

from adapters.sql.database import Database
from adapters.sql.statements.moments import millis
from adapters.sql.statements.texts import is_storable
from adapters.sql.tables import pictures
from application.ports import Clock
from domain.picture import Picture

RANDOM_BYTES = 16
"""128 bits: who does not know a name finds none."""

CHUNK = 500
"""Names that are read at a time."""


class SqlShelf:
    """Satisfies `application.ports.Shelf`.

    `identified` tells from a header what a picture is, and None for anything else.
    """

    def __init__(
        self, database: Database, clock: Clock, identified: Callable[[bytes], Picture | None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._identified = identified

    async def put(self, picture: Picture) -> str:
        name = f"{secrets.token_hex(RANDOM_BYTES)}{picture.kind.suffix}"
        row = {"name": name, "kept_at": millis(self._clock.now()), "content": picture.content}
        await self._database.run(partial(keep, row=row))
        return name

    async def get(self, name: str) -> Picture | None:
        if not is_storable(name):
            return None
        content = await self._database.read(partial(content_of, name=name))
        picture = self._identified(content) if content else None
        return picture if picture and picture.kind.suffix == PurePath(name).suffix else None

    async def discard(self, name: str) -> None:
        """Raises StorageFailed: it is still there."""
        if is_storable(name):
            await self._database.run(partial(discard, name=name))

    async def put_before(self, moment: datetime) -> AsyncGenerator[str]:
        """Raises StorageFailed: the rest is not read."""
        last = ""
        while names := await self._database.read(
            partial(names_before, moment=millis(moment), after=last)
        ):
            for name in names:
                yield name
            last = names[-1]


_content = select(pictures.c.content).where(pictures.c.name == bindparam("wanted"))
_of_name = delete(pictures).where(pictures.c.name == bindparam("wanted"))
_before = (
    select(pictures.c.name)
    .where(pictures.c.kept_at < bindparam("moment"), pictures.c.name > bindparam("after"))
    .order_by(pictures.c.name)
    .limit(CHUNK)
)


def keep(connection: Connection, *, row: dict[str, object]) -> None:
    connection.execute(insert(pictures), row)


def content_of(connection: Connection, *, name: str) -> bytes | None:
    content = connection.scalar(_content, {"wanted": name})
    return None if content is None else bytes(content)


def discard(connection: Connection, *, name: str) -> None:
    connection.execute(_of_name, {"wanted": name})


def names_before(connection: Connection, *, moment: int, after: str) -> list[str]:
    return list(connection.scalars(_before, {"moment": moment, "after": after}))
