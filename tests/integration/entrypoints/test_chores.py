"""What the service clears away, hour by hour, as the configuration of that hour says."""

import logging
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Table, func, insert, select

from adapters.sql.database import Database
from adapters.sql.housekeeping import SqlHousekeeping
from adapters.sql.imports import row_of
from adapters.sql.retention import SqlRetention
from adapters.sql.statements.moments import millis
from adapters.sql.tables import exchanges, history_links, sessions
from entrypoints.chores import FIRST_CLEANING, Chores
from tests.fakes.clock import ManualClock
from tests.integration.sql.old_exchanges import EXCHANGE, DatedShelf
from tests.integration.sql.storage import OnSqlite
from tests.strategies import NOON

DAY = timedelta(days=1)


class EveningFell(Exception):  # noqa: N818 - an end, no error
    """There is no hour left for another cleaning."""


class ClockOfHours(ManualClock):
    """Lets so many cleanings happen, and ends the day."""

    cleanings = 1

    async def sleep(self, pause: timedelta) -> None:
        if pause >= FIRST_CLEANING:
            if not self.cleanings:
                raise EveningFell
            self.cleanings -= 1
        await super().sleep(pause)


@dataclass
class Ground:
    database: Database
    clock: ClockOfHours
    shelf: DatedShelf
    days: list[int | None]
    """What the configuration says at each cleaning."""

    async def clean(self) -> None:
        """Run the chores until all cleanings are over."""
        self.clock.cleanings = len(self.days)
        said = iter(self.days)

        def keeps_for() -> timedelta | None:
            days = next(said)
            return None if days is None else timedelta(days=days)

        chores = Chores(
            housekeeping=SqlHousekeeping(self.database, self.clock),
            retention=SqlRetention(database=self.database, shelf=self.shelf, clock=self.clock),
            keeps_for=keeps_for,
            clock=self.clock,
        )
        with pytest.raises(EveningFell):
            await chores.clear_away()

    async def count(self, table: Table = exchanges) -> int:
        query = select(func.count()).select_from(table)
        return await self.database.run(lambda connection: connection.execute(query).scalar_one())


@pytest.mark.anyio
class TestChores(OnSqlite):
    @pytest.fixture
    async def ground(self, database: Database) -> Ground:
        age = millis(NOON - 10 * DAY)
        old = row_of(EXCHANGE) | {"asked_at": age}
        session = {"conversation": "c", "mode": None, "turns": "[]", "touched_at": age}
        link = {
            "digest": b"x" * 32,
            "person": "p",
            "asked_by": "a",
            "expires_at": millis(NOON + timedelta(minutes=30)),
        }

        def fill(connection: Connection) -> None:
            connection.execute(insert(exchanges), old)
            connection.execute(insert(sessions), session)
            connection.execute(insert(history_links), link)

        await database.run(fill)
        return Ground(database, ClockOfHours(), DatedShelf(), [None])

    async def test_the_history_is_kept_for_ever_by_default(self, ground: Ground) -> None:
        await ground.clean()

        assert await ground.count() == 1
        assert await ground.count(sessions) == 1

    async def test_what_is_older_than_the_configuration_says_goes(self, ground: Ground) -> None:
        ground.days = [9]

        await ground.clean()

        assert await ground.count() == 0
        assert await ground.count(sessions) == 0

    async def test_the_configuration_of_the_hour_counts(self, ground: Ground) -> None:
        ground.days = [None, 11]
        await ground.clean()
        assert await ground.count() == 1

        ground.days = [11, 9]
        await ground.clean()

        assert await ground.count() == 0

    async def test_a_link_goes_when_it_has_ended(self, ground: Ground) -> None:
        await ground.clean()
        assert await ground.count(history_links) == 1

        ground.days = [None, None]
        await ground.clean()

        assert await ground.count(history_links) == 0

    async def test_a_failure_waits_for_the_next_hour(
        self, ground: Ground, caplog: pytest.LogCaptureFixture
    ) -> None:
        ground.shelf.put_at = {"lost.png": NOON - 2 * DAY}
        ground.shelf.breaks_after = 0
        with caplog.at_level(logging.INFO):
            await ground.clean()
            ground.shelf.breaks_after = 9
            await ground.clean()

        assert [one.msg for one in caplog.records] == ["cleaning_failed", "cleaned"]
        assert vars(caplog.records[1])["pictures"] == 1
        assert ground.shelf.put_at == {}
