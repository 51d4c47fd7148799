"""Reading beside the writing: one view, nothing changed, nobody held up, and an end that comes."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from adapters.sql.database import Database, open_database
from adapters.sql.engine.sqlite import READERS
from application.errors import StorageFailed
from tests.integration.sql.storage import SOON

AT_ONCE = timedelta()
PATIENCE = 5
COUNT = text("SELECT count(*) FROM numbers")
ENDLESS = text(
    "WITH RECURSIVE endless (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless)"
    " SELECT count(*) FROM endless"
)


def count(connection: Connection) -> int:
    return int(connection.scalar(COUNT) or 0)


def add(connection: Connection) -> None:
    connection.execute(text("INSERT INTO numbers VALUES (1)"))


def create(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE numbers (number INTEGER NOT NULL)"))


class Gate:
    """A query that holds its view open until it is let go."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.opened = threading.Event()

    def count_twice(self, connection: Connection) -> tuple[int, int]:
        first = count(connection)
        self.entered.release()
        assert self.opened.wait(PATIENCE)
        return first, count(connection)

    async def is_entered(self) -> None:
        assert await asyncio.to_thread(self.entered.acquire, timeout=PATIENCE)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = open_database(f"sqlite:///{tmp_path}/numbers.sqlite")
    await database.run(create)
    yield database
    await database.close(deadline=SOON)


@pytest.mark.anyio
async def test_what_was_committed_before_is_seen(database: Database) -> None:
    for number in range(50):
        assert await database.read(count) == number
        await database.run(add)


@pytest.mark.anyio
async def test_a_query_sees_one_view_and_holds_up_no_writing(
    database: Database, gate: Gate
) -> None:
    reading = asyncio.ensure_future(database.read(gate.count_twice))
    await gate.is_entered()

    await asyncio.wait_for(database.run(add), PATIENCE)
    gate.opened.set()

    assert await reading == (0, 0)
    assert await database.read(count) == 1


@pytest.mark.anyio
async def test_writing_holds_up_no_query(database: Database) -> None:
    entered, opened = threading.Event(), threading.Event()

    def write_slowly(connection: Connection) -> None:
        add(connection)
        entered.set()
        assert opened.wait(PATIENCE)

    writing = asyncio.ensure_future(database.run(write_slowly))
    assert await asyncio.to_thread(entered.wait, PATIENCE)

    assert await asyncio.wait_for(database.read(count), PATIENCE) == 0

    opened.set()
    await writing


@pytest.mark.anyio
async def test_several_read_at_the_same_moment_and_more_wait_their_turn(
    database: Database, gate: Gate
) -> None:
    readings = [asyncio.ensure_future(database.read(gate.count_twice)) for _ in range(READERS)]
    for _ in range(READERS):
        await gate.is_entered()
    waiting = [asyncio.ensure_future(database.read(count)) for _ in range(3 * READERS)]

    gate.opened.set()

    assert await asyncio.gather(*readings) == [(0, 0)] * READERS
    assert await asyncio.gather(*waiting) == [0] * 3 * READERS


@pytest.mark.anyio
@pytest.mark.parametrize("forbidden", [add, lambda connection: connection.execute(text("VACUUM"))])
async def test_a_query_cannot_write(
    database: Database, forbidden: Callable[[Connection], object]
) -> None:
    with pytest.raises(StorageFailed):
        await database.read(forbidden)

    assert await database.read(count) == 0


@pytest.mark.anyio
async def test_a_query_that_fails_does_so_in_our_words_and_spoils_nothing(
    database: Database,
) -> None:
    def ask_for_what_is_not_there(connection: Connection) -> None:
        connection.execute(text("SELECT * FROM secrets WHERE word = :word"), {"word": "sk-a1b2"})

    for _ in range(3 * READERS):
        with pytest.raises(StorageFailed) as caught:
            await database.read(ask_for_what_is_not_there)
        assert "sk-a1b2" not in str(caught.value)

    assert await database.read(count) == 0


@pytest.mark.anyio
async def test_what_a_query_raises_reaches_the_caller(database: Database) -> None:
    def fail(_: Connection) -> None:
        raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        await database.read(fail)


@pytest.mark.anyio
async def test_who_does_not_wait_any_more_spoils_nothing(database: Database, gate: Gate) -> None:
    readings = [asyncio.ensure_future(database.read(gate.count_twice)) for _ in range(2 * READERS)]
    await gate.is_entered()

    for reading in readings:
        reading.cancel()
    gate.opened.set()
    await asyncio.gather(*readings, return_exceptions=True)

    assert await database.read(count) == 0


@pytest.mark.anyio
async def test_closing_lets_what_runs_and_what_waits_come_to_its_end(
    database: Database, gate: Gate
) -> None:
    readings = [asyncio.ensure_future(database.read(gate.count_twice)) for _ in range(2 * READERS)]
    await gate.is_entered()

    closing = asyncio.ensure_future(database.close(deadline=SOON))
    await asyncio.sleep(0)
    gate.opened.set()
    await closing

    assert await asyncio.gather(*readings) == [(0, 0)] * 2 * READERS


@pytest.mark.anyio
async def test_after_the_deadline_a_long_query_is_broken_off_in_our_words(
    database: Database,
) -> None:
    readings = [
        asyncio.ensure_future(database.read(lambda connection: connection.scalar(ENDLESS)))
        for _ in range(2 * READERS)
    ]
    await asyncio.sleep(0.05)

    await asyncio.wait_for(database.close(deadline=AT_ONCE), PATIENCE)

    results = await asyncio.gather(*readings, return_exceptions=True)
    assert {type(result) for result in results} == {StorageFailed}


@pytest.mark.anyio
async def test_a_closed_database_reads_nothing_and_can_be_closed_again(database: Database) -> None:
    await database.close(deadline=SOON)

    with pytest.raises(StorageFailed):
        await database.read(count)

    await database.close(deadline=SOON)


@pytest.mark.anyio
async def test_a_query_that_begins_just_after_the_interruption_ends_too(
    database: Database,
) -> None:
    prepared, closing = threading.Event(), threading.Event()

    def late(connection: Connection) -> object:
        prepared.set()
        assert closing.wait(PATIENCE)
        return connection.scalar(ENDLESS)

    reading = asyncio.ensure_future(database.read(late))
    await asyncio.to_thread(prepared.wait, PATIENCE)
    ending = asyncio.ensure_future(database.close(deadline=AT_ONCE))
    await asyncio.sleep(0.05)  # the interruption finds no statement under way
    closing.set()

    await asyncio.wait_for(ending, PATIENCE)
    with pytest.raises(StorageFailed):
        await asyncio.wait_for(reading, PATIENCE)
