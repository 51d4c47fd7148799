"""The seam to the database: one transaction after another, whatever the engine."""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol, TypeVar

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError

from adapters.sql.engine.sqlite import SqliteDatabase
from application.errors import StorageFailed

T = TypeVar("T")


class Database(Protocol):
    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in one transaction of its own; returns after the commit.

        What `work` raises undoes all that it did and reaches the caller.

        Raises:
            StorageFailed: the engine could not; nothing of `work` is stored.
        """
        ...

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Read in one transaction that changes nothing, beside the writing and without waiting for it.

        It sees all that was committed before the call.

        Raises:
            StorageFailed: the engine could not.
        """
        ...

    async def close(self, *, deadline: timedelta) -> None:
        """Finish what is waiting within the deadline; what is left then fails."""
        ...


def open_database(url: str) -> Database:
    """The database at that SQLAlchemy URL, which must have been migrated.

    Raises:
        StorageFailed: the URL names no engine this service knows, or the file cannot be opened.
    """
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise StorageFailed("the database's URL cannot be read") from error
    if backend != "sqlite":
        raise StorageFailed(f"there is no adapter for the database {backend!r}")
    return SqliteDatabase(url)
