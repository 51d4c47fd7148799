"""Charging a question to a person's day."""

from functools import cache

from sqlalchemy import Connection, Integer, Select, bindparam, func, insert, literal_column, select
from sqlalchemy.dialects import postgresql

from adapters.sql.statements.at_once.steps import HELD, held_by
from adapters.sql.statements.lanes import NOT_HELD
from adapters.sql.statements.upserts import counting_one_more
from adapters.sql.tables import charges, usage
from application.errors import LeaseLost
from application.ports import Lease, Use
from domain.message import UserKey

_number = bindparam("number", type_=charges.c.message.type)
_user = bindparam("user", type_=usage.c.user_key.type)
_day = bindparam("date", type_=usage.c.day.type)
_most = bindparam("most", type_=Integer)

_already = (
    select(charges.c.user_key, charges.c.day)
    .join_from(charges, HELD, charges.c.message == _number)
    .cte("already")
)
_used_then = select(usage.c.used).join_from(
    usage, _already, (usage.c.user_key == _already.c.user_key) & (usage.c.day == _already.c.day)
)
_used_now = select(usage.c.used).where(usage.c.user_key == _user, usage.c.day == _day)


def charge_at_once(
    connection: Connection, *, lease: Lease, user: UserKey, day: str, limit: int | None
) -> Use:
    """Charge the message, unless it has been or the limit is reached.

    Of two at the same moment the second waits for the row of the day: they cannot both be the last.
    """
    values = {**held_by(lease), "number": lease.message, "user": user, "date": day}
    whole = _charge(is_limited=limit is not None)
    row = connection.execute(whole, values if limit is None else {**values, "most": limit}).one()
    if not row.is_held:
        raise LeaseLost(NOT_HELD)
    if row.is_charged:
        return Use(used=row.used_then or 0)
    if row.counted is not None:
        return Use(used=row.counted)
    # The statement does not see what it waited for, only that the limit is reached.
    return Use(used=max(row.used_now or 0, limit or 0), admitted=False)


@cache
def _charge(*, is_limited: bool) -> Select[bool, bool, int, int, int]:
    first = select(_user, _day, literal_column("1")).select_from(HELD)
    first = first.where(~select(_already).exists())
    day = postgresql.insert(usage).from_select(
        ["user_key", "day", "used"], first.where(_most > 0) if is_limited else first
    )
    counted = counting_one_more(day, is_limited=is_limited).returning(usage.c.used).cte("counted")
    charged = (
        insert(charges)
        .from_select(
            ["message", "user_key", "day"], select(_number, _user, _day).select_from(counted)
        )
        .cte("charged")
    )
    return select(
        select(func.count() > 0).select_from(HELD).scalar_subquery().label("is_held"),
        select(_already).exists().label("is_charged"),
        select(counted.c.used).scalar_subquery().label("counted"),
        _used_then.scalar_subquery().label("used_then"),
        _used_now.scalar_subquery().label("used_now"),
    ).add_cte(charged)
