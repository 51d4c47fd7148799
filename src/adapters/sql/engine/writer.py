"""The writer thread: takes the transactions that wait and makes them durable with one commit."""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TypeAlias

from sqlalchemy import Connection

from adapters.sql.engine.failures import FOREIGN, in_our_words
from application.errors import StorageFailed

logger = logging.getLogger(__name__)

MAX_BATCH = 256
"""How many transactions share one commit at most: it bounds how long the first of them waits."""

Work: TypeAlias = Callable[[Connection], None]
Transaction: TypeAlias = Callable[[], AbstractContextManager[Connection]]


class Job:
    """One transaction that somebody waits for."""

    __slots__ = ("failure", "future", "loop", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.failure: Exception | None = None
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[None] = self.loop.create_future()

    def resolve(self) -> None:
        """Tell who waits, in the thread of the event loop. Who was cancelled waits no longer."""
        if self.future.done():
            return
        if self.failure is None:
            self.future.set_result(None)
        else:
            self.future.set_exception(self.failure)


class GroupWriter:
    """Runs transactions in one thread.

    They run in the order of their submission. One that fails is undone alone; if the commit fails, so do
    all that shared it. When the thread is dead every waiting and every later call fails at once.
    """

    def __init__(self, transaction: Transaction, *, capacity: int) -> None:
        """`transaction` opens one and commits it at its end; `capacity` is how many jobs may wait."""
        self._transaction = transaction
        self._waiting: queue.Queue[Job | None] = queue.Queue(capacity + 1)
        self._capacity = capacity
        self._running: Sequence[Job] = ()
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._live, name="sql-writer", daemon=True)
        self._thread.start()

    async def submit(self, work: Work) -> None:
        """Returns after the commit. Raises what `work` raises, or StorageFailed."""
        job = Job(work)
        with self._gate:
            if self._closed:
                raise StorageFailed("the database is closed")
            if self._waiting.qsize() >= self._capacity:
                raise StorageFailed("too many transactions wait for the database")
            self._waiting.put_nowait(job)
        await job.future

    async def close(self, *, deadline: timedelta) -> None:
        """Take nothing more, finish what waits, and after the deadline fail what is left."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._waiting.put_nowait(None)
        await asyncio.to_thread(self._thread.join, deadline.total_seconds())
        if self._thread.is_alive():
            logger.error("sql_writer_abandoned")
            self._fail([*self._running, *self._left()])
            self._waiting.put_nowait(None)

    def _live(self) -> None:
        try:
            while batch := self._next_batch():
                self._running = batch
                self._commit(batch)
                self._running = ()
                tell(batch)
        except BaseException:
            logger.exception("sql_writer_died")
        finally:
            with self._gate:
                self._closed = True
            self._fail([*self._running, *self._left()])

    def _next_batch(self) -> list[Job]:
        """What waits, in order; empty when nothing will come any more."""
        batch: list[Job] = []
        job = self._waiting.get()
        while job is not None:
            batch.append(job)
            if len(batch) == MAX_BATCH:
                return batch
            try:
                job = self._waiting.get_nowait()
            except queue.Empty:
                return batch
        if batch:
            # The mark of the end stays for the next round.
            self._waiting.put_nowait(None)
        return batch

    def _commit(self, batch: Sequence[Job]) -> None:
        try:
            with self._transaction() as connection:
                attempt_all(connection, batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, every waiter must hear of it
            # Also those that failed by themselves: what they saw has been undone.
            for job in batch:
                job.failure = in_our_words(error)
            if isinstance(error, FOREIGN):
                facts = {"jobs": len(batch), "failure": str(in_our_words(error))}
                logger.warning("sql_transaction_failed", extra=facts)

    def _left(self) -> list[Job]:
        left: list[Job] = []
        while True:
            try:
                job = self._waiting.get_nowait()
            except queue.Empty:
                return left
            if job is not None:
                left.append(job)

    def _fail(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            job.failure = StorageFailed("the database was closed before this was stored")
        tell(jobs)


def attempt_all(connection: Connection, batch: Sequence[Job]) -> None:
    """Do every job. Of several, one that fails is undone alone; raises if not even that is possible."""
    if len(batch) == 1:
        batch[0].work(connection)
        return
    for job in batch:
        # By hand: SQLAlchemy's own objects for this cost as much as four statements.
        connection.exec_driver_sql("SAVEPOINT job")
        try:
            job.work(connection)
        except Exception as error:  # noqa: BLE001 - the others of the batch go on
            # A full disk makes SQLite undo the whole transaction: then this raises, and all fail.
            connection.exec_driver_sql("ROLLBACK TO job")
            job.failure = in_our_words(error)
        connection.exec_driver_sql("RELEASE job")


def tell(jobs: Iterable[Job]) -> None:
    """Wake all waiters with one call into each event loop."""
    loops: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        loops.setdefault(job.loop, []).append(job)
    for loop, theirs in loops.items():
        try:
            loop.call_soon_threadsafe(_resolve, theirs)
        except RuntimeError:
            logger.warning("sql_waiters_gone", extra={"jobs": len(theirs)})


def _resolve(jobs: Iterable[Job]) -> None:
    for job in jobs:
        job.resolve()
