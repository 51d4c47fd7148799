"""SQLite: one file, one writer thread, one durable commit for all that waits."""

import asyncio
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from adapters.sql.engine.dialect import CASEFOLDED
from adapters.sql.engine.files import make_private
from adapters.sql.engine.readers import Readers
from adapters.sql.engine.writer import GroupWriter

T = TypeVar("T")

READERS = 4
"""Threads that read for pages and downloads, beside the one that writes."""

PRAGMAS = (
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


class SqliteDatabase:
    """Satisfies `adapters.sql.database.Database`."""

    is_shared = False

    def __init__(self, url: str, *, capacity: int = 10_000) -> None:
        """`capacity`: how many transactions may wait before more are turned away."""
        self._engine = sqlite_engine(url)
        self._readers = Readers(reading_engine(url), threads=READERS)
        self._writer = GroupWriter(partial(write_transaction, self._engine), capacity=capacity)

    async def run(self, work: Callable[[Connection], T]) -> T:
        results: list[T] = []
        await self._writer.submit(lambda connection: results.append(work(connection)))
        return results[0]

    async def run_single(self, work: Callable[[Connection], T]) -> T:
        """The commit is shared with others anyway."""
        return await self.run(work)

    async def read(self, query: Callable[[Connection], T]) -> T:
        return await self._readers.read(query)

    async def hear_of_arrivals(self, ring: Callable[[], None]) -> None:
        """Nobody else is at work on the file."""

    async def close(self, *, deadline: timedelta) -> None:
        await asyncio.gather(
            self._writer.close(deadline=deadline), self._readers.close(deadline=deadline)
        )
        self._engine.dispose()


def sqlite_engine(url: str) -> Engine:
    """An engine whose transactions begin with `write_transaction`, and in no other way."""
    path = file_of(url)
    if path is not None:
        make_private(path)
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    return engine


def reading_engine(url: str) -> Engine:
    """An engine whose connections refuse to write."""
    engine = sqlite_engine(url)
    event.listen(engine, "connect", _forbid_writing)
    return engine


@contextmanager
def write_transaction(engine: Engine) -> Generator[Connection]:
    """A transaction that has the write lock from its beginning.

    One that reads first and wants the lock later cannot wait for it: SQLite fails it at once.
    """
    with engine.begin() as connection:
        # Not by a listener for "begin": with one, SQLAlchemy does more work for every statement.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


@contextmanager
def schema_change(engine: Engine) -> Generator[Connection]:
    """The same for changes of tables: a table is changed by copying it, and nothing is deleted by that."""
    with engine.begin() as connection:
        # SQLite heeds this outside of transactions only, and SQLAlchemy has not really begun one here.
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


def file_of(url: str) -> Path | None:
    """The file of an SQLite URL, or None if it lives in memory or on a server."""
    address = make_url(url)
    name = address.database if address.get_backend_name() == "sqlite" else None
    return None if name in {None, "", ":memory:"} else Path(str(name))


def _prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # The driver would begin transactions by itself, late and without the write lock.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(pragma)
    connection.create_function(CASEFOLDED, 1, str.casefold, deterministic=True)


def _forbid_writing(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA query_only = ON")
