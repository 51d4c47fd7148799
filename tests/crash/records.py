"""What the database holds, read beside the service without changing anything."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import TimeoutError as Late
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

import asyncpg

Rows: TypeAlias = Sequence[tuple[object, ...]]

DATABASE = "chatgpt-dingtalk.sqlite"
READING_LIMIT = 2.0


class Records(Protocol):
    @property
    def url(self) -> str:
        """What the service is told as `database_url`; empty for the file in its folder."""
        ...

    def rows(self, query: str) -> Rows:
        """What the query tells; nothing while the database does not answer."""
        ...

    def close(self) -> None: ...


class Store(Protocol):
    """A kind of database, of which each test gets a new one."""

    def new(self, data: Path) -> Records: ...


@dataclass(frozen=True, slots=True)
class SqliteRecords:
    file: Path
    url: str = ""

    def rows(self, query: str) -> Rows:
        try:
            with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=1)) as it:
                return it.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []

    @contextmanager
    def write_lock(self) -> Iterator[sqlite3.Connection]:
        """The write lock in a process that is not the service; committed at the end."""
        with closing(sqlite3.connect(self.file, timeout=5, isolation_level=None)) as opened:
            opened.execute("BEGIN IMMEDIATE")
            yield opened
            opened.execute("COMMIT")

    def close(self) -> None:
        """Each query opens the file anew."""


@dataclass(frozen=True, slots=True)
class SqliteStore:
    """Files that begin as copies of a template."""

    template: Path

    def new(self, data: Path) -> SqliteRecords:
        shutil.copy(self.template, data / DATABASE)
        return SqliteRecords(data / DATABASE)


@dataclass(slots=True)
class PostgresRecords:
    """Asks in a thread of its own, one after the other, over one connection as long as that lives."""

    url: str
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _connection: "asyncpg.Connection[asyncpg.Record] | None" = None

    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def rows(self, query: str) -> Rows:
        asked = asyncio.run_coroutine_threadsafe(self._rows(query), self._loop)
        try:
            return asked.result(READING_LIMIT)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, Late):
            asked.cancel()
            return []

    async def _rows(self, query: str) -> Rows:
        async with self._turn:
            if self._connection is None or self._connection.is_closed():
                self._connection = await asyncpg.connect(self.url, timeout=READING_LIMIT)
            return [tuple(row.values()) for row in await self._connection.fetch(query)]

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(READING_LIMIT)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        # A moment for what is being closed.
        await asyncio.sleep(0.05)
