"""The predecessor's file is opened without a trace, or refused in a sentence."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from adapters.legacy import failures
from adapters.legacy.chats import exchanges_in, rows_in
from adapters.legacy.failures import LegacyUnreadable, explained
from adapters.legacy.file import opened
from tests.integration.legacy.gorm import LegacyDatabase

AT_ONCE = timedelta(milliseconds=10)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A small good one."""
    database = LegacyDatabase(tmp_path / "dingtalkbot.sqlite")
    database.talk("问", "答")
    return database.save()


@pytest.fixture
def writer(file: Path) -> Iterator[sqlite3.Connection]:
    """The predecessor, which has the file open."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        yield connection


def problem_of(path: Path) -> str:
    with pytest.raises(LegacyUnreadable) as raised, opened(path, patience=AT_ONCE):
        pass
    return str(raised.value)


def test_a_file_is_read_and_not_changed(file: Path) -> None:
    before = file.read_bytes()

    with opened(file) as connection:
        assert rows_in(connection) == 2
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM chats")

    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_a_name_with_signs_of_addresses_is_a_name(file: Path) -> None:
    odd = file.rename(file.with_name("a b?mode=rwc#%41.sqlite"))

    with opened(odd) as connection:
        assert rows_in(connection) == 2


def test_what_is_still_in_the_log_is_read(file: Path, writer: sqlite3.Connection) -> None:
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("INSERT INTO chats (username, content) VALUES ('张三', '新')")

    with opened(file) as connection:
        assert rows_in(connection) == 3


def test_others_may_read_while_this_reads(file: Path, writer: sqlite3.Connection) -> None:
    writer.execute("BEGIN")
    writer.execute("SELECT * FROM chats").fetchall()

    with opened(file) as connection:
        assert rows_in(connection) == 2


def test_a_file_that_somebody_writes_to_is_in_use(file: Path, writer: sqlite3.Connection) -> None:
    writer.execute("BEGIN EXCLUSIVE")

    assert problem_of(file) == failures.IN_USE


@pytest.mark.parametrize("content", [b"", b"no database at all", b"\x00" * 5000])
def test_what_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(content)

    assert problem_of(file) == failures.NOT_SQLITE


@pytest.mark.parametrize("table", ["CREATE TABLE users (id)", "CREATE TABLE chats (id, content)"])
def test_a_database_of_something_else_is_refused(tmp_path: Path, table: str) -> None:
    file = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(table)

    assert problem_of(file) == failures.NO_CHATS


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT"
COLUMNS = "id, created_at, deleted_at, username, source, chat_type, parent_content, content"


@pytest.mark.parametrize(
    "statement",
    [
        f"CREATE VIEW chats ({COLUMNS}) AS {ENDLESS} i, i, i, i, i, i, i, i FROM n",
        f"CREATE VIEW Chats ({COLUMNS}) AS SELECT 1, 2, 3, 4, 5, 6, 7, 8",
        f"CREATE VIRTUAL TABLE chats USING fts5({COLUMNS.replace('id, ', 'id UNINDEXED, ', 1)})",
    ],
)
def test_what_would_be_computed_is_not_read(tmp_path: Path, statement: str) -> None:
    file = tmp_path / "computed.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)

    assert problem_of(file) == failures.NO_CHATS


def test_what_goes_on_without_end_is_broken_off(file: Path) -> None:
    with pytest.raises(LegacyUnreadable) as raised, opened(file) as connection, explained():
        connection.execute(f"{ENDLESS} count(*) FROM n").fetchall()

    assert str(raised.value) == failures.ENDLESS


def test_a_value_is_of_limited_length(file: Path) -> None:
    with pytest.raises(LegacyUnreadable) as raised, opened(file) as connection, explained():
        connection.execute("SELECT zeroblob(100000000)").fetchall()

    assert str(raised.value) == failures.ENDLESS


def test_a_column_that_is_computed_is_none_of_the_predecessor_s(tmp_path: Path) -> None:
    file = tmp_path / "computed.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        columns = COLUMNS.removesuffix(", content")
        connection.execute(f"CREATE TABLE chats ({columns}, content AS (hex(zeroblob(9))))")

    assert problem_of(file) == failures.NO_CHATS


def test_damage_is_found_where_it_is(tmp_path: Path) -> None:
    database = LegacyDatabase(tmp_path / "damaged.sqlite")
    for number in range(2000):
        database.talk(f"问{number}" * 20, "答" * 50)
    file = database.save()
    content = bytearray(file.read_bytes())
    content[-100_000:-50_000] = b"\xff" * 50_000
    file.write_bytes(content)

    with pytest.raises(LegacyUnreadable) as raised, opened(file) as connection, explained():
        list(exchanges_in(connection, UTC))

    assert str(raised.value) == failures.DAMAGED


def test_what_a_crash_left_is_not_passed_over(file: Path) -> None:
    """A log that cannot be read back, since it lies in a folder where nothing may be made."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    file.with_name(f"{file.name}-wal").write_bytes(b"x" * 5000)
    file.with_name(f"{file.name}-shm").mkdir()

    assert problem_of(file) == failures.NOT_CLOSED


def test_a_change_that_was_cut_short_is_not_taken_for_made(tmp_path: Path) -> None:
    database = LegacyDatabase(tmp_path / "cut.sqlite")
    for number in range(2000):
        database.talk(f"问{number}", "答" * 50)
    file = database.save()
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN")
        writer.execute("UPDATE chats SET content = '改'")
        crashed = tmp_path / "crashed.sqlite"
        for ending in ("", "-journal"):
            left = file.with_name(file.name + ending).read_bytes()
            crashed.with_name(crashed.name + ending).write_bytes(left)

    assert problem_of(crashed) == failures.NOT_CLOSED


def test_a_closed_file_is_read_where_nothing_may_be_written(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    file.with_name(f"{file.name}-shm").mkdir()

    with opened(file) as connection:
        assert rows_in(connection) == 2
