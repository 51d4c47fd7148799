"""The predecessor's file, opened so that nothing in it can change."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

from adapters.legacy.failures import (
    NO_CHATS,
    NOT_CLOSED,
    NOT_SQLITE,
    LegacyUnreadable,
    explained,
    primary_code_of,
)

COLUMNS = frozenset(
    {
        "id",
        "created_at",
        "deleted_at",
        "username",
        "source",
        "chat_type",
        "parent_content",
        "content",
    }
)

PATIENCE = timedelta(seconds=5)

LONGEST_VALUE = 64 * 1024 * 1024
"""Octets of one value; the file may say how to make up a longer one (`zeroblob`)."""

STEP = 1_000_000
MOST_STEPS = 100
STEPS_PER_OCTET = 10 / STEP
"""So many instructions of SQLite's machine at a time, and so often, the more so the larger the file is.

Reading takes a hundred a row, one an octet at most; what goes on without end stops after some seconds.
"""


@contextmanager
def opened(path: Path, *, patience: timedelta = PATIENCE) -> Generator[sqlite3.Connection]:
    """The file, read in one transaction. `patience`: how long somebody who writes to it is waited for.

    Raises:
        LegacyUnreadable: it is not the predecessor's, or cannot be read.
    """
    with explained(), closing(_connected(path, patience)) as connection:
        yield connection


def _connected(path: Path, patience: timedelta) -> sqlite3.Connection:
    if not path.stat().st_size:
        raise LegacyUnreadable(NOT_SQLITE)
    try:
        return _checked(path, "mode=ro", patience)
    except sqlite3.OperationalError as error:
        if primary_code_of(error) == sqlite3.SQLITE_BUSY:
            raise
        if _has_leftovers(path):
            raise LegacyUnreadable(NOT_CLOSED) from error
        # Closed in order, in a folder where SQLite may not put the files that it wants for reading.
        return _checked(path, "mode=ro&immutable=1", patience)


def _has_leftovers(path: Path) -> bool:
    """Whether there is more to the database than its file."""
    beside = (path.with_name(path.name + ending) for ending in ("-wal", "-journal"))
    return any(one.exists() and one.stat().st_size for one in beside)


def _checked(path: Path, mode: str, patience: timedelta) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?{mode}"
    waiting = patience.total_seconds()
    connection = sqlite3.connect(uri, uri=True, timeout=waiting, isolation_level=None)
    try:
        # Go may have cut a text within a letter.
        connection.text_factory = lambda octets: octets.decode("utf-8", "replace")
        _distrust(connection, size=path.stat().st_size)
        connection.execute("BEGIN")
        _look_for_chats(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _distrust(connection: sqlite3.Connection, *, size: int) -> None:
    """What a file brings along beside its rows may be made to do harm: it gets no trust and little time."""
    steps = count()
    most = MOST_STEPS + STEPS_PER_OCTET * size
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    connection.set_progress_handler(lambda: next(steps) > most, STEP)


def _look_for_chats(connection: sqlite3.Connection) -> None:
    # A view would be computed, by whatever it says; so would a virtual table.
    query = "SELECT 1 FROM sqlite_schema WHERE lower(name) = 'chats' AND type = 'table' AND rootpage > 0"
    if connection.execute(query).fetchone() is None:
        raise LegacyUnreadable(NO_CHATS)
    columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(chats)")}
    if not columns >= COLUMNS:
        raise LegacyUnreadable(NO_CHATS)
