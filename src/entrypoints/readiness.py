"""Whether the service can take work now, and why not."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from application.errors import StorageFailed
from application.ports import Inbox

DEADLINE = timedelta(seconds=1)


@dataclass(slots=True, kw_only=True)
class Readiness:
    inbox: Inbox
    configuration_problems: Callable[[], tuple[str, ...]]
    stopping: bool = field(default=False, init=False)

    async def reasons(self) -> tuple[str, ...]:
        """Why the service is not ready, a sentence each; empty if it is."""
        if self.stopping:
            return ("the service is stopping",)
        try:
            async with asyncio.timeout(DEADLINE.total_seconds()):
                await self.inbox.backlog()
        except (StorageFailed, TimeoutError):
            return ("the database does not answer",)
        return ()

    def warnings(self) -> tuple[str, ...]:
        """What an operator should look at, although the service works. Names keys, never values."""
        return self.configuration_problems()
