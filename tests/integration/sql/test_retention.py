"""Old exchanges and their pictures go, and a crash leaves neither without the other for ever."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Select, insert, select

from adapters.sql.database import Database
from adapters.sql.housekeeping import BREATH, CHUNK
from adapters.sql.imports import row_of
from adapters.sql.retention import IN_THE_MAKING, SqlRetention, shown_among, some_old
from adapters.sql.statements.moments import millis
from adapters.sql.tables import exchanges, spending
from application.errors import StorageFailed
from tests.fakes.clock import ManualClock
from tests.integration.sql.old_exchanges import EXCHANGE, DatedShelf
from tests.integration.sql.storage import OnSqlite
from tests.strategies import NOON

DAY = timedelta(days=1)


@dataclass
class Kept:
    """A database with a shelf."""

    database: Database
    shelf: DatedShelf = field(default_factory=DatedShelf)
    clock: ManualClock = field(default_factory=ManualClock)

    @property
    def retention(self) -> SqlRetention:
        return SqlRetention(database=self.database, shelf=self.shelf, clock=self.clock)

    async def asked(self, *ages: timedelta, drawn: bool = False) -> None:
        """Keep an exchange of each age, named by its number from 1, with a picture if one was drawn."""
        rows = [
            row_of(EXCHANGE)
            | {
                "imported_as": None,
                "asked_at": millis(NOON - age),
                "picture": f"{number}.png" if drawn else "",
            }
            for number, age in enumerate(ages, start=1)
        ]
        self.shelf.put_at |= {str(row["picture"]): NOON for row in rows if drawn}
        await self.database.run(lambda connection: connection.execute(insert(exchanges), rows))

    async def left(self) -> list[int]:
        def read(connection: Connection) -> list[int]:
            return list(connection.scalars(select(exchanges.c.id).order_by(exchanges.c.id)))

        return await self.database.run(read)


@pytest.mark.anyio
class TestRetention(OnSqlite):
    @pytest.fixture
    def kept(self, database: Database) -> Kept:
        return Kept(database)

    async def test_what_is_old_goes_with_its_picture(self, kept: Kept) -> None:
        await kept.asked(11 * DAY, 10 * DAY, 10 * DAY - timedelta(seconds=1), drawn=True)

        assert await kept.retention.forget(10 * DAY) == 2

        assert await kept.left() == [3]
        assert list(kept.shelf.put_at) == ["3.png"]

    async def test_it_goes_a_little_at_a_time(self, kept: Kept) -> None:
        await kept.asked(*[11 * DAY] * (2 * CHUNK + 1))

        assert await kept.retention.forget(10 * DAY) == 2 * CHUNK + 1

        assert kept.clock.slept == [BREATH, BREATH]
        assert await kept.left() == []

    async def test_no_row_goes_before_its_picture(self, kept: Kept) -> None:
        await kept.asked(11 * DAY, 11 * DAY, drawn=True)
        kept.shelf.breaks_after = 1

        with pytest.raises(StorageFailed):
            await kept.retention.forget(10 * DAY)

        assert await kept.left() == [1, 2]
        kept.shelf.breaks_after = 10
        assert await kept.retention.forget(10 * DAY) == 2
        assert (await kept.left(), kept.shelf.put_at) == ([], {})

    async def test_the_sums_stay(self, kept: Kept) -> None:
        day = {
            "day": "2026-03-01",
            "provider": "p",
            "model": "m",
            "questions": 1,
            "prompt_tokens": 1,
            "answer_tokens": 1,
            "pictures": 0,
        }
        await kept.database.run(lambda connection: connection.execute(insert(spending), day))
        await kept.asked(11 * DAY)

        await kept.retention.forget(DAY)

        counted = await kept.database.run(lambda one: one.scalar(select(spending.c.questions)))
        assert counted == 1

    async def test_a_picture_that_no_exchange_shows_is_swept_after_a_day(self, kept: Kept) -> None:
        await kept.asked(400 * DAY, drawn=True)
        kept.shelf.put_at |= {"lost.png": NOON, "x.part": NOON}
        kept.clock.pass_by(IN_THE_MAKING)
        kept.shelf.put_at["new.png"] = kept.clock.now()
        assert await kept.retention.sweep() == 0

        kept.clock.pass_by(timedelta(seconds=1))

        assert await kept.retention.sweep() == 2
        assert sorted(kept.shelf.put_at) == ["1.png", "new.png"]

    async def test_neither_looks_through_the_whole_history(self, database: Database) -> None:
        def plan_of(query: Select[Any]) -> Callable[[Connection], list[str]]:
            text = str(query.compile(compile_kwargs={"literal_binds": True}))
            return lambda connection: [
                row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")
            ]

        old = await database.read(plan_of(some_old(before=1)))
        shown = await database.read(plan_of(shown_among(["a", "b"])))

        assert old == ["SEARCH exchanges USING INDEX exchanges_asked (asked_at<?)"]
        assert shown == ["SEARCH exchanges USING COVERING INDEX exchanges_drawn (picture=?)"]

    async def test_a_full_shelf_is_swept_part_by_part(self, kept: Kept) -> None:
        await kept.asked(*[DAY] * 3, drawn=True)
        names = {f"lost{number}": NOON - 2 * DAY for number in range(CHUNK + 2)}
        kept.shelf.put_at = dict.fromkeys(kept.shelf.put_at, NOON - 2 * DAY) | names

        assert await kept.retention.sweep() == CHUNK + 2

        assert sorted(kept.shelf.put_at) == ["1.png", "2.png", "3.png"]
