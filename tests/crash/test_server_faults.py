"""A PostgreSQL that dies, hangs, refuses or is full: 503 in time, and well again without a hand."""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from tests.crash.conftest import PostgresStore
from tests.crash.ground import LONG, Ground, only_long, proving_ground, until
from tests.crash.load import TALKS
from tests.missing import missing
from tests.postgres.server import DURABLE, NoPostgres, PostgresServer, running_server

pytestmark = [pytest.mark.anyio, pytest.mark.crash, pytest.mark.timeout(600 if LONG else 240)]

ACKNOWLEDGED_WITHIN = 2.5
RESTARTS = 12 if LONG else 2


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of the test's own, to be struck."""
    try:
        with running_server(dict(DURABLE) | {"max_connections": "40"}) as server:
            yield server
    except NoPostgres as reason:
        missing(str(reason))


async def test_a_server_that_dies_again_and_again_needs_no_hand(
    tmp_path: Path, server: PostgresServer
) -> None:
    async with proving_ground(tmp_path, PostgresStore(server), replicas=2) as ground:
        await ground.start()
        async with ground.crowd.speaking():
            for _ in range(RESTARTS):
                await asyncio.sleep(5)
                await in_thread(server.stop, signal.SIGQUIT)
                await ground.outside.mark()
                await in_thread(server.start)

        await well_again(ground)
        await ground.judged(within=150)
        assert all(service.lives for service in ground.services)


async def test_a_server_that_hangs_is_told_in_time(tmp_path: Path, server: PostgresServer) -> None:
    async with proving_ground(tmp_path, PostgresStore(server)) as ground:
        await ground.start()
        await ground.crowd.ask(TALKS[0])
        finished = "SELECT id FROM messages WHERE finished_at IS NOT NULL"
        await until(lambda: len(ground.records.rows(finished)) == 1)
        server.signal_all(signal.SIGSTOP)
        await ground.outside.mark()
        try:
            said = [await ground.crowd.ask(talk) for talk in TALKS[1:5]]
        finally:
            server.signal_all(signal.SIGCONT)

        assert [one.outcomes for one in said] == [[503]] * 4
        assert max(one.slowest for one in said) < ACKNOWLEDGED_WITHIN
        await well_again(ground)
        await ground.judged(within=150)


@only_long
async def test_connections_that_are_broken_off_are_made_again(
    tmp_path: Path, server: PostgresServer
) -> None:
    async with proving_ground(tmp_path, PostgresStore(server), replicas=2) as ground:
        await ground.start()
        async with ground.crowd.speaking():
            for _ in range(20):
                await asyncio.sleep(0.5)
                await told(
                    server,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name LIKE 'chatgpt-dingtalk%'",
                )
                await ground.outside.mark()

        await well_again(ground)
        await ground.judged(within=150)


@only_long
async def test_a_server_that_only_reads_turns_messages_away(
    tmp_path: Path, server: PostgresServer
) -> None:
    async with proving_ground(tmp_path, PostgresStore(server)) as ground:
        await ground.start()
        async with ground.crowd.speaking():
            await asyncio.sleep(1)
            await told(server, "ALTER SYSTEM SET default_transaction_read_only = on")
            await told(server, "SELECT pg_reload_conf()")
            await until(lambda: refusals(ground) >= 5, within=30)
            await ground.outside.mark()
            await told(
                server,
                "SET default_transaction_read_only = off;"
                " ALTER SYSTEM RESET default_transaction_read_only",
            )
            await told(server, "SELECT pg_reload_conf()")
            await well_again(ground)

        await ground.judged(within=150)


@only_long
async def test_a_server_without_a_free_connection_turns_messages_away_until_there_is_one(
    tmp_path: Path, server: PostgresServer
) -> None:
    async with proving_ground(tmp_path, PostgresStore(server)) as ground:
        await ground.start()
        hoard = Hoard(server.url)
        async with ground.crowd.speaking():
            await told(
                server,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name LIKE 'chatgpt-dingtalk%'",
            )
            await hoard.fill()
            await ground.outside.mark()
            await until(lambda: refusals(ground) >= 5, within=30)
            await hoard.give_back()
            await well_again(ground)

        await ground.judged(within=150)


@dataclass(slots=True)
class Hoard:
    """All the connections that the server has."""

    url: str
    taken: "list[asyncpg.Connection[asyncpg.Record]]"

    def __init__(self, url: str) -> None:
        self.url, self.taken = url, []

    async def fill(self) -> None:
        """Until there is none left, for a second."""
        end = time.monotonic() + 1
        while time.monotonic() < end:
            with suppress(asyncpg.TooManyConnectionsError):
                self.taken.append(await asyncpg.connect(self.url))

    async def give_back(self) -> None:
        for one in self.taken:
            await one.close()


async def told(server: PostgresServer, statement: str) -> None:
    connection = await asyncpg.connect(server.url)
    try:
        for one in statement.split(";"):
            await connection.execute(one)
    finally:
        await connection.close()


async def in_thread(step: object, *arguments: object) -> None:
    assert callable(step)
    await asyncio.to_thread(step, *arguments)


def refusals(ground: Ground) -> int:
    return sum(said.outcomes.count(503) for said in ground.crowd.history)


async def well_again(ground: Ground, within: float = 10) -> None:
    """Somebody is heard within some seconds of the server's return."""
    deadline = time.monotonic() + within
    said = await ground.crowd.ask(TALKS[7])
    while not said.acknowledged:
        assert time.monotonic() < deadline, "nobody is heard"
        await asyncio.sleep(0.3)
        await ground.crowd.deliver(said)
