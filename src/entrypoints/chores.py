"""What the service does beside its work: clearing away what has had its time."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from adapters.sql.housekeeping import SqlHousekeeping
from adapters.sql.retention import SqlRetention
from application.errors import StorageFailed
from application.ports import Clock

logger = logging.getLogger(__name__)

BETWEEN_CLEANINGS = timedelta(hours=1)
FIRST_CLEANING = timedelta(minutes=5)

IDLE = timedelta(days=30)
"""What nobody has touched for so long goes, even where the history is kept for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chores:
    """`keeps_for` tells how long the history is kept at this moment; None is for ever."""

    housekeeping: SqlHousekeeping
    retention: SqlRetention
    keeps_for: Callable[[], timedelta | None]
    clock: Clock

    async def clear_away(self) -> None:
        """Delete, hour by hour, what is finished, idle or old for so long that nothing refers to it."""
        await self.clock.sleep(FIRST_CLEANING)
        while True:
            try:
                await self._clean()
            except StorageFailed:
                logger.warning("cleaning_failed")
            await self.clock.sleep(BETWEEN_CLEANINGS)

    async def _clean(self) -> None:
        keeps_for = self.keeps_for()
        # What was said is in talks and in waiting replies too.
        purged = await self.housekeeping.purge(idle=min(IDLE, keeps_for or IDLE))
        forgotten = await self.retention.forget(keeps_for) if keeps_for else 0
        swept = await self.retention.sweep()
        logger.info(
            "cleaned",
            extra={
                "messages": purged.messages,
                "sessions": purged.sessions,
                "links": purged.links,
                "exchanges": forgotten,
                "pictures": swept,
            },
        )
