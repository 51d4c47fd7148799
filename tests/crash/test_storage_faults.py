"""A database that is locked or full: late or 503, never a 200 without a row, and well again by itself."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.ground import LONG, Ground, only_long, proving_ground, until
from tests.crash.load import TALKS, Talk
from tests.crash.records import DATABASE, SqliteRecords, SqliteStore
from tests.missing import missing

pytestmark = [pytest.mark.anyio, pytest.mark.crash, pytest.mark.timeout(300 if LONG else 120)]

ACKNOWLEDGED_WITHIN = 2.5
SMALL_DISK = 12 * 1024 * 1024


@only_long
@pytest.mark.parametrize("seconds", [1, 8])
async def test_a_locked_database_delays_and_loses_nothing(
    tmp_path: Path, sqlite: SqliteStore, seconds: int
) -> None:
    async with proving_ground(tmp_path, sqlite) as ground:
        ground.outside.delay = 0.5
        await ground.start()
        for talk in TALKS[:3]:
            await ground.crowd.ask(talk)
        await until(lambda: len(ground.outside.model.calls) == 3)
        async with asyncio.TaskGroup() as knocking:
            with SqliteRecords(tmp_path / "data" / DATABASE).write_lock():
                knocks = [knocking.create_task(knock(ground, talk)) for talk in TALKS[3:6]]
                await asyncio.sleep(seconds)

        assert {one.result() for one in knocks} == ({200} if seconds == 1 else {503})
        assert await knocks_until_taken(ground) == 200
        evidence = await ground.judged()
        assert evidence.figures()["asked again"] == 0
        assert evidence.figures()["parts sent again"] == 0


async def knock(ground: Ground, talk: Talk) -> int | None:
    """One message more, answered in time whatever the answer is."""
    said = await ground.crowd.ask(talk)
    assert said.slowest < ACKNOWLEDGED_WITHIN
    return said.outcomes[0]


async def knocks_until_taken(ground: Ground, within: float = 10) -> int | None:
    """The same message again, as DingTalk would, until it is taken or time is up."""
    deadline = time.monotonic() + within
    said = await ground.crowd.ask(TALKS[7])
    while not said.acknowledged and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
        await ground.crowd.deliver(said)
    return said.outcomes[-1]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with little room."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "none", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False, timeout=10)  # noqa: S603 - our own words
    except FileNotFoundError:
        missing("there is no program to mount a small disk with")
    if mounted.returncode:
        # Only root may, and not in every container: impossible in principle, in CI too.
        missing(f"a small disk cannot be mounted: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=10)  # noqa: S603, S607 - the same


async def test_a_full_disk_turns_messages_away_until_there_is_room(
    tmp_path: Path, sqlite: SqliteStore, small_disk: Path
) -> None:
    async with proving_ground(tmp_path, sqlite, keep_in=small_disk) as ground:
        await ground.start()
        async with ground.crowd.speaking():
            await until(lambda: len(ground.outside.replies()) >= 5)
            filler = small_disk / "filler"
            with pytest.raises(OSError, match="No space left"):
                fill(filler)
            await until(lambda: refusals(ground) >= 5, within=30)
            assert ground.service.lives
            filler.unlink()
            assert await knocks_until_taken(ground) == 200

        await ground.judged()
        assert ground.records.rows("PRAGMA integrity_check") == [("ok",)]


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as opened:
        while True:
            opened.write(bytes(4096))


def refusals(ground: Ground) -> int:
    """How often the service said 503."""
    return sum(said.outcomes.count(503) for said in ground.crowd.history)
