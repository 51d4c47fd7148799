"""How far a message has come, read from its row and written to it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, bindparam, update

from adapters.sql.statements.encoding import parts_in
from adapters.sql.tables import messages
from application.ports import StoredReply
from domain.inbox import Delivery, Progress, State

AnyRow: TypeAlias = Row[*tuple[Any, ...]]

_of_message = update(messages).where(messages.c.id == bindparam("number"))


def progress_in(row: AnyRow) -> Progress:
    return Progress(state=State(row.state), delivery=Delivery(row.delivery), attempts=row.attempts)


def reply_in(row: AnyRow) -> StoredReply | None:
    if row.reply is None:
        return None
    return StoredReply(parts=parts_in(row.reply), sent=row.parts_sent, failures=row.failures)


def columns_of(progress: Progress) -> dict[str, object]:
    return {
        "state": progress.state.value,
        "delivery": progress.delivery.value,
        "attempts": progress.attempts,
    }


def advance(
    connection: Connection,
    message: int,
    progress: Progress,
    *,
    now: int,
    told: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Write the message's new progress, and what the person is told if that is new.

    Once nothing is left to do for the message its text goes, and its reply unless that waits to be sent.
    """
    changes = {**told, **columns_of(progress)}
    if not progress.is_open:
        changes |= {"body": None}
    if progress.is_finished:
        changes |= {"finished_at": now, "reply": None}
    change(connection, message, changes)


def change(connection: Connection, message: int, columns: dict[str, object]) -> None:
    connection.execute(_of_message, {"number": message, **columns})
