"""A clock that goes only when it is told to."""

import asyncio
from datetime import datetime, timedelta

from tests.strategies import NOON


class ManualClock:
    """Sleeping moves the time on at once, so that nothing in a test has to wait."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now
        self.slept: list[timedelta] = []

    def now(self) -> datetime:
        return self._now

    async def sleep(self, pause: timedelta) -> None:
        self.slept.append(pause)
        self.pass_by(pause)
        await asyncio.sleep(0)

    def pass_by(self, length: timedelta) -> None:
        self._now += length
