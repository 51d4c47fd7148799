"""Whether the service can take work now, and why not."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from application.errors import StorageFailed
from application.ports import Inbox

DEADLINE = timedelta(seconds=1)

FRESH = timedelta(seconds=1)
"""How long a verdict on the database is repeated: whoever asks often must not keep it busy."""


class Connections(Protocol):
    """What stands between DingTalk and this service in stream mode."""

    def reasons(self) -> tuple[str, ...]: ...

    def warnings(self) -> tuple[str, ...]: ...

    def standings(self) -> tuple[object, ...]: ...


@dataclass(slots=True, kw_only=True)
class Readiness:
    inbox: Inbox
    configuration_problems: Callable[[], tuple[str, ...]]
    provider_problems: Callable[[], tuple[str, ...]] = tuple
    callback_warnings: Callable[[], tuple[str, ...]] = tuple
    model_warnings: Callable[[], tuple[str, ...]] = tuple
    connections: Connections | None = None
    fresh: timedelta = FRESH
    stopping: bool = field(default=False, init=False)
    _verdict: "asyncio.Task[bool] | None" = field(default=None, init=False)
    _asked_at: float = field(default=0, init=False)

    async def reasons(self) -> tuple[str, ...]:
        """Why the service is not ready, a sentence each; empty if it is."""
        if self.stopping:
            return ("the service is stopping",)
        # Shielded: all who ask share one question, also when one of them goes away.
        if not await asyncio.shield(self._shared_verdict()):
            return ("the database does not answer",)
        return self.connections.reasons() if self.connections else ()

    def _shared_verdict(self) -> "asyncio.Task[bool]":
        now = asyncio.get_running_loop().time()
        known = self._verdict
        if known is not None and (
            not known.done() or now - self._asked_at < self.fresh.total_seconds()
        ):
            return known
        self._asked_at = now
        self._verdict = asyncio.create_task(self._database_answers())
        return self._verdict

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(DEADLINE.total_seconds()):
                await self.inbox.backlog()
        except (StorageFailed, TimeoutError):
            return False
        return True

    def warnings(self) -> tuple[str, ...]:
        """What an operator should look at, although the service works. Names keys, never values."""
        told = self.connections.warnings() if self.connections else ()
        return (
            *self.configuration_problems(),
            *self.provider_problems(),
            *self.model_warnings(),
            *self.callback_warnings(),
            *told,
        )

    def standings(self) -> tuple[object, ...]:
        """The state of every connection to DingTalk, in stream mode."""
        return self.connections.standings() if self.connections else ()
