"""Charging questions to people's days."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, Integer, Select, Text, bindparam, insert, literal_column, select
from sqlalchemy.dialects import postgresql

from adapters.sql.statements.at_once.steps import given, held, in_arrays
from adapters.sql.statements.upserts import counting_one_more
from adapters.sql.tables import charges, usage
from application.ports import Lease
from domain.message import UserKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Charging:
    """A question that is to be charged, unless the limit is reached."""

    lease: Lease
    user: UserKey
    day: str
    limit: int | None


def charge_at_once(connection: Connection, chargings: Sequence[Charging]) -> dict[int, int]:
    """Charge the messages, of people who differ and with the same limit; the days' counts by message.

    None for those that are not held or were charged, or whose limit is reached.
    Of two at the same moment the second waits for the row of the day: they cannot both be the last.
    """
    limit = chargings[0].limit
    rows = [given(one.lease, one.lease.message, user=one.user, day=one.day) for one in chargings]
    values = in_arrays(rows) | ({} if limit is None else {"most": limit})
    counts = connection.execute(_charge(is_limited=limit is not None), values)
    return {row.number: row.used for row in counts}


@cache
def _charge(*, is_limited: bool) -> Select[int, int]:
    asked = held({"user": Text(), "day": Text()})
    is_charged = select(charges.c.message).where(charges.c.message == asked.c.number).exists()
    first = select(asked.c.user, asked.c.day, literal_column("1")).where(~is_charged)
    if is_limited:
        first = first.where(bindparam("most", type_=Integer) > 0)
    # In one order by everybody, as with the conversations.
    row = first.order_by(asked.c.user)
    new = postgresql.insert(usage).from_select(["user_key", "day", "used"], row)
    counting = counting_one_more(new, is_limited=is_limited)
    counted = counting.returning(usage.c.user_key, usage.c.used).cte("counted")
    whose = select(asked.c.number, asked.c.user, asked.c.day, counted.c.used).join_from(
        counted, asked, asked.c.user == counted.c.user_key
    )
    charged = whose.cte("charged")
    kept = insert(charges).from_select(
        ["message", "user_key", "day"], select(charged.c.number, charged.c.user, charged.c.day)
    )
    return select(charged.c.number, charged.c.used).add_cte(kept.cte("kept"))
