"""Time: what it is now, and waiting."""

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """This moment, with a zone."""
        ...

    async def sleep(self, pause: timedelta) -> None: ...
