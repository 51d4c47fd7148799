"""Storing what was decided about a message."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial

from sqlalchemy import (
    CTE,
    BindParameter,
    Connection,
    Select,
    Table,
    Text,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

from adapters.sql.statements.at_once.steps import (
    NOW,
    TURN_ENDED,
    carry_out,
    moved,
    of_lane,
    statement,
)
from adapters.sql.statements.encoding import text_of
from adapters.sql.statements.rows import exchange_row, session_row, use_row
from adapters.sql.statements.upserts import adding_use, replacing_session
from adapters.sql.tables import charges, exchanges, messages, sessions, spending, usage
from application.ports import Lease, Outcome
from domain.inbox import Progress, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What of an outcome there is to be stored; each shape is a statement. Tuples name columns."""

    state: State
    has_reply: bool
    is_refunded: bool
    is_aloud: bool
    session: tuple[str, ...]
    exchange: tuple[str, ...]
    use: tuple[str, ...]


def record_at_once(connection: Connection, *, lease: Lease, outcome: Outcome, now: int) -> None:
    """Store the outcome. Without a reply the message is finished and the lease ends."""
    told = outcome.exchange
    session = {} if outcome.session is None else session_row(outcome.session)
    exchange = {} if told is None else exchange_row(outcome, told)
    use = {} if told is None else use_row(outcome, told, lease.conversation)
    shape = Shape(
        state=outcome.state,
        has_reply=bool(outcome.parts),
        is_refunded=outcome.refund,
        is_aloud=outcome.aloud,
        session=tuple(session),
        exchange=tuple(exchange),
        use=tuple(use),
    )
    values = {
        "now": now,
        "told_reason": outcome.reason,
        **_named(sessions, session),
        **_named(exchanges, exchange),
        **_named(spending, use),
    }
    if outcome.parts:
        values["told_reply"] = text_of(outcome.parts)
    carry_out(connection, _decide(shape), lease=lease, message=lease.message, values=values)


@cache
def _decide(shape: Shape) -> Select[int]:
    step = partial(Progress.decided, state=shape.state, with_reply=shape.has_reply)
    told = {"reason": bindparam("told_reason", type_=Text)}
    if shape.has_reply:
        told["reply"] = bindparam("told_reply", type_=Text)
    more = (messages.c.robot, messages.c.user_key, messages.c.received_at)
    decided = moved(step).values(**told).returning(*more).cte("decided")
    return statement(decided, *_consequences(shape, decided))


def _consequences(shape: Shape, decided: CTE) -> Iterator[CTE]:
    if shape.session:
        yield _session_kept(shape.session, decided)
    if shape.exchange:
        yield _remembered(shape.exchange, decided)
    if shape.use:
        yield _use_added(shape.use, decided)
    if shape.is_refunded:
        yield _refunded(decided)
    heard = {"refused_at": NOW} if shape.is_aloud else {}
    ended = {} if shape.has_reply else TURN_ENDED
    # One change to the row: of two in a statement only one would be made.
    if lane := {**heard, **ended}:
        yield of_lane(decided, lane)


def _session_kept(names: tuple[str, ...], decided: CTE) -> CTE:
    row = select(decided.c.conversation, *_brought(sessions, names))
    new = postgresql.insert(sessions).from_select(["conversation", *names], row)
    return replacing_session(new).cte("session")


def _remembered(names: tuple[str, ...], decided: CTE) -> CTE:
    known = {
        "message": decided.c.id,
        "robot": decided.c.robot,
        "conversation": decided.c.conversation,
        "user_key": decided.c.user_key,
        "asked_at": decided.c.received_at,
    }
    row = select(*known.values(), *_brought(exchanges, names))
    return insert(exchanges).from_select([*known, *names], row).cte("exchange")


def _use_added(names: tuple[str, ...], decided: CTE) -> CTE:
    row = select(*_brought(spending, names)).select_from(decided)
    return adding_use(postgresql.insert(spending).from_select(names, row)).cte("use")


def _refunded(decided: CTE) -> CTE:
    given_back = (
        update(charges)
        .where(charges.c.message == decided.c.id, charges.c.refunded_at.is_(None))
        .values(refunded_at=NOW)
        .returning(charges.c.user_key, charges.c.day)
        .cte("given_back")
    )
    return (
        update(usage)
        .where(usage.c.user_key == given_back.c.user_key, usage.c.day == given_back.c.day)
        .values(used=usage.c.used - 1)
        .cte("refunded")
    )


def _brought(table: Table, names: tuple[str, ...]) -> list[BindParameter[object]]:
    return [bindparam(_name(table, name), type_=table.c[name].type) for name in names]


def _named(table: Table, row: dict[str, object]) -> dict[str, object]:
    return {_name(table, name): value for name, value in row.items()}


def _name(table: Table, column: str) -> str:
    """Apart from the names that a statement gives to its own values."""
    return f"{table.name}_{column}"
