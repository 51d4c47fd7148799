"""Imported exchanges: each is kept once, however often it is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, bindparam, insert, select, update

from adapters.sql.database import Database
from adapters.sql.statements.moments import millis
from adapters.sql.tables import exchanges
from domain.inbox import State
from domain.legacy import LegacyExchange

REASON = "imported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How many exchanges were new, how many had lacked the answer that came now, how many were known."""

    new: int = 0
    completed: int = 0
    known: int = 0

    def __add__(self, other: "Kept") -> "Kept":
        return Kept(
            new=self.new + other.new,
            completed=self.completed + other.completed,
            known=self.known + other.known,
        )


class SqlImports:
    """Where history from elsewhere is written."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, imported: Sequence[LegacyExchange]) -> Kept:
        """Keep those that are not there yet, all or none. They must differ in their identities.

        Raises:
            StorageFailed: nothing of these was kept.
        """
        return await self._database.run(partial(keep, imported=imported))


_answer = (
    update(exchanges)
    .where(exchanges.c.imported_as == bindparam("identity"))
    .values(answer=bindparam("told"), state=State.ANSWERED.value)
)


def keep(connection: Connection, *, imported: Sequence[LegacyExchange]) -> Kept:
    unanswered = _unanswered_by_identity(connection, imported)
    new = [row_of(one) for one in imported if one.identity not in unanswered]
    told = [
        {"identity": one.identity, "told": one.answer}
        for one in imported
        if one.answer and unanswered.get(one.identity)
    ]
    if new:
        connection.execute(insert(exchanges), new)
    if told:
        connection.execute(_answer, told)
    return Kept(new=len(new), completed=len(told), known=len(imported) - len(new) - len(told))


def _unanswered_by_identity(
    connection: Connection, imported: Sequence[LegacyExchange]
) -> dict[str, bool]:
    """Of those that are there already, whether they lack an answer."""
    query = select(exchanges.c.imported_as, exchanges.c.state).where(
        exchanges.c.imported_as.in_([one.identity for one in imported])
    )
    return {identity: state == State.FAILED.value for identity, state in connection.execute(query)}


def row_of(one: LegacyExchange) -> dict[str, object]:
    """An exchange of which no more is known than the predecessor wrote down."""
    return {
        "imported_as": one.identity,
        "robot": REASON,
        "conversation": one.person,
        "room_kind": one.room_kind.value,
        "room": "",
        "room_title": one.room_title,
        "user_key": one.person,
        "nick": one.nick,
        "asked_at": millis(one.asked_at),
        "state": one.state.value,
        "reason": REASON,
        "question": one.question,
        "answer": one.answer,
        "picture": "",
        "provider": "",
        "model": "",
        "prompt_tokens": 0,
        "answer_tokens": 0,
        "took_ms": 0,
    }
