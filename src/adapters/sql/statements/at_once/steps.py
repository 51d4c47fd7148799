"""The frame of them all: the lease is held, and the message stands where the step begins."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from functools import cache, partial
from types import MappingProxyType
from typing import Any, TypeAlias

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Update,
    and_,
    bindparam,
    case,
    literal_column,
    null,
    or_,
    select,
    update,
)

from adapters.sql.statements.lanes import IS_HELD, NOT_HELD
from adapters.sql.tables import lanes, messages
from application.errors import LeaseLost
from application.ports import Lease
from domain.inbox import DECIDED, Progress, StepOutOfOrder

Step: TypeAlias = Callable[[Progress], Progress]
Move: TypeAlias = tuple[Progress, Progress]

HELD = select(lanes.c.conversation).where(*IS_HELD).with_for_update().cte("held")
"""The conversation, its row locked, if the lease is held; else nothing."""

ITS_MESSAGE = (
    messages.c.id == bindparam("number", type_=messages.c.id.type),
    messages.c.conversation == HELD.c.conversation,
)
"""The row of a message of that conversation."""

NOW = bindparam("now", type_=BigInteger)

TURN_ENDED = MappingProxyType({"pending": lanes.c.pending - 1, "lease_until": 0, "ready_at": NOW})
"""One open message less; the conversation goes to the end of the row."""


def moved(step: Step) -> Update:
    """The message moved on, if the lease is held and its row stands where the step can be made.

    From where that is, and to where it leads, is asked of the domain.
    """
    moves = list(_moves(step))
    return (
        update(messages)
        .where(*ITS_MESSAGE, or_(*(_stands(before) for before, _ in moves)))
        .values(
            state=_after(moves, lambda after: _word(after.state)),
            delivery=_after(moves, lambda after: _word(after.delivery)),
            body=_after(moves, lambda after: messages.c.body if after.is_open else null()),
            reply=_after(moves, lambda after: null() if after.is_finished else messages.c.reply),
            finished_at=_after(moves, lambda after: NOW if after.is_finished else null()),
        )
        .returning(messages.c.id, messages.c.conversation)
    )


def of_lane(done: CTE, changes: Mapping[str, object]) -> CTE:
    """Changes to the row of the conversation whose message was moved on."""
    mine = lanes.c.conversation == done.c.conversation
    return update(lanes).where(mine).values(**changes).cte("lane")


def statement(done: CTE, *more: CTE) -> Select[int]:
    """What was moved on, with all that comes along with it, as one statement for `carry_out`."""
    return select(done.c.id).add_cte(*more)


_held_message = select(messages.c.id).where(*ITS_MESSAGE)


def carry_out(
    connection: Connection,
    whole: Select[int],
    *,
    lease: Lease,
    message: int,
    values: Mapping[str, object],
) -> None:
    """Execute a `statement`. Why nothing was done is asked afterwards.

    Raises:
        LeaseLost: the conversation is not held any more, or has no such message.
        StepOutOfOrder: the message does not stand where the step can be made.
    """
    about = {**held_by(lease), "number": message}
    if connection.scalar(whole, {**about, **values}) is not None:
        return
    if connection.scalar(_held_message, about) is None:
        raise LeaseLost(NOT_HELD)
    raise StepOutOfOrder("the message does not stand where this step begins")


def held_by(lease: Lease) -> dict[str, object]:
    """The values that `HELD` needs."""
    return {"lane": lease.conversation, "held": lease.epoch}


def _moves(step: Step) -> Iterator[Move]:
    """Every place that the step can be made from, with the one that it leads to."""
    for before in sorted(places(), key=repr):
        with contextlib.suppress(StepOutOfOrder):
            yield before, step(before)


@cache
def places() -> frozenset[Progress]:
    """Wherever the life of a message can lead, attempts aside."""
    decisions: list[Step] = [
        partial(Progress.decided, state=state, with_reply=with_reply)
        for state in DECIDED
        for with_reply in (False, True)
    ]
    steps: list[Step] = [
        Progress.leased,
        Progress.handed_back,
        Progress.delivered,
        Progress.undelivered,
        *decisions,
    ]
    found, new = {Progress()}, [Progress()]
    while new:
        here = new.pop()
        for step in steps:
            with contextlib.suppress(StepOutOfOrder):
                there = replace(step(here), attempts=0)
                new += {there} - found
                found.add(there)
    return frozenset(found)


def _stands(progress: Progress) -> ColumnElement[bool]:
    return and_(
        messages.c.state == _word(progress.state), messages.c.delivery == _word(progress.delivery)
    )


def _after(
    moves: Sequence[Move], column: Callable[[Progress], ColumnElement[Any]]
) -> ColumnElement[Any]:
    values = [column(after) for _, after in moves]
    if len(set(map(str, values))) == 1:
        return values[0]
    return case(
        *((_stands(before), value) for (before, _), value in zip(moves, values, strict=True))
    )


def _word(one: Enum) -> ColumnElement[str]:
    return literal_column(f"'{one.value}'")
