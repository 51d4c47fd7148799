"""Storing what came in, a batch with a handful of statements."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TypeVar

from sqlalchemy import Connection, bindparam, case, func, select
from sqlalchemy.sql.dml import ReturningInsert

from adapters.sql.engine.dialect import Insert, insert
from adapters.sql.statements.moments import millis
from adapters.sql.statements.parcel import HeaderPair, Identity, Parcel
from adapters.sql.tables import SIGNED, lanes, messages
from application.ports import Acceptance
from domain.inbox import MAX_MESSAGES_PER_SIGNATURE, Progress

T = TypeVar("T")

_msg_ids = select(messages.c.msg_id).where(
    messages.c.robot == bindparam("robot"),
    messages.c.msg_id.in_(bindparam("wanted", expanding=True)),
)

_of_pairs = (
    select(messages.c.signed_at, func.count().label("messages"))
    .where(
        SIGNED,
        messages.c.robot == bindparam("robot"),
        messages.c.signed_at.in_(bindparam("wanted", expanding=True)),
    )
    .group_by(messages.c.signed_at)
)


def store(connection: Connection, parcels: Sequence[Parcel], *, now: int) -> list[Acceptance]:
    """Store those that are new; one answer for each, in order."""
    known = _known(connection, {parcel.identity for parcel in parcels})
    strangers = [parcel for parcel in parcels if parcel.identity not in known]
    vouched = _vouched(connection, {one.header_pair for one in strangers if one.header_pair})
    fresh: dict[Identity, Parcel] = {}
    answers = [_judged(parcel, known, vouched, fresh) for parcel in parcels]
    inserted = _inserted(connection, fresh.values())
    _queue(connection, [fresh[identity] for identity in inserted], now=now)
    return [
        # Another replica may have been quicker.
        Acceptance.DUPLICATE
        if answer is Acceptance.STORED and parcel.identity not in inserted
        else answer
        for parcel, answer in zip(parcels, answers, strict=True)
    ]


def _judged(
    parcel: Parcel,
    known: set[Identity],
    vouched: Counter[HeaderPair],
    fresh: dict[Identity, Parcel],
) -> Acceptance:
    if parcel.identity in known:
        return Acceptance.DUPLICATE
    pair = parcel.header_pair
    if pair is not None:
        if vouched[pair] >= MAX_MESSAGES_PER_SIGNATURE:
            return Acceptance.REPLAYED
        vouched[pair] += 1
    known.add(parcel.identity)
    fresh[parcel.identity] = parcel
    return Acceptance.STORED


def _known(connection: Connection, identities: Iterable[Identity]) -> set[Identity]:
    return {
        (robot, msg_id)
        for robot, msg_ids in _by_robot(identities).items()
        for msg_id in connection.scalars(_msg_ids, {"robot": robot, "wanted": msg_ids})
    }


def _vouched(connection: Connection, pairs: Iterable[HeaderPair]) -> Counter[HeaderPair]:
    """How many messages each header pair stands for already."""
    return Counter(
        {
            (robot, row.signed_at): row.messages
            for robot, moments in _by_robot(pairs).items()
            for row in connection.execute(_of_pairs, {"robot": robot, "wanted": moments})
        }
    )


def _by_robot(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    """SQLite looks through a whole index for a list of pairs, and not for a list of values."""
    robots: dict[str, list[T]] = {}
    for robot, value in pairs:
        robots.setdefault(robot, []).append(value)
    return robots


def _inserted(connection: Connection, parcels: Iterable[Parcel]) -> dict[Identity, int]:
    rows = [_row_of(parcel) for parcel in parcels]
    if not rows:
        return {}
    stored = connection.execute(_message_insert(connection.dialect.name), rows)
    return {(row.robot, row.msg_id): row.id for row in stored}


def _queue(connection: Connection, parcels: Sequence[Parcel], *, now: int) -> None:
    """Give every conversation its new work."""
    news = Counter(parcel.arrival.message.conversation for parcel in parcels)
    users = {one.arrival.message.conversation: one.arrival.message.sender.key for one in parcels}
    rows = [
        {
            "conversation": conversation,
            "user_key": users[conversation],
            "pending": count,
            "ready_at": now,
            "lease_until": 0,
            "epoch": 0,
        }
        for conversation, count in sorted(news.items())
    ]
    if rows:
        connection.execute(_lane_upsert(connection.dialect.name), rows)


@cache
def _message_insert(dialect: str) -> ReturningInsert[int, str, str]:
    statement = insert(dialect, messages).on_conflict_do_nothing()
    return statement.returning(messages.c.id, messages.c.robot, messages.c.msg_id)


@cache
def _lane_upsert(dialect: str) -> Insert:
    statement = insert(dialect, lanes)
    new = statement.excluded
    idle = lanes.c.pending == 0
    return statement.on_conflict_do_update(
        index_elements=[lanes.c.conversation],
        set_={
            "pending": lanes.c.pending + new.pending,
            "ready_at": case((idle, new.ready_at), else_=lanes.c.ready_at),
        },
    )


def _row_of(parcel: Parcel) -> dict[str, object]:
    message, progress = parcel.arrival.message, Progress()
    return {
        "robot": message.robot,
        "msg_id": message.id,
        "conversation": message.conversation,
        "user_key": message.sender.key,
        "signed_at": parcel.arrival.signed_at,
        "received_at": millis(message.received_at),
        "state": progress.state.value,
        "delivery": progress.delivery.value,
        "attempts": progress.attempts,
        "body": parcel.body,
        "reason": "",
        "parts_sent": 0,
        "failures": 0,
    }
