"""The ledger: one charge a message, and how much a person has used on a day."""

from datetime import date
from functools import cache, partial

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.sql.dml import ReturningInsert

from adapters.sql.database import Database
from adapters.sql.engine import dialect
from adapters.sql.statements.lanes import IS_HELD
from adapters.sql.tables import charges, lanes, usage
from application.errors import LeaseLost
from application.ports import Lease, Use
from domain.message import UserKey


class SqlLedger:
    """Satisfies `application.ports.Ledger`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def charge(self, lease: Lease, user: UserKey, day: date, *, limit: int | None) -> Use:
        work = partial(charge, lease=lease, user=user, day=day.isoformat(), limit=limit)
        return await self._database.run(work)

    async def used(self, user: UserKey, day: date) -> int:
        return await self._database.run(partial(used, user=user, day=day.isoformat()))


_of_day = (usage.c.user_key == bindparam("user"), usage.c.day == bindparam("date"))

_used = select(usage.c.used).where(*_of_day)

_held_with_charge = (
    select(charges.c.message, charges.c.user_key, charges.c.day)
    .select_from(lanes)
    .outerjoin(charges, charges.c.message == bindparam("number"))
    .where(*IS_HELD)
    .with_for_update(of=lanes)
)


def charge(
    connection: Connection, *, lease: Lease, user: UserKey, day: str, limit: int | None
) -> Use:
    """Charge the message, unless it has been or the limit is reached."""
    held = connection.execute(
        _held_with_charge,
        {"lane": lease.conversation, "held": lease.epoch, "number": lease.message},
    ).one_or_none()
    if held is None:
        raise LeaseLost("somebody else has the conversation, or nobody")
    if held.message is not None:
        return Use(used=used(connection, user=held.user_key, day=held.day))
    count = _count_one(connection, user, day, limit=limit)
    if count is None:
        return Use(used=used(connection, user=user, day=day), admitted=False)
    connection.execute(insert(charges), {"message": lease.message, "user_key": user, "day": day})
    return Use(used=count)


def used(connection: Connection, *, user: UserKey, day: str) -> int:
    return connection.scalar(_used, {"user": user, "date": day}) or 0


def _count_one(connection: Connection, user: UserKey, day: str, *, limit: int | None) -> int | None:
    """The count with this question, or None if the limit is reached. Two at once cannot both be last."""
    if limit is not None and limit < 1:
        return None
    statement = _one_more(connection.dialect.name, is_limited=limit is not None)
    values: dict[str, object] = {"user_key": user, "day": day, "used": 1}
    count: int | None = connection.scalar(
        statement, values if limit is None else {**values, "most": limit}
    )
    return count


@cache
def _one_more(name: str, *, is_limited: bool) -> ReturningInsert[int]:
    """The day's first question makes its row; in the same statement, for on a server each is a journey."""
    return (
        dialect.insert(name, usage)
        .on_conflict_do_update(
            index_elements=[usage.c.user_key, usage.c.day],
            set_={"used": usage.c.used + 1},
            where=usage.c.used < bindparam("most") if is_limited else None,
        )
        .returning(usage.c.used)
    )
