"""The frame of them all: the leases are held, and the messages stand where the step begins."""

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
    Text,
    Update,
    and_,
    bindparam,
    case,
    column,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from adapters.sql.statements.lanes import IS_HELD, NOT_HELD
from adapters.sql.tables import LEASED, lanes, messages
from application.errors import LeaseLost
from application.ports import Lease
from domain.inbox import DECIDED, Progress, StepOutOfOrder

Step: TypeAlias = Callable[[Progress], Progress]
Move: TypeAlias = tuple[Progress, Progress]
Columns: TypeAlias = Mapping[str, TypeEngine[Any]]
Given: TypeAlias = Mapping[str, object]
"""What a statement is given for one message, by column."""

Hindrance: TypeAlias = LeaseLost | StepOutOfOrder
"""The conversation is not held any more, or has no such message; or that stands elsewhere."""

OF_LEASE: Columns = MappingProxyType({"lane": Text(), "held": BigInteger(), "number": BigInteger()})
"""The columns of `given`."""

NOW: Columns = MappingProxyType({"now": BigInteger()})


def given(lease: Lease, message: int, **more: object) -> dict[str, object]:
    return {"lane": lease.conversation, "held": lease.epoch, "number": message, **more}


def held(more: Columns) -> CTE:
    """What is given, with these columns more, as far as the conversations are held; they are locked.

    In one order by everybody who locks several, lest they wait for one another.
    """
    columns = {**OF_LEASE, **more}
    arrays = (bindparam(name, type_=ARRAY(kind)) for name, kind in columns.items())
    rows = func.unnest(*arrays).table_valued(*(column(*one) for one in columns.items()))
    one = rows.render_derived(name="given")
    is_held = and_(lanes.c.conversation == one.c.lane, lanes.c.epoch == one.c.held, LEASED)
    return (
        select(*one.c)
        .join_from(one, lanes, is_held)
        .order_by(lanes.c.conversation)
        .with_for_update(of=lanes)
        .cte("held")
    )


def of_conversation(held: CTE) -> ColumnElement[bool]:
    """The row of the message, if it is one of the held conversation."""
    return and_(messages.c.id == held.c.number, messages.c.conversation == held.c.lane)


def moved(step: Step, held: CTE) -> Update:
    """The messages moved on whose rows stand where the step can be made; returned is what was given.

    From where that is, and to where it leads, is asked of the domain.
    """
    moves = list(_moves(step))
    return (
        update(messages)
        .where(of_conversation(held), or_(*(_stands(before) for before, _ in moves)))
        .values(
            state=_after(moves, lambda after: _word(after.state)),
            delivery=_after(moves, lambda after: _word(after.delivery)),
            body=_after(moves, lambda after: messages.c.body if after.is_open else null()),
            reply=_after(moves, lambda after: null() if after.is_finished else messages.c.reply),
            finished_at=_after(moves, lambda after: held.c.now if after.is_finished else null()),
        )
        .returning(*held.c)
    )


def turn_ended(done: CTE) -> Mapping[str, object]:
    """One open message less; the conversation goes to the end of the row."""
    return {"pending": lanes.c.pending - 1, "lease_until": 0, "ready_at": done.c.now}


def of_lanes(done: CTE, changes: Mapping[str, object]) -> CTE:
    """Changes to the rows of the conversations whose messages were moved on."""
    theirs = lanes.c.conversation == done.c.lane
    return update(lanes).where(theirs).values(**changes).cte("lane")


def statement(done: CTE, *more: CTE) -> Select[int]:
    """What was moved on, with all that comes along with it, as one statement for `carry_out`."""
    return select(done.c.number).add_cte(*more)


_its_message = (
    select(messages.c.id)
    .join_from(lanes, messages, messages.c.conversation == lanes.c.conversation)
    .where(*IS_HELD, messages.c.id == bindparam("number"))
)


def carry_out(
    connection: Connection, whole: Select[int], rows: Sequence[Given]
) -> list[Hindrance | None]:
    """Execute a `statement`: for each what kept it from being done, which is asked afterwards."""
    done = set(connection.scalars(whole, in_arrays(rows)))
    return [None if row["number"] in done else _hindrance(connection, row) for row in rows]


def in_arrays(rows: Sequence[Given]) -> dict[str, object]:
    """An array for each column, as `held` takes them."""
    return {name: [row[name] for row in rows] for name in rows[0]}


def _hindrance(connection: Connection, row: Given) -> Hindrance:
    if connection.scalar(_its_message, {name: row[name] for name in OF_LEASE}) is None:
        return LeaseLost(NOT_HELD)
    return StepOutOfOrder("the message does not stand where this step begins")


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
