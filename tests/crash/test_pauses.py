"""Stopped politely, or frozen past its lease: the work is handed over, and nothing is done twice."""

import asyncio
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from domain.inbox import LEASE
from tests.crash.ground import LONG, only_long, proving_ground, until
from tests.crash.load import TALKS
from tests.crash.records import DATABASE, SqliteRecords, SqliteStore

pytestmark = [pytest.mark.anyio, pytest.mark.crash, pytest.mark.timeout(300 if LONG else 120)]

STOPPED_WITHIN = 10
"""Docker's patience."""


async def test_sigterm_under_load_hands_everything_back(
    tmp_path: Path, sqlite: SqliteStore
) -> None:
    async with proving_ground(tmp_path, sqlite) as ground:
        ground.outside.delay = 8
        await ground.start()
        async with ground.crowd.speaking():
            await until(lambda: len(ground.outside.model.calls) >= 5)
            ground.service.strike(signal.SIGTERM)
            began = time.monotonic()
            assert await ground.service.gone() == 0
            assert time.monotonic() - began < STOPPED_WITHIN
            await ground.outside.mark()

            assert ground.records.rows("SELECT * FROM lanes WHERE lease_until > 0") == []
            begun = "SELECT * FROM messages WHERE finished_at IS NULL AND (attempts > 0 OR state = 'leased')"
            assert ground.records.rows(begun) == []
            ground.outside.delay = 0
            await ground.start()

        await ground.judged()


@only_long
async def test_stopping_at_any_moment_counts_no_attempt(
    tmp_path: Path, sqlite: SqliteStore
) -> None:
    """The worker may just be taking new work when it is told to stop."""
    async with proving_ground(tmp_path, sqlite) as ground:
        ground.outside.delay = 0.02
        ground.crowd.hurry = 20
        for _ in range(10 if LONG else 1):
            await ground.start()
            async with ground.crowd.speaking():
                await asyncio.sleep(ground.chance.uniform(0.3, 0.8))
                ground.service.strike(signal.SIGTERM)
                assert await ground.service.gone(within=STOPPED_WITHIN) == 0
            await ground.outside.mark()
            begun = "SELECT id, state, attempts FROM messages WHERE finished_at IS NULL AND attempts > 0"
            assert ground.records.rows(begun) == []

        await ground.start()
        await ground.judged()


@pytest.mark.parametrize(
    "taken_over", [pytest.param(False, marks=only_long), True], ids=["expired", "taken-over"]
)
async def test_a_process_that_slept_past_its_lease_charges_nobody_twice(
    tmp_path: Path,
    sqlite: SqliteStore,
    taken_over: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    async with proving_ground(tmp_path, sqlite) as ground:
        ground.outside.delay = 2
        await ground.start()
        for talk in TALKS[:4]:
            await ground.crowd.ask(talk)
        await until(lambda: len(ground.outside.model.calls) == 4)
        ground.service.strike(signal.SIGSTOP)
        await ground.outside.mark()
        if not taken_over:
            await asyncio.sleep(LEASE.total_seconds() + 1)
        else:
            with SqliteRecords(tmp_path / "data" / DATABASE).write_lock() as database:
                let_another_take_over(database)
        ground.service.strike(signal.SIGCONT)

        evidence = await ground.judged()
        assert evidence.figures()["delivered"] == 4


def let_another_take_over(database: sqlite3.Connection) -> None:
    """What another process would do that takes all the work over and dies with it."""
    database.execute("UPDATE lanes SET epoch = epoch + 1, lease_until = 1 WHERE lease_until > 0")
