"""A database without a thread: nothing ever waits, so that steps need no event loop."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Connection, Engine

from adapters.sql.engine.sqlite import write_transaction
from application.errors import LeaseLost
from domain.inbox import StepOutOfOrder

T = TypeVar("T")


class AtOnce:
    """Satisfies `adapters.sql.database.Database` without a thread, so that nothing ever waits."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def run(self, work: Callable[[Connection], T]) -> T:
        with write_transaction(self.engine) as connection:
            return work(connection)

    async def read(self, query: Callable[[Connection], T]) -> T:
        return await self.run(query)

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
