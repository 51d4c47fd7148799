"""The ledger: one charge a message, and how much a person has used on a day."""

from collections.abc import Hashable, Sequence
from datetime import date
from functools import cache, partial

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.sql.dml import ReturningInsert

from adapters.sql.database import Database
from adapters.sql.engine import dialect
from adapters.sql.engine.batches import Steps
from adapters.sql.statements.at_once.charges import Charging, charge_at_once
from adapters.sql.statements.lanes import IS_HELD, NOT_HELD
from adapters.sql.statements.progress import AnyRow
from adapters.sql.statements.upserts import counting_one_more
from adapters.sql.tables import charges, lanes, usage
from application.errors import LeaseLost
from application.ports import Lease, Use
from domain.message import UserKey


class SqlLedger:
    """Satisfies `application.ports.Ledger`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._charging = Steps(
            database, charge, charge_several, alike=lambda one: one.limit, apart=_whose
        )

    async def charge(self, lease: Lease, user: UserKey, day: date, *, limit: int | None) -> Use:
        charging = Charging(lease=lease, user=user, day=day.isoformat(), limit=limit)
        return await self._charging.do(charging)

    async def used(self, user: UserKey, day: date) -> int:
        return await self._database.run(partial(used, user=user, day=day.isoformat()))


def _whose(charging: Charging) -> frozenset[Hashable]:
    return frozenset({("conversation", charging.lease.conversation), ("user", charging.user)})


_of_day = (usage.c.user_key == bindparam("user"), usage.c.day == bindparam("date"))

_used = select(usage.c.used).where(*_of_day)

_held_with_charge = (
    select(charges.c.message, charges.c.user_key, charges.c.day)
    .select_from(lanes)
    .outerjoin(charges, charges.c.message == bindparam("number"))
    .where(*IS_HELD)
    .with_for_update(of=lanes)
)


def charge(connection: Connection, charging: Charging) -> Use:
    """Charge the message, unless it has been or the limit is reached.

    Raises:
        LeaseLost: the conversation is not held any more.
    """
    held = held_with_charge(connection, charging.lease)
    if held.message is None:
        user, day = charging.user, charging.day
        count = _count_one(connection, user, day, limit=charging.limit)
        if count is not None:
            charged = {"message": charging.lease.message, "user_key": user, "day": day}
            connection.execute(insert(charges), charged)
            return Use(used=count)
    return _use_without(connection, charging, held)


def charge_several(connection: Connection, chargings: Sequence[Charging]) -> list[Use | Exception]:
    """The same for people who differ, with one limit. Why one was not charged is asked afterwards."""
    counts = charge_at_once(connection, chargings)
    uses: list[Use | Exception] = []
    for one in chargings:
        try:
            count = counts.get(one.lease.message)
            uses.append(_use_after(connection, one) if count is None else Use(used=count))
        except LeaseLost as lost:
            uses.append(lost)
    return uses


def _use_after(connection: Connection, charging: Charging) -> Use:
    return _use_without(connection, charging, held_with_charge(connection, charging.lease))


def _use_without(connection: Connection, charging: Charging, held: AnyRow) -> Use:
    """The use where nothing was charged now: it was before, or the limit is reached."""
    if held.message is not None:
        return Use(used=used(connection, user=held.user_key, day=held.day))
    return Use(used=used(connection, user=charging.user, day=charging.day), admitted=False)


def held_with_charge(connection: Connection, lease: Lease) -> AnyRow:
    """The charge for the leased message; all None if there is none yet.

    Raises:
        LeaseLost: the conversation is not held any more.
    """
    values = {"lane": lease.conversation, "held": lease.epoch, "number": lease.message}
    row = connection.execute(_held_with_charge, values).one_or_none()
    if row is None:
        raise LeaseLost(NOT_HELD)
    return row


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
    """The day's first question makes its row."""
    day = dialect.insert(name, usage)
    return counting_one_more(day, is_limited=is_limited).returning(usage.c.used)
