"""History: people found by name, their records page by page or one after another."""

from functools import partial

from sqlalchemy import Connection

from adapters.sql.database import Database
from adapters.sql.statements import people, records
from adapters.sql.statements.moments import millis
from adapters.sql.statements.texts import is_storable
from domain.history import HistoryPage, Person, Record
from domain.message import UserKey


class SqlHistory:
    """Satisfies `application.ports.History`, beside the writing and without waiting for it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def people_called(self, name: str, *, limit: int) -> tuple[Person, ...]:
        if not is_storable(name):
            return ()
        return await self._database.read(partial(people.people_called, name=name, limit=limit))

    async def person(self, key: UserKey) -> Person | None:
        return await self._database.read(partial(people.person, key=key))

    async def page(self, person: UserKey, *, matching: str, number: int, size: int) -> HistoryPage:
        if not is_storable(matching):
            return HistoryPage(records=(), total=0)
        query = partial(page, person=person, matching=matching, number=number, size=size)
        return await self._database.read(query)

    async def following(
        self, person: UserKey, *, after: Record | None, limit: int
    ) -> tuple[Record, ...]:
        place = None if after is None else (millis(after.asked_at), after.id)
        query = partial(records.following, person=person, after=place, limit=limit)
        return await self._database.read(query)


def page(
    connection: Connection, *, person: UserKey, matching: str, number: int, size: int
) -> HistoryPage:
    """The numbers of the page's records are found first, and only its records read whole."""
    span = records.Span(first=(number - 1) * size, size=size)
    if matching:
        ids, total = records.matching(connection, person, matching, span)
    else:
        total = records.count(connection, person)
        ids = records.newest(connection, person, span) if 0 <= span.first < total else []
    return HistoryPage(records=records.of(connection, ids), total=total)
