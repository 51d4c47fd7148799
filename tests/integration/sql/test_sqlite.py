"""The database's file: who may read it, how durable it is, and that one process has it."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from adapters.sql.database import open_database
from adapters.sql.engine.lock import SingleProcessLock
from adapters.sql.engine.sqlite import sqlite_engine, write_transaction
from application.errors import StorageFailed
from application.ports import Acceptance, Arrival
from domain.message import Content, ContentKind, IncomingMessage
from tests.contracts.storage import said
from tests.integration.sql.storage import SOON, storage_over, with_tables

HOLD = """
import sys, time
from pathlib import Path
from adapters.sql.engine.lock import SingleProcessLock
with SingleProcessLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def pragmas(connection: Connection) -> dict[str, object]:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}


@pytest.mark.anyio
async def test_every_commit_reaches_the_disk(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/robot.sqlite")

    found = await database.run(pragmas)

    await database.close(deadline=SOON)
    full = 2
    assert found == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


@pytest.mark.anyio
async def test_only_this_account_may_read_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    database = open_database(with_tables(folder / "robot.sqlite"))
    await storage_over(database).accept(said("a"))

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}

    await database.close(deadline=SOON)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert modes == {
        "robot.sqlite": 0o600,
        "robot.sqlite-wal": 0o600,
        "robot.sqlite-shm": 0o600,
    }


def test_a_file_that_others_could_read_is_made_private(tmp_path: Path) -> None:
    file = tmp_path / "robot.sqlite"
    file.touch(mode=0o644)
    folder_before = tmp_path.stat().st_mode

    sqlite_engine(f"sqlite:///{file}").dispose()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert tmp_path.stat().st_mode == folder_before


@pytest.mark.parametrize("link", ["file", "folder"])
def test_what_lies_behind_a_link_keeps_its_mode(tmp_path: Path, link: str) -> None:
    """It may be shared with a group, or belong to a program for backups, on purpose."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    file = folder / "robot.sqlite"
    file.touch(mode=0o640)
    place = tmp_path / "data"
    if link == "folder":
        place.symlink_to(folder)
    else:
        place.mkdir()
        (place / "robot.sqlite").symlink_to(file)

    sqlite_engine(f"sqlite:///{place / 'robot.sqlite'}").dispose()
    with SingleProcessLock(place / "robot.sqlite"):
        pass

    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.anyio
async def test_what_was_stored_is_there_after_a_restart(tmp_path: Path) -> None:
    url = with_tables(tmp_path / "robot.sqlite")
    database = open_database(url)
    await storage_over(database).accept(said("a"))
    await database.close(deadline=SOON)

    database = open_database(url)
    claim = await storage_over(database).only_claim()

    await database.close(deadline=SOON)
    assert claim.message == said("a")


@pytest.mark.anyio
async def test_a_short_lock_by_another_program_is_waited_for(tmp_path: Path) -> None:
    url = with_tables(tmp_path / "robot.sqlite")
    other = sqlite3.connect(tmp_path / "robot.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    database = open_database(url)
    storage = storage_over(database)
    accepting = asyncio.ensure_future(storage.accept(said("a")))
    await asyncio.sleep(0.1)
    assert not accepting.done()

    other.execute("COMMIT")
    other.close()

    await accepting
    await database.close(deadline=SOON)


@pytest.mark.anyio
async def test_a_full_disk_costs_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    database = open_database(with_tables(tmp_path / "robot.sqlite"))
    storage = storage_over(database)
    await database.run(lambda connection: connection.exec_driver_sql(SMALL).close())
    arrivals = [Arrival(message=long_message(number), signed_at=number) for number in range(100)]

    answers = [await outcome_of(storage.doorstep.accept(arrival)) for arrival in arrivals]

    stored = answers.count(Acceptance.STORED)
    assert 0 < stored < len(arrivals)
    assert set(answers) == {Acceptance.STORED, StorageFailed}
    await database.run(lambda connection: connection.exec_driver_sql(LARGE).close())
    await storage.accept(said("afterwards"))
    assert (await storage.inbox.backlog()).messages == stored + 1
    assert await database.run(whole) == "ok"
    await database.close(deadline=SOON)


SMALL, LARGE = "PRAGMA max_page_count = 60", "PRAGMA max_page_count = 100000"


def long_message(number: int) -> IncomingMessage:
    content = Content(kind=ContentKind.TEXT, text="x" * 5_000)
    return replace(said(f"{number}"), content=content)


async def outcome_of(accepting: Awaitable[Acceptance]) -> Acceptance | type[StorageFailed]:
    try:
        return await accepting
    except StorageFailed:
        return StorageFailed


def whole(connection: Connection) -> str:
    return str(connection.exec_driver_sql("PRAGMA integrity_check").scalar())


@pytest.mark.anyio
async def test_a_database_without_tables_fails_in_our_words(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/robot.sqlite")

    with pytest.raises(StorageFailed):
        await storage_over(database).accept(said("a"))

    await database.close(deadline=SOON)


@pytest.mark.parametrize("url", ["mysql://host/name", "no url", ""])
def test_a_url_of_no_known_engine_is_refused(url: str) -> None:
    with pytest.raises(StorageFailed):
        open_database(url)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    (tmp_path / "robot.sqlite").mkdir()

    with pytest.raises(StorageFailed):
        open_database(f"sqlite:///{tmp_path}/robot.sqlite")


def test_a_folder_that_cannot_be_made_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    database = tmp_path / "file" / "data" / "robot.sqlite"

    for attempt in (
        lambda: sqlite_engine(f"sqlite:///{database}"),
        SingleProcessLock(database).__enter__,
    ):
        with pytest.raises(StorageFailed) as caught:
            attempt()

        assert f"{database.parent} cannot be used (Not a directory)" in str(caught.value)
        assert "`data_dir`" in str(caught.value)


def test_a_file_that_cannot_be_opened_is_named_with_the_remedy(tmp_path: Path) -> None:
    file = tmp_path / "robot.sqlite"
    file.mkdir()
    (tmp_path / "robot.sqlite.lock").mkdir()

    with pytest.raises(StorageFailed, match=f"{file} cannot be used .*`data_dir`"):
        sqlite_engine(f"sqlite:///{file}")
    with pytest.raises(StorageFailed, match=f"{file}.lock cannot be used .*`data_dir`"):
        SingleProcessLock(file).__enter__()


def test_a_second_process_is_refused_until_the_first_has_died(tmp_path: Path) -> None:
    file = tmp_path / "robot.sqlite"
    environment = os.environ | {"PYTHONPATH": "src"}
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", HOLD, str(file)],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"

        with pytest.raises(StorageFailed, match="another process"), SingleProcessLock(file):
            pass

        first.kill()
    with SingleProcessLock(file):
        pass


def test_a_lock_can_be_taken_again(tmp_path: Path) -> None:
    lock = SingleProcessLock(tmp_path / "data" / "robot.sqlite")

    with lock:
        pass
    with lock, pytest.raises(StorageFailed), SingleProcessLock(tmp_path / "data" / "robot.sqlite"):
        pass


def test_a_failed_write_undoes_the_whole_transaction(tmp_path: Path) -> None:
    engine = sqlite_engine(with_tables(tmp_path / "robot.sqlite"))

    def fail() -> None:
        with write_transaction(engine) as connection:
            connection.exec_driver_sql("INSERT INTO kept_keys VALUES ('a', x'00')")
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    with write_transaction(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM kept_keys").scalar() == 0
    engine.dispose()
