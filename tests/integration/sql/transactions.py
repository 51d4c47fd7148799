"""Transactions that a test can hold and break, and jobs that go wrong in every way."""

import asyncio
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from adapters.sql.engine.sqlite import write_transaction
from adapters.sql.engine.writer import GroupWriter

SOON = timedelta(seconds=5)


class Transactions:
    """Transactions on a file, which can be held at their beginning and broken at their end."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.gate = threading.Event()
        self.gate.set()
        self._is_reached = threading.Event()
        self.commits = 0
        self.broken: BaseException | None = None

    @contextmanager
    def begin(self) -> Generator[Connection]:
        with write_transaction(self.engine) as connection:
            yield connection
            self._is_reached.set()
            self.gate.wait(10)
            if self.broken is not None:
                raise self.broken
        self.commits += 1

    def hold(self) -> None:
        """From now on nothing is committed, until the gate is opened again."""
        self.gate.clear()
        self._is_reached.clear()

    async def held(self) -> None:
        """Returns when the writer has done its first jobs since `hold` and waits to commit them."""
        assert await asyncio.to_thread(self._is_reached.wait, 10)

    def numbers(self) -> list[int]:
        with write_transaction(self.engine) as connection:
            return list(connection.scalars(text("SELECT number FROM numbers ORDER BY rowid")))


def disk_is_full() -> OperationalError:
    return OperationalError("COMMIT", {}, OSError("words of somebody"))


def note(number: int) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        connection.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": number})

    return work


def stumble(connection: Connection) -> None:
    note(99)(connection)
    raise KeyError("a mistake in a job")


def break_a_rule(connection: Connection) -> None:
    note(98)(connection)
    connection.execute(text("INSERT INTO numbers VALUES (NULL)"))


def lose_the_transaction(connection: Connection) -> None:
    """What SQLite does by itself when the disk is full: everything is undone, also for the others."""
    connection.exec_driver_sql("ROLLBACK")
    raise disk_is_full()


def die(_: Connection) -> None:
    raise SystemExit


async def together(
    transactions: Transactions, writer: GroupWriter, *jobs: Callable[[Connection], None]
) -> list[BaseException | None]:
    """Submit jobs while a first commit is held, so that they share the next one."""
    transactions.hold()
    first = asyncio.ensure_future(writer.submit(note(0)))
    await transactions.held()
    others = [asyncio.ensure_future(writer.submit(job)) for job in jobs]
    await asyncio.sleep(0)
    transactions.gate.set()
    await first
    return await asyncio.gather(*others, return_exceptions=True)
