"""PostgreSQL: a transaction each over a pool of connections; what hangs is cut off."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TypeVar

import asyncpg
from sqlalchemy import Connection, event, exc, make_url
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, PoolProxiedConnection

from adapters.sql.engine.arrival_notices import ArrivalNotices
from adapters.sql.engine.dialect import ARRIVALS
from adapters.sql.engine.driver import driver_of
from adapters.sql.engine.failures import Conflict, translated
from application.errors import StorageFailed

T = TypeVar("T")

TRIES = 5
"""Of two transactions that wait for one another the server breaks one off, which then begins again."""

READERS = 2
"""Connections for pages and downloads, beside those that write."""

READING_LIMIT = timedelta(seconds=30)
"""A search through many texts takes its time, and keeps only its own kind waiting."""

CONNECTING_LIMIT = timedelta(seconds=2)

APPLICATION = "chatgpt-dingtalk"
"""What the server calls the connections, followed by what tells one process from another."""

STATEMENTS = 500
"""Prepared statements a connection keeps: a list of another length is another statement."""

SSL_MODE = "sslmode"
"""What other programs call `ssl` in a URL."""


class PostgresDatabase:
    """Satisfies `adapters.sql.database.Database`. Nothing waits longer than the time limit.

    Who stops waiting does not stop the transaction, which is committed or fails by itself.
    """

    is_shared = True

    def __init__(
        self,
        url: str,
        *,
        connections: int = 8,
        time_limit: timedelta = timedelta(seconds=5),
        capacity: int = 10_000,
    ) -> None:
        """`time_limit` is for a whole transaction; `capacity`: how many may be under way or wait."""
        self._url = url
        self._limit = time_limit
        self._capacity = capacity
        self._name = f"{APPLICATION} {secrets.token_hex(4)}"
        make = partial(postgres_engine, url, name=self._name, waiting=time_limit)
        self._writing = make(connections=connections)
        # The server begins and ends the transaction of a statement without being told: two journeys less.
        self._single = self._writing.execution_options(isolation_level="AUTOCOMMIT")
        self._reading = make(connections=READERS).execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    async def run(self, work: Callable[[Connection], T]) -> T:
        return await self._done(work, engine=self._writing, limit=self._limit)

    async def run_single(self, work: Callable[[Connection], T]) -> T:
        return await self._done(work, engine=self._single, limit=self._limit)

    async def read(self, query: Callable[[Connection], T]) -> T:
        return await self._done(query, engine=self._reading, limit=READING_LIMIT)

    async def hear_of_arrivals(self, ring: Callable[[], None]) -> None:
        engine = postgres_engine(self._url, name=self._name)
        try:
            await ArrivalNotices(engine, ARRIVALS, own=self._name).listen(ring)
        finally:
            await engine.dispose()

    async def close(self, *, deadline: timedelta) -> None:
        self._closed = True
        if self._running:
            await asyncio.wait(self._running, timeout=deadline.total_seconds())
        left = tuple(self._running)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for engine in (self._writing, self._reading):
            await engine.dispose()

    async def _done(
        self, work: Callable[[Connection], T], *, engine: AsyncEngine, limit: timedelta
    ) -> T:
        if self._closed:
            raise StorageFailed("the database is closed")
        if len(self._running) >= self._capacity:
            raise StorageFailed("too many transactions wait for the database")
        results: list[T] = []
        task = asyncio.create_task(
            attempt(engine, lambda connection: results.append(work(connection)), limit=limit)
        )
        self._running.add(task)
        task.add_done_callback(self._ended)
        await asyncio.shield(task)
        return results[-1]

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if not task.cancelled():
            # Asked for here, for whoever waited may have gone.
            task.exception()


async def attempt(
    engine: AsyncEngine, work: Callable[[Connection], None], *, limit: timedelta
) -> None:
    """Do the work in one transaction, again if the server broke it off for another one's sake.

    Raises:
        StorageFailed: nothing is stored; or, where the connection was lost at the very end, perhaps all.
    """
    for tries_left in reversed(range(TRIES)):
        try:
            async with transaction(engine, limit=limit) as connection:
                await connection.run_sync(work)
        except Conflict:
            if not tries_left:
                raise
        else:
            return


@asynccontextmanager
async def transaction(
    engine: AsyncEngine, *, limit: timedelta | None
) -> AsyncGenerator[AsyncConnection]:
    """A transaction whose connection is cut off when the limit has passed."""
    with translated(foreign=(asyncpg.PostgresError, asyncpg.InterfaceError)):
        async with engine.connect() as connection:
            cutting = None
            if limit is not None:
                # Not by cancelling: a server that hangs would have to answer that as well.
                driver = driver_of(connection.sync_connection)
                loop = asyncio.get_running_loop()
                cutting = loop.call_later(limit.total_seconds(), driver.terminate)
            try:
                async with connection.begin():
                    yield connection
            finally:
                if cutting is not None:
                    cutting.cancel()


def postgres_engine(
    url: str,
    *,
    name: str = APPLICATION,
    connections: int | None = None,
    waiting: timedelta = CONNECTING_LIMIT,
) -> AsyncEngine:
    """An engine with so many connections, or with a new one for every use.

    `name`: what the server calls them; `waiting`: how long somebody may wait for one to be free.
    """
    options: dict[str, object] = (
        {"poolclass": NullPool}
        if connections is None
        else {
            "pool_size": connections,
            "max_overflow": 0,
            "pool_timeout": waiting.total_seconds(),
            "pool_use_lifo": True,
        }
    )
    engine = create_async_engine(
        address_of(url),
        hide_parameters=True,
        connect_args={
            "timeout": CONNECTING_LIMIT.total_seconds(),
            "prepared_statement_cache_size": STATEMENTS,
            "server_settings": {"application_name": name, **SERVER_SETTINGS},
        },
        **options,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_lost)
    return engine


SERVER_SETTINGS = {
    # Somebody who was frozen in the middle of a transaction must not hold its rows for ever ...
    "idle_in_transaction_session_timeout": "10000",
    # ... nor keep those waiting who have others in the same batch.
    "lock_timeout": "1500",
    "jit": "off",
}


def address_of(url: str) -> URL:
    """The URL for the driver that is used here, whichever it names."""
    address = make_url(url).set(drivername="postgresql+asyncpg")
    mode = address.query.get(SSL_MODE)
    if mode is None:
        return address
    return address.difference_update_query([SSL_MODE]).update_query_dict({"ssl": mode})


def _refuse_lost(
    connection: AsyncAdapt_asyncpg_connection, _: ConnectionPoolEntry, __: PoolProxiedConnection
) -> None:
    """The server may have closed it while it lay in the pool: then the next one, or a new one, is taken."""
    if connection.driver_connection.is_closed():
        raise exc.DisconnectionError
