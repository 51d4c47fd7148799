"""Links to history, found by a digest of their token."""

from datetime import datetime
from functools import partial

from sqlalchemy import Connection, bindparam, delete, insert, select

from adapters.sql.database import Database
from adapters.sql.statements.moments import millis, moment_of
from adapters.sql.tables import history_links
from domain.history import HistoryLink
from domain.message import UserKey


class SqlHistoryLinks:
    """Satisfies `application.ports.HistoryLinks`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, digest: bytes, link: HistoryLink) -> None:
        await self._database.run(partial(keep, digest=digest, link=link))

    async def find(self, digest: bytes, *, now: datetime) -> HistoryLink | None:
        return await self._database.read(partial(find, digest=digest, now=millis(now)))

    async def revoke(self, digest: bytes) -> None:
        await self._database.run(partial(revoke, digest=digest))

    async def revoke_all_of(self, asked_by: UserKey, *, now: datetime) -> int:
        work = partial(revoke_all_of, asked_by=asked_by, now=millis(now))
        return await self._database.run(work)


_live = select(history_links).where(
    history_links.c.digest == bindparam("searched"),
    history_links.c.expires_at > bindparam("moment"),
)
_one = delete(history_links).where(history_links.c.digest == bindparam("searched"))
_all_of = (
    delete(history_links)
    .where(history_links.c.asked_by == bindparam("asker"))
    .returning(history_links.c.expires_at)
)


def keep(connection: Connection, *, digest: bytes, link: HistoryLink) -> None:
    row = {
        "digest": digest,
        "person": link.person,
        "asked_by": link.asked_by,
        "expires_at": millis(link.expires_at),
    }
    connection.execute(insert(history_links), row)


def find(connection: Connection, *, digest: bytes, now: int) -> HistoryLink | None:
    row = connection.execute(_live, {"searched": digest, "moment": now}).one_or_none()
    if row is None:
        return None
    return HistoryLink(
        person=UserKey(row.person),
        asked_by=UserKey(row.asked_by),
        expires_at=moment_of(row.expires_at),
    )


def revoke(connection: Connection, *, digest: bytes) -> None:
    connection.execute(_one, {"searched": digest})


def revoke_all_of(connection: Connection, *, asked_by: UserKey, now: int) -> int:
    """Those that have ended go as well, uncounted: a clock that is put back must not wake them."""
    ends = connection.scalars(_all_of, {"asker": asked_by}).all()
    return sum(end > now for end in ends)
