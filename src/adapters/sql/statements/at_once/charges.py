"""Charging a question to a person's day."""

from functools import cache

from sqlalchemy import Connection, Integer, Select, bindparam, insert, literal_column, select
from sqlalchemy.dialects import postgresql

from adapters.sql.statements.at_once.steps import HELD, held_by
from adapters.sql.statements.upserts import counting_one_more
from adapters.sql.tables import charges, usage
from application.ports import Lease
from domain.message import UserKey

_number = bindparam("number", type_=charges.c.message.type)
_user = bindparam("user", type_=usage.c.user_key.type)
_day = bindparam("date", type_=usage.c.day.type)
_most = bindparam("most", type_=Integer)

_already = select(charges.c.message).where(charges.c.message == _number).exists()


def charge_at_once(
    connection: Connection, *, lease: Lease, user: UserKey, day: str, limit: int | None
) -> int | None:
    """Charge the message; returns the day's count.

    None if it is not held or was charged, or the limit is reached.
    Of two at the same moment the second waits for the row of the day: they cannot both be the last.
    """
    values = {**held_by(lease), "number": lease.message, "user": user, "date": day}
    whole = _charge(is_limited=limit is not None)
    return connection.scalar(whole, values if limit is None else {**values, "most": limit})


@cache
def _charge(*, is_limited: bool) -> Select[int]:
    first = select(_user, _day, literal_column("1")).select_from(HELD).where(~_already)
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
    return select(counted.c.used).add_cte(charged)
