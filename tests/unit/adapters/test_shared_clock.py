"""The clock of the database: whatever this machine's clock says, it tells the server's time."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Connection

from adapters.sql.shared_clock import SAMPLES, SharedClock
from application.errors import StorageFailed
from tests.strategies import NOON

pytestmark = pytest.mark.anyio
T = TypeVar("T")


class Server:
    """A database whose time goes on while its answers are on their way, or that is away."""

    is_shared = True

    def __init__(self) -> None:
        self.seconds = 0.0
        self.journeys = [(0.5, 0.5)] * SAMPLES
        """How long each question takes to get there, and its answer to come back."""

    def steady(self) -> float:
        return 1_000 + self.seconds

    async def read(self, _query: Callable[[Connection], T]) -> T:
        if not self.journeys:
            raise StorageFailed("away")
        there, back = self.journeys.pop(0)
        self.seconds += there
        moment = NOON + timedelta(seconds=self.seconds)
        self.seconds += back
        return moment  # type: ignore[return-value] # the only thing it is asked

    async def run(self, work: Callable[[Connection], T]) -> T:
        raise NotImplementedError

    async def run_single(self, work: Callable[[Connection], T]) -> T:
        raise NotImplementedError

    async def hear_of_arrivals(self, ring: Callable[[], None]) -> None:
        raise NotImplementedError

    async def close(self, *, deadline: timedelta) -> None:
        raise NotImplementedError


async def test_it_tells_the_servers_time_and_goes_on_by_the_steady_clock() -> None:
    server = Server()
    clock = SharedClock(server, server.steady)

    await clock.compare()
    server.seconds += 100

    assert clock.now() == NOON + timedelta(seconds=server.seconds)


async def test_the_quickest_answer_is_believed() -> None:
    server = Server()
    server.journeys = [(0.0, 5.0), (0.1, 0.1), (3.0, 0.0)]
    clock = SharedClock(server, server.steady)

    await clock.compare()

    assert abs(clock.now() - (NOON + timedelta(seconds=server.seconds))) < timedelta(milliseconds=1)


async def test_while_the_server_is_away_it_goes_on() -> None:
    server = Server()
    clock = SharedClock(server, server.steady)
    await clock.compare()
    before = clock.now()
    server.seconds += 7

    with pytest.raises(StorageFailed):
        await clock.compare()

    assert clock.now() == before + timedelta(seconds=7)


async def test_before_it_was_compared_it_tells_nothing() -> None:
    server = Server()
    with pytest.raises(RuntimeError):
        SharedClock(server, server.steady).now()
