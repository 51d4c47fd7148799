"""PostgreSQL: transactions that meet, hang, are cut off, or find nobody."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection, make_url, text

from adapters.sql.database import Database, is_server, open_database
from adapters.sql.engine.failures import RowRejected
from adapters.sql.engine.postgres import PostgresDatabase, address_of
from application.errors import StorageFailed
from tests.contracts.storage import Storage, said
from tests.fakes.sites import free_port
from tests.integration.sql.storage import SOON, OnPostgres, storage_over

pytestmark = pytest.mark.anyio

BLINK = timedelta(milliseconds=300)


def executed(statement: str, **values: object) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(text(statement), values).all()


def changed(statement: str) -> Callable[[Connection], int]:
    return lambda connection: connection.execute(text(statement)).rowcount


@asynccontextmanager
async def opened(url: str, **options: object) -> AsyncIterator[PostgresDatabase]:
    database = PostgresDatabase(url, **options)  # type: ignore[arg-type] # as a test names them
    try:
        yield database
    finally:
        await database.close(deadline=SOON)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON.total_seconds()):
        while not is_so():  # noqa: ASYNC110 - the server rings no bell
            await asyncio.sleep(0.01)


class TestPostgres(OnPostgres):
    async def test_what_a_transaction_raises_undoes_it_and_reaches_the_caller(
        self, database: Database
    ) -> None:
        def broken(connection: Connection) -> None:
            connection.execute(text("INSERT INTO kept_keys VALUES ('a', '0')"))
            raise LookupError("ours")

        with pytest.raises(LookupError, match="ours"):
            await database.run(broken)

        assert await database.read(executed("SELECT * FROM kept_keys")) == []

    async def test_a_value_that_is_refused_is_told_apart_from_a_server_that_is(
        self, database: Database, server_url: str
    ) -> None:
        name = "a name that is longer than sixty-four characters, which the column has room for"
        with pytest.raises(RowRejected) as refused:
            await database.run(
                executed("INSERT INTO kept_keys VALUES (:n, '0') RETURNING 1", n=name)
            )
        assert name not in str(refused.value)

        nowhere = make_url(server_url).set(port=free_port(), password="geheim")
        async with opened(nowhere.render_as_string(hide_password=False)) as away:
            with pytest.raises(StorageFailed) as failed:
                await away.run(executed("SELECT 1"))
        assert not isinstance(failed.value, RowRejected)
        assert "geheim" not in str(failed.value)

    async def test_of_two_that_wait_for_one_another_both_are_done_in_the_end(
        self, database: Database
    ) -> None:
        await database.run(changed("INSERT INTO kept_keys VALUES ('a', '0'), ('b', '0')"))
        touch = "UPDATE kept_keys SET value = value || '1' WHERE name = '{}'"
        tries: list[str] = []

        def crossing(first: str, second: str) -> Callable[[Connection], None]:
            def work(connection: Connection) -> None:
                tries.append(first)
                connection.execute(text(touch.format(first)))
                connection.execute(text("SELECT pg_sleep(0.2)"))
                connection.execute(text(touch.format(second)))

            return work

        await asyncio.gather(database.run(crossing("a", "b")), database.run(crossing("b", "a")))

        values = await database.read(executed("SELECT value FROM kept_keys"))
        assert values == [(b"011",), (b"011",)]
        assert len(tries) == 3

    async def test_a_transaction_that_takes_too_long_is_cut_off_and_undone(
        self, server_url: str, database: Database
    ) -> None:
        def slow(connection: Connection) -> None:
            connection.execute(text("INSERT INTO kept_keys VALUES ('slow', '0')"))
            connection.execute(text("SELECT pg_sleep(30)"))

        async with opened(server_url, connections=1, time_limit=BLINK) as hasty:
            async with asyncio.timeout(5):
                with pytest.raises(StorageFailed):
                    await hasty.run(slow)
            assert await hasty.run(executed("SELECT 1")) == [(1,)]

        assert await database.read(executed("SELECT * FROM kept_keys")) == []

    async def test_who_waits_too_long_for_a_connection_is_told(self, server_url: str) -> None:
        async with opened(server_url, connections=1, time_limit=BLINK * 3) as narrow:
            held = asyncio.create_task(narrow.run(executed("SELECT pg_sleep(0.7)")))
            await asyncio.sleep(0.1)
            waiting = [narrow.run(executed("SELECT pg_sleep(0.7)")) for _ in range(3)]
            results = await asyncio.gather(held, *waiting, return_exceptions=True)

        assert any(isinstance(one, StorageFailed) for one in results)
        assert not isinstance(results[0], StorageFailed)

    async def test_more_than_may_wait_are_turned_away(self, server_url: str) -> None:
        async with opened(server_url, capacity=2) as small:
            held = [asyncio.create_task(small.run(executed("SELECT pg_sleep(0.3)"))) for _ in "ab"]
            await asyncio.sleep(0)

            with pytest.raises(StorageFailed, match="too many"):
                await small.run(executed("SELECT 1"))
            await asyncio.gather(*held)

    async def test_a_transaction_whose_caller_goes_away_is_finished(
        self, database: Database
    ) -> None:
        def slow(connection: Connection) -> None:
            connection.execute(text("SELECT pg_sleep(0.2)"))
            connection.execute(text("INSERT INTO kept_keys VALUES ('kept', '0')"))

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await database.run(slow)

        rows: list[object] = []
        async with asyncio.timeout(SOON.total_seconds()):
            while not rows:
                rows = list(await database.read(executed("SELECT name FROM kept_keys")))  # type: ignore[call-overload] # rows
        assert rows == [("kept",)]

    async def test_connections_that_the_server_closed_are_replaced_unnoticed(
        self, database: Database, server_url: str
    ) -> None:
        await asyncio.gather(*(database.run(executed("SELECT pg_sleep(0.05)")) for _ in range(4)))
        async with opened(server_url) as other:
            await other.run(
                executed(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        await asyncio.sleep(0.1)

        for _ in range(8):
            assert await database.run(executed("SELECT 1")) == [(1,)]

    async def test_reading_changes_nothing(self, database: Database) -> None:
        with pytest.raises(StorageFailed):
            await database.read(changed("DELETE FROM kept_keys"))

    async def test_a_closed_database_takes_nothing_more(self, server_url: str) -> None:
        database = open_database(server_url)
        await database.close(deadline=SOON)

        with pytest.raises(StorageFailed, match="closed"):
            await database.run(executed("SELECT 1"))

    async def test_closing_lets_what_runs_end_and_cuts_off_the_rest(self, server_url: str) -> None:
        database = open_database(server_url)
        quick = asyncio.create_task(database.run(executed("SELECT pg_sleep(0.1)")))
        slow = asyncio.create_task(database.run(executed("SELECT pg_sleep(30)")))
        await asyncio.sleep(0.05)

        async with asyncio.timeout(5):
            await database.close(deadline=BLINK)
            results = await asyncio.gather(quick, slow, return_exceptions=True)

        assert not isinstance(results[0], BaseException)
        assert isinstance(results[1], BaseException)


class TestArrivalNotices(OnPostgres):
    async def test_others_hear_of_a_new_message_and_its_own_process_does_not(
        self, database: Database, server_url: str
    ) -> None:
        rung: list[str] = []
        async with opened(server_url) as other:
            listening = [
                asyncio.create_task(database.hear_of_arrivals(lambda: rung.append("own"))),
                asyncio.create_task(other.hear_of_arrivals(lambda: rung.append("other"))),
            ]
            await until_listening(database, 2)
            await storage_over(database).accept(said("a"))
            await until(lambda: bool(rung))
            await asyncio.sleep(0.1)
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)

        assert rung == ["other"]

    async def test_a_duplicate_wakes_nobody(
        self, database: Database, storage: Storage, server_url: str
    ) -> None:
        await storage.accept(said("a"))
        rung: list[str] = []
        async with opened(server_url) as other:
            listening = asyncio.create_task(other.hear_of_arrivals(lambda: rung.append("again")))
            await until_listening(database, 1)
            with pytest.raises(AssertionError):
                await storage.accept(said("a"))
            await asyncio.sleep(0.1)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

        assert rung == []

    async def test_a_lost_connection_is_made_again(
        self, database: Database, server_url: str
    ) -> None:
        rung: list[str] = []
        async with opened(server_url) as other:
            listening = asyncio.create_task(other.hear_of_arrivals(lambda: rung.append("heard")))
            await until_listening(database, 1)
            await database.run(
                executed(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
                )
            )
            await until_listening(database, 0)
            await until_listening(database, 1)
            await storage_over(database).accept(said("a"))
            await until(lambda: bool(rung))
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

        assert rung == ["heard"]


async def until_listening(database: Database, count: int) -> None:
    query = executed(
        "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        " AND datname = current_database()"
    )
    async with asyncio.timeout(SOON.total_seconds()):
        while len(list(await database.read(query))) != count:  # type: ignore[call-overload]  # noqa: ASYNC110 - the server rings no bell
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("typed", "driven"),
    [
        ("postgresql://u:p@h:1/d", "postgresql+asyncpg://u:p@h:1/d"),
        ("postgresql+psycopg://h/d", "postgresql+asyncpg://h/d"),
        ("postgresql://h/d?sslmode=require", "postgresql+asyncpg://h/d?ssl=require"),
        ("postgresql://h/d?sslmode=disable&a=b", "postgresql+asyncpg://h/d?a=b&ssl=disable"),
    ],
)
async def test_whichever_driver_a_url_names_it_is_the_one_that_is_here(
    typed: str, driven: str
) -> None:
    assert address_of(typed).render_as_string(hide_password=False) == driven


async def test_other_databases_are_refused_with_what_can_be_used() -> None:
    assert is_server("postgresql://h/d")
    assert not is_server("sqlite:///f")
    with pytest.raises(StorageFailed, match="use sqlite or postgresql"):
        is_server(f"mysql://u:{secrets.token_hex(2)}@h/d")
