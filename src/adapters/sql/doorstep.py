"""The doorstep: what comes in while a commit is running goes into the next one together."""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from adapters.sql.database import Database
from adapters.sql.engine.dialect import writes_in_with
from adapters.sql.engine.failures import RowRejected, translated
from adapters.sql.statements.arrivals import store
from adapters.sql.statements.at_once.arrivals import store_at_once
from adapters.sql.statements.moments import millis
from adapters.sql.statements.parcel import Parcel
from application.errors import StorageFailed
from application.ports import Acceptance, Arrival, Clock

MAX_BATCH = 256
"""How many arrivals are stored by one transaction at most."""

PATIENCE = timedelta(seconds=1.8)
"""How long the sender of a message waits for a server that does not answer. What is stored later counts."""


class SqlDoorstep:
    """Satisfies `application.ports.Doorstep`."""

    def __init__(self, database: Database, clock: Clock, *, capacity: int = 10_000) -> None:
        """`capacity`: how many arrivals may wait before more are turned away."""
        self._database = database
        self._clock = clock
        self._capacity = capacity
        # A file answers or fails by itself.
        self._patience = PATIENCE.total_seconds() if database.is_shared else None
        self._waiting: deque[tuple[Parcel, asyncio.Future[Acceptance]]] = deque()
        self._storing: asyncio.Task[None] | None = None

    async def accept(self, arrival: Arrival) -> Acceptance:
        if len(self._waiting) >= self._capacity:
            raise StorageFailed("too many messages wait to be stored")
        with translated():
            parcel = Parcel.of(arrival)
        answer: asyncio.Future[Acceptance] = asyncio.get_running_loop().create_future()
        self._waiting.append((parcel, answer))
        if self._storing is None:
            self._storing = asyncio.create_task(self._store_all())
        try:
            async with asyncio.timeout(self._patience):
                return await answer
        except TimeoutError as error:
            raise StorageFailed("the database does not answer in time") from error

    async def _store_all(self) -> None:
        try:
            while self._waiting:
                size = min(len(self._waiting), MAX_BATCH)
                await self._store([self._waiting.popleft() for _ in range(size)])
        finally:
            self._storing = None
            self._abandon()

    async def _store(self, batch: Sequence[tuple[Parcel, asyncio.Future[Acceptance]]]) -> None:
        """Store a batch and tell every caller that still waits."""
        try:
            answers = await self._answers([parcel for parcel, _ in batch])
        except BaseException:
            for _, waiter in batch:
                tell(waiter, StorageFailed("the message was not stored"))
            raise
        for (_, waiter), answer in zip(batch, answers, strict=True):
            tell(waiter, answer)

    async def _answers(self, parcels: Sequence[Parcel]) -> Sequence[Acceptance | BaseException]:
        now = millis(self._clock.now())
        try:
            return await self._database.run_single(partial(store_all, parcels=parcels, now=now))
        except RowRejected:
            # One bad row must not turn its neighbours away.
            return await asyncio.gather(
                *(
                    self._database.run_single(partial(_store_one, parcel=one, now=now))
                    for one in parcels
                ),
                return_exceptions=True,
            )
        except StorageFailed as failure:
            return [_again(failure) for _ in parcels]

    def _abandon(self) -> None:
        """Only when the storing was broken off is anybody left here."""
        while self._waiting:
            tell(self._waiting.popleft()[1], StorageFailed("the message was not stored"))


def _again(failure: StorageFailed) -> StorageFailed:
    """An exception for each who waits: raised twice, one would tell a mixed story."""
    another = StorageFailed(str(failure))
    another.__cause__ = failure
    return another


def store_all(
    connection: Connection, parcels: Sequence[Parcel], *, now: int
) -> Sequence[Acceptance]:
    way = store_at_once if writes_in_with(connection.dialect.name) else store
    return way(connection, parcels, now=now)


def _store_one(connection: Connection, parcel: Parcel, now: int) -> Acceptance:
    return store_all(connection, [parcel], now=now)[0]


def tell(waiter: asyncio.Future[Acceptance], answer: Acceptance | BaseException) -> None:
    """Who was cancelled waits no longer."""
    if waiter.done():
        return
    if isinstance(answer, Acceptance):
        waiter.set_result(answer)
    else:
        waiter.set_exception(answer)
