"""What became of replies."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, Integer, Select, update

from adapters.sql.statements.at_once.steps import (
    NOW,
    Hindrance,
    carry_out,
    given,
    held,
    moved,
    of_conversation,
    of_lanes,
    statement,
    turn_ended,
)
from adapters.sql.tables import messages
from application.ports import Lease
from domain.inbox import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """So many parts of a message's reply have been sent."""

    lease: Lease
    message: int
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """The reply of a message was delivered, or never will be."""

    lease: Lease
    message: int
    delivered: bool
    now: int

    @property
    def ends_turn(self) -> bool:
        return self.message == self.lease.message

    @property
    def kind(self) -> tuple[bool, bool]:
        """What those have in common that are settled together."""
        return self.delivered, self.ends_turn


def note_sent_at_once(
    connection: Connection, sendings: Sequence[Sending]
) -> list[Hindrance | None]:
    rows = [given(one.lease, one.message, parts=one.parts) for one in sendings]
    return carry_out(connection, _note(), rows)


def settle_at_once(connection: Connection, settlings: Sequence[Settling]) -> list[Hindrance | None]:
    """Settle those that are of one kind."""
    delivered, ends_turn = settlings[0].kind
    rows = [given(one.lease, one.message, now=one.now) for one in settlings]
    return carry_out(connection, _settle(delivered=delivered, ends_turn=ends_turn), rows)


@cache
def _note() -> Select[int]:
    sent = held({"parts": Integer()})
    change = update(messages).where(of_conversation(sent))
    noted = change.values(parts_sent=sent.c.parts, failures=0).returning(*sent.c)
    return statement(noted.cte("noted"))


@cache
def _settle(*, delivered: bool, ends_turn: bool) -> Select[int]:
    step = Progress.delivered if delivered else Progress.undelivered
    settled = moved(step, held(NOW)).cte("settled")
    return statement(settled, *([of_lanes(settled, turn_ended(settled))] if ends_turn else []))
