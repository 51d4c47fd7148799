"""What goes on between us and a PostgreSQL: our journeys, and transactions of others under way."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import Connection

from adapters.sql.engine.driver import driver_of
from adapters.sql.engine.postgres import postgres_engine, transaction
from tests.integration.sql.storage import SOON


class Journeys:
    """Whether there was a transaction around each statement: the driver begins it with the first one."""

    def __init__(self) -> None:
        self.in_transaction: list[bool] = []

    def note(self, connection: Connection, *_: object) -> None:
        self.in_transaction.append(driver_of(connection).is_in_transaction())


@asynccontextmanager
async def under_way(url: str, work: Callable[[Connection], object]) -> AsyncGenerator[None]:
    """While another process has done this and not committed it yet."""
    engine = postgres_engine(url)
    try:
        async with transaction(engine, limit=SOON) as connection:
            await connection.run_sync(work)
            yield
    finally:
        await engine.dispose()
