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
    """How many exchanges were new, had lacked the answer or picture that came now, were known."""

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

    async def without_picture(self, imported: Sequence[LegacyExchange]) -> frozenset[str]:
        """The identities of those that are not kept yet, or kept without a picture."""
        pictures = await self._database.read(partial(kept_among, imported=imported))
        return frozenset(
            one.identity
            for one in imported
            if one.identity not in pictures or not pictures[one.identity].picture
        )

    async def keep(self, imported: Sequence[LegacyExchange]) -> Kept:
        """Keep those that are not there yet, all or none. They must differ in their identities.

        Raises:
            StorageFailed: nothing of these was kept.
        """
        return await self._database.run(partial(keep, imported=imported))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Earlier:
    """What an earlier import kept."""

    is_answered: bool
    picture: str

    def lacks(self, one: LegacyExchange) -> bool:
        """Whether there is more of it now: its answer, or its picture."""
        return (one.is_answered and not self.is_answered) or bool(one.picture and not self.picture)


_complete = (
    update(exchanges)
    .where(exchanges.c.imported_as == bindparam("identity"))
    .values(answer=bindparam("told"), picture=bindparam("shown"), state=State.ANSWERED.value)
)


def keep(connection: Connection, *, imported: Sequence[LegacyExchange]) -> Kept:
    earlier = kept_among(connection, imported=imported)
    new = [row_of(one) for one in imported if one.identity not in earlier]
    more = [
        {"identity": one.identity, "told": one.answer, "shown": one.picture}
        for one in imported
        if one.identity in earlier and earlier[one.identity].lacks(one)
    ]
    if new:
        connection.execute(insert(exchanges), new)
    if more:
        connection.execute(_complete, more)
    return Kept(new=len(new), completed=len(more), known=len(imported) - len(new) - len(more))


def kept_among(
    connection: Connection, *, imported: Sequence[LegacyExchange]
) -> dict[str, _Earlier]:
    """Those that are there already, by their identities."""
    columns = exchanges.c.imported_as, exchanges.c.state, exchanges.c.picture
    query = select(*columns).where(exchanges.c.imported_as.in_([one.identity for one in imported]))
    return {
        identity: _Earlier(is_answered=state != State.FAILED.value, picture=picture)
        for identity, state, picture in connection.execute(query)
    }


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
        "picture": one.picture,
        "provider": "",
        "model": "",
        "prompt_tokens": 0,
        "answer_tokens": 0,
        "took_ms": 0,
    }
