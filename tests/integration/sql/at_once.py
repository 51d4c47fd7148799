"""A database without a thread: nothing ever waits, so that steps need no event loop."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

from sqlalchemy import Connection, text

from adapters.sql.engine.postgres import postgres_engine, transaction
from adapters.sql.engine.sqlite import sqlite_engine, write_transaction
from adapters.sql.tables import metadata
from application.errors import LeaseLost
from domain.inbox import StepOutOfOrder

T = TypeVar("T")
FILLING_LIMIT = timedelta(minutes=2)
"""Tens of thousands of rows take their time where much else runs."""


class Ground(Protocol):
    """Where transactions are done at once, by whoever calls."""

    def do(self, work: Callable[[Connection], T]) -> T: ...


class SqliteGround:
    """A new database in memory."""

    def __init__(self) -> None:
        self.engine = sqlite_engine("sqlite://")
        self.do(metadata.create_all)

    def do(self, work: Callable[[Connection], T]) -> T:
        with write_transaction(self.engine) as connection:
            return work(connection)


class PostgresGround:
    """The tables of a PostgreSQL, emptied, their numbers beginning with one again."""

    def __init__(self, url: str) -> None:
        self.runner = asyncio.Runner()
        self.engine = postgres_engine(url, connections=1)

    def do(self, work: Callable[[Connection], T]) -> T:
        async def done() -> T:
            async with transaction(self.engine, limit=FILLING_LIMIT) as connection:
                return await connection.run_sync(work)

        return self.runner.run(done())

    def emptied(self) -> "PostgresGround":
        names = ", ".join(metadata.tables)
        self.do(lambda connection: connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY")))
        return self

    def close(self) -> None:
        self.runner.run(self.engine.dispose())
        self.runner.close()


class AtOnce:
    """Satisfies `adapters.sql.database.Database` without a thread, so that nothing ever waits."""

    is_shared = False

    def __init__(self, ground: Ground) -> None:
        self.ground = ground

    async def run(self, work: Callable[[Connection], T]) -> T:
        return self.ground.do(work)

    async def run_single(self, work: Callable[[Connection], T]) -> T:
        return await self.run(work)

    async def read(self, query: Callable[[Connection], T]) -> T:
        return await self.run(query)

    async def hear_of_arrivals(self, ring: Callable[[], None]) -> None:
        """Nobody else is there."""

    async def close(self, *, deadline: timedelta) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class Failed:
    kind: type[Exception]


def result_of(step: Coroutine[None, None, T]) -> T | Failed:
    """What a step that never waits comes to."""
    try:
        step.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    except (LeaseLost, StepOutOfOrder) as error:
        return Failed(type(error))
    raise AssertionError("the step waits")
