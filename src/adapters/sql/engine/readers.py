"""The reading threads: queries beside the writer, each in one view of the database."""

import asyncio
import sqlite3
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine

from adapters.sql.engine.failures import translated
from application.errors import StorageFailed

T = TypeVar("T")

LAST_MOMENT = timedelta(seconds=1)
"""How long a query that was interrupted may take to notice."""

CHECK_INTERVAL = 100_000
"""Instructions of SQLite's machine between two looks at whether the query is still wanted."""


class Readers:
    """Runs queries in a few threads; more of them wait their turn."""

    def __init__(self, engine: Engine, *, threads: int) -> None:
        """`engine`: whose connections begin no transaction by themselves, and write nothing."""
        self._engine = engine
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="sql-reader")
        self._reading: set[asyncio.Future[None]] = set()
        self._connections: set[sqlite3.Connection] = set()
        self._closed = False
        self._abandoned = False

    async def read(self, query: Callable[[Connection], T]) -> T:
        """What the query finds. Raises what it raises, or StorageFailed."""
        if self._closed:
            raise StorageFailed("the database is closed")
        results: list[T] = []
        work = partial(self._read, lambda connection: results.append(query(connection)))
        reading: asyncio.Future[None] = asyncio.get_running_loop().run_in_executor(
            self._threads, work
        )
        self._reading.add(reading)
        reading.add_done_callback(self._reading.discard)
        await reading
        return results[0]

    async def close(self, *, deadline: timedelta) -> None:
        """Take nothing more, let what runs or waits end, and after the deadline break off what is left."""
        self._closed = True
        await self._ended(deadline)
        self._abandoned = True
        for connection in tuple(self._connections):
            connection.interrupt()
        await self._ended(LAST_MOMENT)
        self._threads.shutdown(wait=False)
        self._engine.dispose()

    async def _ended(self, deadline: timedelta) -> None:
        if self._reading:
            await asyncio.wait(self._reading, timeout=deadline.total_seconds())

    def _read(self, query: Callable[[Connection], None]) -> None:
        if self._abandoned:
            raise StorageFailed("the database was closed before this was read")
        with translated(), self._engine.begin() as connection, self._known(connection):
            # Its first statement takes the view, which holds all that was committed before.
            connection.exec_driver_sql("BEGIN")
            query(connection)

    @contextmanager
    def _known(self, connection: Connection) -> Generator[None]:
        """Known to the event loop's thread, which may have to interrupt it.

        An interruption that comes just before a statement begins has no effect, so each statement also asks.
        """
        driver = connection.connection.driver_connection
        if driver is None:
            raise StorageFailed("the connection is gone")
        self._connections.add(driver)
        driver.set_progress_handler(lambda: self._abandoned, CHECK_INTERVAL)
        try:
            yield
        finally:
            driver.set_progress_handler(None, 0)
            self._connections.discard(driver)
