"""What the service does beside its work: clearing away what has had its time."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from adapters.sql.housekeeping import SqlHousekeeping
from application.errors import StorageFailed
from application.ports import Clock

logger = logging.getLogger(__name__)

BETWEEN_CLEANINGS = timedelta(hours=1)
FIRST_CLEANING = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chores:
    housekeeping: SqlHousekeeping
    clock: Clock

    async def clear_away(self) -> None:
        """Delete, hour by hour, what is finished or idle for so long that nothing refers to it."""
        await self.clock.sleep(FIRST_CLEANING)
        while True:
            try:
                purged = await self.housekeeping.purge()
            except StorageFailed:
                logger.warning("cleaning_failed")
            else:
                logger.info("cleaned", extra={"messages": purged.messages})
            await self.clock.sleep(BETWEEN_CLEANINGS)
