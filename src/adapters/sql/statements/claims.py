"""Leasing conversations that are due, and reading all that a worker has to know of them."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, literal_column, select, update

from adapters.sql.statements.encoding import message_in, parts_in, turns_in
from adapters.sql.statements.moments import moment_or_none, span
from adapters.sql.statements.progress import AnyRow, columns_of, progress_in, reply_in
from adapters.sql.tables import HAS_WORK, UNFINISHED, WAITING, lanes, messages, sessions
from application.ports import Claim, Lease, StoredReply, WaitingReply
from domain.command import Mode
from domain.conversation import Session
from domain.inbox import LEASE, Delivery
from domain.message import ConversationKey

_of_reply = ("reply", "parts_sent", "failures")

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

_lease = (
    update(lanes)
    .where(lanes.c.conversation.in_(bindparam("chosen", expanding=True)))
    .values(lease_until=bindparam("until"), epoch=lanes.c.epoch + 1)
)

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

_claimed = (
    select(
        lanes.c.conversation,
        lanes.c.epoch,
        lanes.c.refused_at,
        _has_waiting.label("has_waiting"),
        *(messages.c[name] for name in ("id", "state", "delivery", "attempts", "body")),
        *(messages.c[name] for name in _of_reply),
        *(sessions.c[name] for name in ("mode", "turns", "touched_at")),
    )
    .join_from(lanes, messages, messages.c.id == _oldest_open)
    .outerjoin(sessions, sessions.c.conversation == lanes.c.conversation)
    .where(lanes.c.conversation.in_(bindparam("chosen", expanding=True)))
)

_waiting = (
    select(*(messages.c[name] for name in ("id", "conversation", *_of_reply)))
    .where(WAITING, messages.c.conversation.in_(bindparam("chosen", expanding=True)))
    .order_by(messages.c.id)
)

_begin = update(messages).where(messages.c.id == bindparam("number"))


def claim(connection: Connection, *, now: int, capacity: int, per_user: int) -> tuple[Claim, ...]:
    """Lease what is due, those due longest first, and begin its oldest messages."""
    chosen = lease_due(connection, now=now, capacity=capacity, per_user=per_user)
    if not chosen:
        return ()
    rows = {row.conversation: row for row in connection.execute(_claimed, {"chosen": chosen})}
    waiting = _waiting_replies(connection, [key for key in chosen if rows[key].has_waiting])
    claims = tuple(_claim_of(rows[key], waiting[key]) for key in chosen)
    changes = [{"number": one.lease.message, **columns_of(one.progress)} for one in claims]
    connection.execute(_begin, changes)
    return claims


def lease_due(connection: Connection, *, now: int, capacity: int, per_user: int) -> list[str]:
    """Lease conversations; those of people who have enough in hand are passed over."""
    chosen: list[str] = []
    while len(chosen) < capacity:
        room = capacity - len(chosen)
        due = connection.execute(_due, {"now": now, "per_user": per_user, "room": room}).all()
        leased = _within_limits(due, per_user)
        if not leased:
            break
        connection.execute(_lease, {"chosen": leased, "until": now + span(LEASE)})
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


def _waiting_replies(
    connection: Connection, conversations: Sequence[str]
) -> dict[str, list[WaitingReply]]:
    waiting: dict[str, list[WaitingReply]] = defaultdict(list)
    if not conversations:
        return waiting
    for row in connection.execute(_waiting, {"chosen": conversations}):
        reply = StoredReply(parts=parts_in(row.reply), sent=row.parts_sent, failures=row.failures)
        waiting[row.conversation].append(WaitingReply(message=row.id, reply=reply))
    return waiting


def _claim_of(row: AnyRow, waiting: Sequence[WaitingReply]) -> Claim:
    conversation = ConversationKey(row.conversation)
    return Claim(
        lease=Lease(conversation=conversation, epoch=row.epoch, message=row.id),
        message=message_in(row.body),
        progress=progress_in(row).leased(),
        reply=reply_in(row),
        session=_session_in(row),
        last_refusal=moment_or_none(row.refused_at),
        waiting=tuple(waiting),
    )


def _session_in(row: AnyRow) -> Session:
    if row.turns is None:
        return Session()
    return Session(
        mode=None if row.mode is None else Mode(row.mode),
        turns=turns_in(row.turns),
        touched_at=moment_or_none(row.touched_at),
    )
