"""What became of a reply."""

from functools import cache

from sqlalchemy import Connection, Select, bindparam, update

from adapters.sql.statements.at_once.steps import (
    ITS_MESSAGE,
    TURN_ENDED,
    carry_out,
    moved,
    of_lane,
    statement,
)
from adapters.sql.tables import messages
from application.ports import Lease
from domain.inbox import Progress

_note = statement(
    update(messages)
    .where(*ITS_MESSAGE)
    .values(parts_sent=bindparam("parts"), failures=0)
    .returning(messages.c.id)
    .cte("noted")
)


def note_sent_at_once(connection: Connection, *, lease: Lease, message: int, parts: int) -> None:
    carry_out(connection, _note, lease=lease, message=message, values={"parts": parts})


def settle_at_once(
    connection: Connection, *, lease: Lease, message: int, delivered: bool, now: int
) -> None:
    whole = _settle(delivered=delivered, ends_turn=message == lease.message)
    carry_out(connection, whole, lease=lease, message=message, values={"now": now})


@cache
def _settle(*, delivered: bool, ends_turn: bool) -> Select[int]:
    settled = moved(Progress.delivered if delivered else Progress.undelivered).cte("settled")
    return statement(settled, *([of_lane(settled, TURN_ENDED)] if ends_turn else []))
