"""The ledger: one charge a message, and how much a person has used on a day."""

from datetime import date
from functools import cache, partial

from sqlalchemy import Connection, Update, bindparam, insert, select, update

from adapters.sql.database import Database
from adapters.sql.engine import dialect
from adapters.sql.engine.dialect import Insert
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

_one_more = update(usage).where(*_of_day).values(used=usage.c.used + 1).returning(usage.c.used)
_one_more_within = _one_more.where(usage.c.used < bindparam("most"))

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
    statement: Update = _one_more if limit is None else _one_more_within
    values = {"user": user, "date": day} | ({} if limit is None else {"most": limit})
    count: int | None = connection.scalar(statement, values)
    if count is None:
        # It may be the first question of the day.
        connection.execute(
            _open_day(connection.dialect.name), {"user_key": user, "day": day, "used": 0}
        )
        count = connection.scalar(statement, values)
    return count


@cache
def _open_day(name: str) -> Insert:
    return dialect.insert(name, usage).on_conflict_do_nothing()
