"""The row of a conversation: who has it in hand, and when it is due."""

from collections.abc import Collection, Sequence
from functools import cache

from sqlalchemy import Connection, Select, Update, bindparam, select, update

from adapters.sql.engine.dialect import is_one_of
from adapters.sql.statements.moments import span
from adapters.sql.statements.progress import AnyRow
from adapters.sql.tables import LEASED, lanes, messages
from application.errors import LeaseLost
from application.ports import Lease
from domain.inbox import LEASE

CHUNK = 500
"""Leases a statement: engines bound the number of its parameters."""

NOT_HELD = "somebody else has the conversation, or nobody"

IS_HELD = (
    lanes.c.conversation == bindparam("lane"),
    lanes.c.epoch == bindparam("held"),
    LEASED,
)

_held_message = (
    select(messages)
    .join_from(lanes, messages, messages.c.conversation == lanes.c.conversation)
    .where(*IS_HELD, messages.c.id == bindparam("number"))
    .with_for_update(of=lanes)
)

_finish = (
    update(lanes)
    .where(lanes.c.conversation == bindparam("lane"))
    .values(pending=lanes.c.pending - 1, lease_until=0, ready_at=bindparam("due"))
)
_release = update(lanes).where(lanes.c.conversation == bindparam("lane")).values(lease_until=0)
_postpone = _release.values(ready_at=bindparam("due"))
_refused = (
    update(lanes)
    .where(lanes.c.conversation == bindparam("lane"))
    .values(refused_at=bindparam("moment"))
)


@cache
def _held_of(dialect: str) -> Select[str, int]:
    return (
        select(lanes.c.conversation, lanes.c.epoch)
        .where(LEASED, is_one_of(dialect, lanes.c.conversation, "lanes"))
        # In one order by everybody who locks several, lest they wait for one another.
        .order_by(lanes.c.conversation)
        .with_for_update()
    )


@cache
def _prolong(dialect: str) -> Update:
    return (
        update(lanes)
        .where(is_one_of(dialect, lanes.c.conversation, "lanes"))
        .values(lease_until=bindparam("until"))
    )


def held_message(connection: Connection, lease: Lease, message: int) -> AnyRow:
    """The row of a message of the leased conversation.

    A lease whose time is over is held until somebody else takes the conversation.

    Raises:
        LeaseLost: it is not held any more.
    """
    row = connection.execute(
        _held_message, {"lane": lease.conversation, "held": lease.epoch, "number": message}
    ).one_or_none()
    if row is None:
        raise LeaseLost(NOT_HELD)
    return row


def finish_turn(connection: Connection, lease: Lease, *, now: int) -> None:
    """One open message less; the conversation goes to the end of the row."""
    connection.execute(_finish, {"lane": lease.conversation, "due": now})


def release(connection: Connection, lease: Lease) -> None:
    """End the lease; the conversation keeps its place in the row."""
    connection.execute(_release, {"lane": lease.conversation})


def postpone(connection: Connection, lease: Lease, *, until: int) -> None:
    connection.execute(_postpone, {"lane": lease.conversation, "due": until})


def note_refusal(connection: Connection, lease: Lease, *, now: int) -> None:
    connection.execute(_refused, {"lane": lease.conversation, "moment": now})


def renew(connection: Connection, leases: Collection[Lease], *, now: int) -> frozenset[Lease]:
    """Prolong leases; returns those that are lost."""
    wanted = list(leases)
    held: set[Lease] = set()
    for start in range(0, len(wanted), CHUNK):
        held.update(_renew_some(connection, wanted[start : start + CHUNK], until=now + span(LEASE)))
    return frozenset(leases) - held


def _renew_some(connection: Connection, leases: Sequence[Lease], *, until: int) -> list[Lease]:
    """Returns those that were held, and now are for longer."""
    dialect = connection.dialect.name
    wanted = {"lanes": [lease.conversation for lease in leases]}
    rows = connection.execute(_held_of(dialect), wanted)
    epochs = {row.conversation: row.epoch for row in rows}
    held = [lease for lease in leases if epochs.get(lease.conversation) == lease.epoch]
    if held:
        values = {"lanes": [lease.conversation for lease in held], "until": until}
        connection.execute(_prolong(dialect), values)
    return held


def free_all(connection: Connection) -> int:
    """End every lease; returns how many there were."""
    return connection.execute(update(lanes).where(LEASED).values(lease_until=0)).rowcount
