"""Storing what was decided about messages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Any

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    Text,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from adapters.sql.statements.at_once.steps import (
    NOW,
    Columns,
    Hindrance,
    carry_out,
    given,
    held,
    moved,
    of_lanes,
    statement,
    turn_ended,
)
from adapters.sql.statements.encoding import text_of
from adapters.sql.statements.rows import exchange_row, session_row, use_row
from adapters.sql.statements.upserts import COUNTED, adding_use, replacing_session
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


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was decided about the leased message."""

    lease: Lease
    outcome: Outcome
    share: int
    """Of the sums of day and model, see `SHARES`."""
    now: int

    @cached_property
    def shape(self) -> Shape:
        """What those have in common that are recorded together."""
        return Shape(
            state=self.outcome.state,
            has_reply=bool(self.outcome.parts),
            is_refunded=self.outcome.refund,
            is_aloud=self.outcome.aloud,
            session=tuple(self._session),
            exchange=tuple(self._exchange),
            use=tuple(self._use),
        )

    @property
    def given(self) -> dict[str, object]:
        """What the statement of that shape is given."""
        told = {"told_reply": text_of(self.outcome.parts)} if self.outcome.parts else {}
        return given(
            self.lease,
            self.lease.message,
            now=self.now,
            told_reason=self.outcome.reason,
            **told,
            **_named(sessions, self._session),
            **_named(exchanges, self._exchange),
            **_named(spending, self._use),
        )

    @cached_property
    def _session(self) -> dict[str, object]:
        return {} if self.outcome.session is None else session_row(self.outcome.session)

    @cached_property
    def _exchange(self) -> dict[str, object]:
        exchange = self.outcome.exchange
        return {} if exchange is None else exchange_row(self.outcome, exchange)

    @cached_property
    def _use(self) -> dict[str, object]:
        exchange = self.outcome.exchange
        return {} if exchange is None else use_row(self.outcome, exchange, self.share)


def record_at_once(connection: Connection, decisions: Sequence[Decision]) -> list[Hindrance | None]:
    """Store outcomes of one shape. Without a reply the messages are finished and the leases end."""
    return carry_out(connection, _decide(decisions[0].shape), [one.given for one in decisions])


@cache
def _decide(shape: Shape) -> Select[int]:
    told: Columns = {"told_reason": Text()} | ({"told_reply": Text()} if shape.has_reply else {})
    brought = {
        _name(table, name): _kind(table.c[name])
        for table, names in _parts(shape).items()
        for name in names
    }
    asked = held({**NOW, **told, **brought})
    step = partial(Progress.decided, state=shape.state, with_reply=shape.has_reply)
    said = {"reason": asked.c.told_reason}
    if shape.has_reply:
        said["reply"] = asked.c.told_reply
    more = (messages.c.robot, messages.c.user_key, messages.c.received_at)
    decided = moved(step, asked).values(**said).returning(*more).cte("decided")
    return statement(decided, *_consequences(shape, decided))


def _parts(shape: Shape) -> Mapping[Table, tuple[str, ...]]:
    return {sessions: shape.session, exchanges: shape.exchange, spending: shape.use}


def _consequences(shape: Shape, decided: CTE) -> Iterator[CTE]:
    if shape.session:
        yield _sessions_kept(shape.session, decided)
    if shape.exchange:
        yield _remembered(shape.exchange, decided)
    if shape.use:
        yield _use_added(shape.use, decided)
    if shape.is_refunded:
        yield _refunded(decided)
    heard = {"refused_at": decided.c.now} if shape.is_aloud else {}
    ended = {} if shape.has_reply else turn_ended(decided)
    # One change to the row: of two in a statement only one would be made.
    if lane := {**heard, **ended}:
        yield of_lanes(decided, lane)


def _sessions_kept(names: tuple[str, ...], decided: CTE) -> CTE:
    rows = select(decided.c.lane, *_brought(sessions, names, decided))
    new = postgresql.insert(sessions).from_select(["conversation", *names], rows)
    return replacing_session(new).cte("session")


def _remembered(names: tuple[str, ...], decided: CTE) -> CTE:
    known = {
        "message": decided.c.number,
        "robot": decided.c.robot,
        "conversation": decided.c.lane,
        "user_key": decided.c.user_key,
        "asked_at": decided.c.received_at,
    }
    rows = select(*known.values(), *_brought(exchanges, names, decided))
    return insert(exchanges).from_select([*known, *names], rows).cte("exchange")


def _use_added(names: tuple[str, ...], decided: CTE) -> CTE:
    """Those that go into one row together; the rows in one order by everybody."""
    brought = dict(zip(names, _brought(spending, names, decided), strict=True))
    place = [brought[column.name] for column in spending.primary_key]
    sums = {name: func.sum(one) if name in COUNTED else one for name, one in brought.items()}
    rows = select(*sums.values()).group_by(*place).order_by(*place)
    return adding_use(postgresql.insert(spending).from_select(names, rows)).cte("use")


def _refunded(decided: CTE) -> CTE:
    given_back = (
        update(charges)
        .where(charges.c.message == decided.c.number, charges.c.refunded_at.is_(None))
        .values(refunded_at=decided.c.now)
        .returning(charges.c.user_key, charges.c.day)
        .cte("given_back")
    )
    day = (given_back.c.user_key, given_back.c.day)
    less = select(*day, func.count().label("number")).group_by(*day).cte("less")
    # The rows of the days are locked in the order in which they are charged.
    days = (
        select(*usage.primary_key, less.c.number)
        .join_from(usage, less, _is_day(less))
        .order_by(*usage.primary_key)
        .with_for_update(of=usage)
        .cte("days")
    )
    change = update(usage).where(_is_day(days)).values(used=usage.c.used - days.c.number)
    return change.cte("refunded")


def _is_day(other: CTE) -> ColumnElement[bool]:
    return (usage.c.user_key == other.c.user_key) & (usage.c.day == other.c.day)


def _brought(table: Table, names: tuple[str, ...], decided: CTE) -> list[ColumnElement[object]]:
    return [decided.c[_name(table, name)] for name in names]


def _named(table: Table, row: dict[str, object]) -> dict[str, object]:
    return {_name(table, name): value for name, value in row.items()}


def _name(table: Table, column: str) -> str:
    """Apart from the names that a statement gives to its own values."""
    return f"{table.name}_{column}"


def _kind(column: Column[Any]) -> TypeEngine[Any]:
    """Without a length: what is too long must be refused by the column, not cut on its way there."""
    return Text() if isinstance(column.type, String) else column.type
