"""A database that is asked step by step, without an event loop of the test's own."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeAlias, TypeVar

from sqlalchemy import Connection, text

from adapters.sql.engine.postgres import postgres_engine, transaction
from adapters.sql.engine.sqlite import sqlite_engine, write_transaction
from adapters.sql.tables import metadata
from application.errors import LeaseLost
from domain.inbox import StepOutOfOrder

T = TypeVar("T")
Step: TypeAlias = Coroutine[None, None, T]
FILLING_LIMIT = timedelta(minutes=2)
"""Tens of thousands of rows take their time where much else runs."""


class Ground(Protocol):
    """Where steps are done at once, by whoever calls."""

    is_shared: bool

    async def done(self, work: Callable[[Connection], T]) -> T: ...

    def all(self, steps: Sequence[Step[T]]) -> list[T]:
        """The results of steps, which may be under way together."""
        ...


def do(ground: Ground, work: Callable[[Connection], T]) -> T:
    """One transaction."""
    return the(ground, ground.done(work))


def the(ground: Ground, step: Step[T]) -> T:
    """The result of one step."""
    (result,) = ground.all([step])
    return result


class SqliteGround:
    """A new database in memory. Nothing ever waits."""

    is_shared = False

    def __init__(self) -> None:
        self.engine = sqlite_engine("sqlite://")
        do(self, metadata.create_all)

    async def done(self, work: Callable[[Connection], T]) -> T:
        with write_transaction(self.engine) as connection:
            return work(connection)

    def all(self, steps: Sequence[Step[T]]) -> list[T]:
        return [result_of(step) for step in steps]


class PostgresGround:
    """The tables of a PostgreSQL, emptied, their numbers beginning with one again."""

    is_shared = True

    def __init__(self, url: str) -> None:
        self.runner = asyncio.Runner()
        self.engine = postgres_engine(url, connections=1)

    async def done(self, work: Callable[[Connection], T]) -> T:
        async with transaction(self.engine, limit=FILLING_LIMIT) as connection:
            return await connection.run_sync(work)

    def all(self, steps: Sequence[Step[T]]) -> list[T]:
        async def gathered() -> list[T]:
            return await asyncio.gather(*steps)

        return self.runner.run(gathered())

    def emptied(self) -> "PostgresGround":
        names = ", ".join(metadata.tables)
        do(self, lambda connection: connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY")))
        return self

    def close(self) -> None:
        self.runner.run(self.engine.dispose())
        self.runner.close()


class AtOnce:
    """Satisfies `adapters.sql.database.Database` over a ground."""

    def __init__(self, ground: Ground, *, is_shared: bool | None = None) -> None:
        self.ground = ground
        self.is_shared = ground.is_shared if is_shared is None else is_shared

    async def run(self, work: Callable[[Connection], T]) -> T:
        return await self.ground.done(work)

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


async def or_failed(step: Step[T]) -> T | Failed:
    """What a step of a message comes to."""
    try:
        return await step
    except (LeaseLost, StepOutOfOrder) as error:
        return Failed(type(error))


def result_of(step: Step[T]) -> T:
    """What a step comes to that never waits."""
    try:
        step.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("the step waits")
