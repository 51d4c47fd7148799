"""Claiming conversations that are due: all that a worker has to know of them is read."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Update, literal_column, select, update

from adapters.sql.engine.dialect import is_one_of
from adapters.sql.statements.discards import UNREADABLE, discard_open, discard_waiting
from adapters.sql.statements.encoding import message_in, parts_in, turns_in
from adapters.sql.statements.leasing import lease_due
from adapters.sql.statements.moments import moment_or_none
from adapters.sql.statements.progress import AnyRow, columns_of, progress_in, reply_in
from adapters.sql.tables import UNFINISHED, WAITING, lanes, messages, sessions
from application.ports import Claim, Lease, StoredReply, WaitingReply
from domain.command import Mode
from domain.conversation import Session
from domain.inbox import Delivery, Progress
from domain.message import ConversationKey

logger = logging.getLogger(__name__)

_of_message = ("id", "state", "delivery", "attempts", "reply", "parts_sent", "failures")

_oldest_open = (
    select(messages.c.id)
    .where(
        messages.c.conversation == lanes.c.conversation,
        UNFINISHED,
        messages.c.delivery != Delivery.WAITING.value,
    )
    .order_by(messages.c.id)
    .limit(1)
    .correlate(lanes)
    .scalar_subquery()
)

_earlier = messages.alias("earlier")
_has_waiting = (
    select(_earlier.c.id)
    .where(
        _earlier.c.conversation == lanes.c.conversation,
        _earlier.c.delivery == literal_column("'waiting'"),
    )
    .correlate(lanes)
    .exists()
)


@cache
def _claimed(dialect: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            lanes.c.conversation,
            lanes.c.epoch,
            lanes.c.refused_at,
            lanes.c.pending,
            _has_waiting.label("has_waiting"),
            *(messages.c[name] for name in (*_of_message, "body")),
            *(sessions.c[name] for name in ("mode", "turns", "touched_at")),
        )
        .join_from(lanes, messages, messages.c.id == _oldest_open)
        .outerjoin(sessions, sessions.c.conversation == lanes.c.conversation)
        .where(is_one_of(dialect, lanes.c.conversation, "chosen"))
    )


@cache
def _waiting(dialect: str) -> Select[*tuple[Any, ...]]:
    return (
        select(*(messages.c[name] for name in ("conversation", *_of_message)))
        .where(WAITING, is_one_of(dialect, messages.c.conversation, "chosen"))
        .order_by(messages.c.id)
    )


@cache
def _stand(dialect: str) -> Update:
    return update(messages).where(is_one_of(dialect, messages.c.id, "numbers"))


def claim(connection: Connection, *, now: int, capacity: int, per_user: int) -> tuple[Claim, ...]:
    """Lease what is due, those due longest first, and begin its oldest messages.

    A message that cannot be read is given up instead: one bad row must not stop all the others.
    """
    chosen = lease_due(connection, now=now, capacity=capacity, per_user=per_user)
    if not chosen:
        return ()
    claimed = connection.execute(_claimed(connection.dialect.name), {"chosen": chosen})
    rows = {row.conversation: row for row in claimed}
    expecting = [key for key in chosen if rows[key].has_waiting]
    waiting = _waiting_replies(connection, expecting, now=now)
    found = (_claim_or_none(connection, rows[key], waiting[key], now=now) for key in chosen)
    claims = tuple(one for one in found if one is not None)
    _begin(connection, claims)
    return claims


def _begin(connection: Connection, claims: Sequence[Claim]) -> None:
    """One change for all that stand at the same place afterwards, which mostly are all."""
    alike: dict[Progress, list[int]] = defaultdict(list)
    for one in claims:
        alike[one.progress].append(one.lease.message)
    for progress, numbers in alike.items():
        values = {"numbers": numbers, **columns_of(progress)}
        connection.execute(_stand(connection.dialect.name), values)


def _waiting_replies(
    connection: Connection, conversations: Sequence[str], *, now: int
) -> dict[str, list[WaitingReply]]:
    waiting: dict[str, list[WaitingReply]] = defaultdict(list)
    if not conversations:
        return waiting
    query = _waiting(connection.dialect.name)
    for row in connection.execute(query, {"chosen": conversations}).all():
        try:
            reply = _waiting_reply(row)
        except UNREADABLE:
            discard_waiting(connection, row.id, now=now)
        else:
            waiting[row.conversation].append(WaitingReply(message=row.id, reply=reply))
    return waiting


def _waiting_reply(row: AnyRow) -> StoredReply:
    progress_in(row).delivered()
    return StoredReply(parts=parts_in(row.reply), sent=row.parts_sent, failures=row.failures)


def _claim_or_none(
    connection: Connection, row: AnyRow, waiting: Sequence[WaitingReply], *, now: int
) -> Claim | None:
    conversation = ConversationKey(row.conversation)
    lease = Lease(conversation=conversation, epoch=row.epoch, message=row.id)
    try:
        return _claim_of(row, lease, waiting)
    except UNREADABLE:
        discard_open(connection, lease, now=now)
        return None


def _claim_of(row: AnyRow, lease: Lease, waiting: Sequence[WaitingReply]) -> Claim:
    return Claim(
        lease=lease,
        message=message_in(row.body),
        progress=progress_in(row).leased(),
        reply=reply_in(row),
        session=_session_in(row),
        last_refusal=moment_or_none(row.refused_at),
        waiting=tuple(waiting),
        has_newer=row.pending > 1,
    )


def _session_in(row: AnyRow) -> Session:
    if row.turns is None:
        return Session()
    try:
        return Session(
            mode=None if row.mode is None else Mode(row.mode),
            turns=turns_in(row.turns),
            touched_at=moment_or_none(row.touched_at),
        )
    except UNREADABLE:
        logger.warning("session_unreadable", extra={"number": row.id})
        return Session()
