"""Imported exchanges are kept once, and found like those of our own."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, select

from adapters.sql.database import Database
from adapters.sql.history import SqlHistory
from adapters.sql.imports import Kept, SqlImports
from adapters.sql.tables import exchanges, spending
from application.errors import StorageFailed
from domain.inbox import State
from domain.legacy import LegacyExchange
from domain.message import RoomKind, UserKey
from tests.integration.sql.storage import OnSqlite
from tests.strategies import NOON

ONE = LegacyExchange(
    identity="1" * 64,
    asked_at=NOON,
    nick="张三",
    room_kind=RoomKind.GROUP,
    room_title="测试群",
    question="问",
    answer="答",
)
OTHER = replace(ONE, identity="2" * 64, asked_at=NOON + timedelta(hours=1), answer="")


def rows(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(exchanges)) or 0


@pytest.mark.anyio
class TestImports(OnSqlite):
    async def test_what_is_imported_is_in_the_history(self, database: Database) -> None:
        assert await SqlImports(database).keep([ONE, OTHER]) == Kept(new=2)

        history = SqlHistory(database)
        (person,) = await history.people_called("张三", limit=9)
        first, second = await history.following(person.key, after=None, limit=9)
        assert (person.key, person.imported, person.staff_id) == ("imported:张三", True, None)
        assert (first.question, first.answer, first.asked_at) == ("问", "答", NOON)
        assert (first.room_kind, first.room_title) == (RoomKind.GROUP, "测试群")
        assert (first.model, first.took, first.first_token_after) == ("", timedelta(), None)
        assert (first.state, second.state) == (State.ANSWERED, State.FAILED)

    async def test_again_it_is_known(self, database: Database) -> None:
        imports = SqlImports(database)
        await imports.keep([ONE])

        assert await imports.keep([ONE, OTHER]) == Kept(new=1, known=1)
        assert await imports.keep([ONE, OTHER]) == Kept(known=2)
        assert await database.run(rows) == 2

    async def test_an_answer_that_came_later_is_added(self, database: Database) -> None:
        imports = SqlImports(database)
        await imports.keep([OTHER])

        assert await imports.keep([replace(OTHER, answer="答")]) == Kept(completed=1)
        assert await imports.keep([replace(OTHER, answer="别的")]) == Kept(known=1)
        (record,) = await SqlHistory(database).following(
            UserKey("imported:张三"), after=None, limit=9
        )
        assert (record.answer, record.state) == ("答", State.ANSWERED)

    async def test_a_picture_that_came_later_is_added_once(self, database: Database) -> None:
        imports, other = SqlImports(database), replace(OTHER, answer="![](images/x)")
        await imports.keep([ONE, other])
        assert await imports.without_picture([ONE, other]) == {ONE.identity, other.identity}

        shown = replace(other, picture="new.png", answer="")
        assert await imports.keep([shown]) == Kept(completed=1)
        assert await imports.without_picture([ONE, other]) == {ONE.identity}
        assert await imports.keep([ONE, other]) == Kept(known=2)
        assert await imports.keep([replace(other, picture="x.png")]) == Kept(known=1)

        _, record = await SqlHistory(database).following(
            UserKey("imported:张三"), after=None, limit=9
        )
        assert (record.answer, record.picture) == ("", "new.png")

    async def test_a_part_is_kept_whole_or_not_at_all(self, database: Database) -> None:
        with pytest.raises(StorageFailed):
            await SqlImports(database).keep([ONE, replace(OTHER, question="\ud800")])

        assert await database.run(rows) == 0

    async def test_nothing_is_kept_of_nothing_and_no_cost_is_counted(
        self, database: Database
    ) -> None:
        assert await SqlImports(database).keep([]) == Kept()
        await SqlImports(database).keep([ONE])

        query = select(func.count()).select_from(spending)
        assert await database.run(lambda connection: connection.scalar(query)) == 0


def test_figures_are_added_up() -> None:
    assert Kept(new=1, completed=2, known=3) + Kept(new=4) == Kept(new=5, completed=2, known=3)
