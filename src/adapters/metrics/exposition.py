"""What a scrape gets: the metrics of this process, or of all processes of this machine together."""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from adapters.metrics.instruments import Instruments
from application.errors import StorageFailed
from application.ports import Inbox

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where processes put their numbers for each other. Set before prometheus_client is imported."""

FRESH = 1.0
"""Seconds for which a look at the inbox is good: whoever scrapes often must not keep it busy."""


def opened_instruments() -> Instruments:
    """All metrics at nought, with those of the process itself."""
    registry = CollectorRegistry()
    if SHARED_FOLDER not in os.environ:
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
    return Instruments(registry)


@dataclass(slots=True)
class Exposition:
    """`now` is the clock that the inbox goes by."""

    instruments: Instruments
    inbox: Inbox
    now: Callable[[], datetime]
    content_type: str = CONTENT_TYPE_LATEST
    _looked_at: float = -FRESH

    async def text(self) -> bytes:
        """In Prometheus' text format. Without the database the inbox's gauges stay as they are."""
        await self._look_at_the_inbox()
        if folder := os.environ.get(SHARED_FOLDER):
            registry = CollectorRegistry()
            MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call] # theirs
            return generate_latest(registry)
        return generate_latest(self.instruments.registry)

    async def _look_at_the_inbox(self) -> None:
        if time.monotonic() - self._looked_at < FRESH:
            return
        self._looked_at = time.monotonic()
        try:
            async with asyncio.timeout(FRESH):
                backlog = await self.inbox.backlog()
        except (StorageFailed, TimeoutError):
            return
        age = (self.now() - backlog.oldest).total_seconds() if backlog.oldest else 0
        self.instruments.open_messages.set(backlog.messages)
        self.instruments.oldest.set(max(0.0, age))
