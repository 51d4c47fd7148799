"""Reading a person's records: counted, searched, by pages and in their order."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, func, or_, select, tuple_

from adapters.sql.engine.dialect import holds
from adapters.sql.statements.encoding import attempts_in
from adapters.sql.statements.moments import MILLISECOND, moment_of
from adapters.sql.statements.progress import AnyRow
from adapters.sql.tables import exchanges, messages
from domain.history import Record
from domain.inbox import State
from domain.message import RoomKind, UserKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which of the records, the newest being number 0."""

    first: int
    size: int


_theirs = exchanges.c.user_key == bindparam("person")
_newest_first = (exchanges.c.asked_at.desc(), exchanges.c.id.desc())
_oldest_first = (exchanges.c.asked_at, exchanges.c.id)

_count = select(func.count()).select_from(exchanges).where(_theirs)
_numbers = (
    select(exchanges.c.id)
    .where(_theirs)
    .order_by(*_newest_first)
    .limit(bindparam("size"))
    .offset(bindparam("first"))
)
_is_delivered = (exchanges.c.state == State.ANSWERED.value) & (
    messages.c.state == State.DELIVERED.value
)
_records = select(
    *(column for column in exchanges.c if column is not exchanges.c.state),
    # Stored when the answer was; whether it has been delivered since is known of the message.
    case((_is_delivered, State.DELIVERED.value), else_=exchanges.c.state).label("state"),
).select_from(exchanges.outerjoin(messages, messages.c.id == exchanges.c.message))
_whole = _records.where(exchanges.c.id.in_(bindparam("ids", expanding=True)))

_from_the_first = _records.where(_theirs).order_by(*_oldest_first).limit(bindparam("at_most"))
_later = _from_the_first.where(
    tuple_(*_oldest_first) > tuple_(bindparam("moment"), bindparam("number"))
)


def count(connection: Connection, person: UserKey) -> int:
    return connection.execute(_count, {"person": person}).scalar_one()


def newest(connection: Connection, person: UserKey, span: Span) -> Sequence[int]:
    """The numbers of some records, the newest first, read from an index alone."""
    values = {"person": person, "first": span.first, "size": span.size}
    return connection.scalars(_numbers, values).all()


def matching(
    connection: Connection, person: UserKey, text: str, span: Span
) -> tuple[Sequence[int], int]:
    """Numbers of records with that text in question or answer, and how many there are in all."""
    sought = _with_text(connection.dialect.name, text)
    if span.first < 0:
        return [], _count_of(connection, person, sought)
    # The texts are gone through once: each row brings the number of all with it.
    counted = select(exchanges.c.id, func.count().over()).where(_theirs, sought)
    some = counted.order_by(*_newest_first).limit(span.size).offset(span.first)
    rows = connection.execute(some, {"person": person}).all()
    if not rows:
        return [], _count_of(connection, person, sought)
    return [row[0] for row in rows], rows[0][1]


def of(connection: Connection, ids: Sequence[int]) -> tuple[Record, ...]:
    """The records of these numbers, in this order."""
    if not ids:
        return ()
    found = {row.id: row for row in connection.execute(_whole, {"ids": ids})}
    return tuple(record_in(found[one]) for one in ids)


def following(
    connection: Connection, *, person: UserKey, after: tuple[int, int] | None, limit: int
) -> tuple[Record, ...]:
    """Records in the order in which they were asked; `after` is the moment and number of one."""
    values: dict[str, object] = {"person": person, "at_most": limit}
    statement: Select[*tuple[object, ...]] = _from_the_first
    if after is not None:
        statement, values = _later, values | {"moment": after[0], "number": after[1]}
    return tuple(record_in(row) for row in connection.execute(statement, values))


def record_in(row: AnyRow) -> Record:
    first_token = row.first_token_ms
    return Record(
        id=row.id,
        asked_at=moment_of(row.asked_at),
        nick=row.nick,
        room_kind=RoomKind(row.room_kind),
        room_title=row.room_title,
        state=State(row.state),
        reason=row.reason,
        question=row.question,
        answer=row.answer,
        picture=row.picture,
        provider=row.provider,
        model=row.model,
        prompt_tokens=row.prompt_tokens,
        answer_tokens=row.answer_tokens,
        first_token_after=None if first_token is None else first_token * MILLISECOND,
        took=row.took_ms * MILLISECOND,
        thought_tokens=row.thought_tokens,
        attempts=attempts_in(row.attempts) if row.attempts else (),
    )


def _with_text(dialect: str, text: str) -> ColumnElement[bool]:
    columns = (exchanges.c.question, exchanges.c.answer)
    return or_(*(holds(dialect, column, text) for column in columns))


def _count_of(connection: Connection, person: UserKey, sought: ColumnElement[bool]) -> int:
    return connection.execute(_count.where(sought), {"person": person}).scalar_one()
