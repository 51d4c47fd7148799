"""The doorstep: what comes in while a commit is running goes into the next one together."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection

from adapters.sql.database import Database
from adapters.sql.engine.batches import Batches
from adapters.sql.engine.dialect import writes_in_with
from adapters.sql.engine.failures import translated
from adapters.sql.statements.arrivals import store
from adapters.sql.statements.at_once.arrivals import store_at_once
from adapters.sql.statements.moments import millis
from adapters.sql.statements.parcel import Parcel
from application.errors import StorageFailed
from application.ports import Acceptance, Arrival, Clock

PATIENCE = timedelta(seconds=1.8)
"""How long the sender of a message waits for a server that does not answer. What is stored later counts."""


class SqlDoorstep:
    """Satisfies `application.ports.Doorstep`."""

    def __init__(self, database: Database, clock: Clock, *, capacity: int = 10_000) -> None:
        """`capacity`: how many arrivals may wait before more are turned away."""
        self._clock = clock
        # A file answers or fails by itself.
        self._patience = PATIENCE.total_seconds() if database.is_shared else None
        self._storing = Batches(database, self._store, capacity=capacity)

    async def accept(self, arrival: Arrival) -> Acceptance:
        with translated():
            parcel = Parcel.of(arrival)
        try:
            async with asyncio.timeout(self._patience):
                return await self._storing.submit(parcel)
        except TimeoutError as error:
            raise StorageFailed("the database does not answer in time") from error

    def _store(self, connection: Connection, parcels: Sequence[Parcel]) -> Sequence[Acceptance]:
        return store_all(connection, parcels, now=millis(self._clock.now()))


def store_all(
    connection: Connection, parcels: Sequence[Parcel], *, now: int
) -> Sequence[Acceptance]:
    way = store_at_once if writes_in_with(connection.dialect.name) else store
    return way(connection, parcels, now=now)
