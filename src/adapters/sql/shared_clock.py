"""The time of the database server, which all processes that share it go by."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, DateTime, func, select

from adapters.sql.database import Database
from application.errors import StorageFailed

logger = logging.getLogger(__name__)

BETWEEN_COMPARISONS = timedelta(seconds=10)
"""Quartz drifts by less than a millisecond in that time."""

SAMPLES = 3
"""The quickest of some is the one whose moment is known best."""

_moment = select(func.clock_timestamp(type_=DateTime(timezone=True)))


class SharedClock:
    """Satisfies `application.ports.Clock`: machines whose own clocks differ tell the same time.

    Between two comparisons it goes on by this machine's steady clock, also while the server is away.
    Leases, quota days and the age of signatures thus mean the same to every process.
    """

    def __init__(self, database: Database, steady: Callable[[], float] = time.monotonic) -> None:
        """`steady`: seconds since whenever, never set back."""
        self._database = database
        self._steady = steady
        self._known: tuple[datetime, float] | None = None

    def now(self) -> datetime:
        """Raises RuntimeError before the first comparison."""
        if self._known is None:
            raise RuntimeError("the clock has not been compared yet")
        moment, at = self._known
        return moment + timedelta(seconds=self._steady() - at)

    async def sleep(self, pause: timedelta) -> None:
        await asyncio.sleep(pause.total_seconds())

    async def compare(self) -> None:
        """Ask the server what time it is.

        Raises:
            StorageFailed: it does not answer; the clock goes on as before.
        """
        samples = [await self._sample() for _ in range(SAMPLES)]
        _, moment, at = min(samples)
        self._known = (moment, at)

    async def keep_time(self) -> None:
        """Compare again and again, for ever."""
        while True:
            await self.sleep(BETWEEN_COMPARISONS)
            try:
                await self.compare()
            except StorageFailed:
                logger.warning("clock_not_compared")

    async def _sample(self) -> tuple[float, datetime, float]:
        """How long the answer took, what it said, and when in the middle that was."""
        asked = self._steady()
        moment = await self._database.read(server_time)
        answered = self._steady()
        return answered - asked, moment, (asked + answered) / 2


def server_time(connection: Connection) -> datetime:
    return connection.execute(_moment).scalar_one()
