"""The predecessor's file, opened so that nothing in it can change."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import timedelta
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
        connection.execute("BEGIN")
        _look_for_chats(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _look_for_chats(connection: sqlite3.Connection) -> None:
    columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(chats)")}
    if not columns >= COLUMNS:
        raise LegacyUnreadable(NO_CHATS)
