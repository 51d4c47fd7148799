"""The seam to the database: one transaction after another, whatever the engine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError

from adapters.sql.engine.sqlite import SqliteDatabase
from application.errors import StorageFailed

T = TypeVar("T")


class Database(Protocol):
    is_shared: bool
    """Whether other processes may be at work on it at the same time."""

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in one transaction of its own; returns after the commit.

        What `work` raises undoes all that it did and reaches the caller.

        Raises:
            StorageFailed: the engine could not; nothing of `work` is stored.
        """
        ...

    async def run_single(self, work: Callable[[Connection], T]) -> T:
        """The same for work that changes things by one statement, which is a transaction where it may be.

        Raises:
            StorageFailed: as above.
        """
        ...

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Read in one transaction that changes nothing, beside the writing and without waiting for it.

        It sees all that was committed before the call.

        Raises:
            StorageFailed: the engine could not.
        """
        ...

    async def hear_of_arrivals(self, ring: Callable[[], None]) -> None:
        """Ring a moment after another process has stored new messages, for ever; returns if there is none.

        Not every one is heard: who waits for work must look for it now and then.
        """
        ...

    async def close(self, *, deadline: timedelta) -> None:
        """Finish what is waiting within the deadline; what is left then fails."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one process asks of a database server at most; SQLite needs no such thing."""

    connections: int = 8
    """At the same time, for all that writes."""
    time: timedelta = timedelta(seconds=5)
    """For one transaction, the waiting for a connection apart, which may last as long."""


def open_database(url: str, limits: Limits = Limits()) -> Database:
    """The database at that SQLAlchemy URL, which must have been migrated.

    Raises:
        StorageFailed: the URL names no engine this service knows, or the file cannot be opened.
    """
    if is_server(url):
        # Only who has a server pays for its driver.
        from adapters.sql.engine.postgres import PostgresDatabase  # noqa: PLC0415 - see above

        return PostgresDatabase(url, connections=limits.connections, time_limit=limits.time)
    return SqliteDatabase(url)


def is_server(url: str) -> bool:
    """Whether the URL names a database server rather than a file.

    Raises:
        StorageFailed: it names neither of those that this service knows.
    """
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise StorageFailed("the database's URL cannot be read") from error
    if backend not in {"sqlite", "postgresql"}:
        raise StorageFailed(
            f"there is no adapter for the database {backend!r}: use sqlite or postgresql"
        )
    return backend == "postgresql"
