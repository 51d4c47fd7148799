"""Leasing conversations that are due, in turn and within what one person may have in hand."""

from collections import Counter
from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection, Update, bindparam, func, literal_column, select, update

from adapters.sql.engine.dialect import is_one_of
from adapters.sql.statements.moments import span
from adapters.sql.statements.progress import AnyRow
from adapters.sql.tables import HAS_WORK, lanes
from domain.inbox import LEASE

_peers = lanes.alias("peers")
_in_hand = (
    select(func.count())
    .select_from(_peers)
    .where(
        _peers.c.user_key == lanes.c.user_key,
        _peers.c.lease_until > literal_column("0"),
        _peers.c.lease_until > bindparam("now"),
    )
    .correlate(lanes)
    .scalar_subquery()
)
"""How many conversations of the lane's user are leased."""

_due = (
    select(lanes.c.conversation, lanes.c.user_key, _in_hand.label("in_hand"))
    .where(
        HAS_WORK,
        lanes.c.ready_at <= bindparam("now"),
        lanes.c.lease_until <= bindparam("now"),
        _in_hand < bindparam("per_user"),
    )
    .order_by(lanes.c.ready_at, lanes.c.conversation)
    .limit(bindparam("room"))
    .with_for_update(of=lanes, skip_locked=True)
)


@cache
def _lease(dialect: str) -> Update:
    return (
        update(lanes)
        .where(is_one_of(dialect, lanes.c.conversation, "chosen"))
        .values(lease_until=bindparam("until"), epoch=lanes.c.epoch + 1)
    )


def lease_due(connection: Connection, *, now: int, capacity: int, per_user: int) -> list[str]:
    """Lease conversations; those of people who have enough in hand are passed over."""
    chosen: list[str] = []
    while len(chosen) < capacity:
        room = capacity - len(chosen)
        due = connection.execute(_due, {"now": now, "per_user": per_user, "room": room}).all()
        leased = _within_limits(due, per_user)
        if not leased:
            break
        values = {"chosen": leased, "until": now + span(LEASE)}
        connection.execute(_lease(connection.dialect.name), values)
        chosen += leased
        if len(due) < room:
            break
    return chosen


def _within_limits(due: Sequence[AnyRow], per_user: int) -> list[str]:
    """The first of each person's conversations that are due, as many as may be leased."""
    taken = Counter[str]()
    chosen: list[str] = []
    for row in due:
        if row.in_hand + taken[row.user_key] < per_user:
            taken[row.user_key] += 1
            chosen.append(row.conversation)
    return chosen
