"""Log lines that people outside can cause as often as they like: written now and then, counted always."""

import logging
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

PAUSE = timedelta(seconds=10)
"""Between two lines of the same event."""

MOST_EVENTS = 256
"""Events that are told apart; there are far fewer, and a mistake must not cost memory without end."""

Count: TypeAlias = Callable[[str], object]
"""Is given the name of each event, written or not."""


@dataclass(slots=True)
class RateLimit:
    """Decides which occurrences of an event are written: the first, and then one in each pause."""

    pause: timedelta = PAUSE
    monotonic: Callable[[], float] = time.monotonic
    _written_at: dict[str, float] = field(default_factory=dict, init=False)
    _suppressed: dict[str, int] = field(default_factory=dict, init=False)

    def admit(self, event: str) -> int | None:
        """How many were suppressed since the last line of this event; None: suppress this one too."""
        now = self.monotonic()
        if event not in self._written_at and len(self._written_at) >= MOST_EVENTS:
            event = ""
        last = self._written_at.get(event)
        if last is not None and now - last < self.pause.total_seconds():
            self._suppressed[event] = self._suppressed.get(event, 0) + 1
            return None
        self._written_at[event] = now
        return self._suppressed.pop(event, 0)


def count_nothing(_event: str) -> None:
    """For where no metrics are kept."""


@dataclass(frozen=True, slots=True)
class RateLimitedLogger:
    """Writes each event at most once in a pause; `suppressed` in the line counts those left out before it.

    Used for everything that is logged before anybody has proven who they are.
    """

    logger: logging.Logger
    limit: RateLimit = field(default_factory=RateLimit)
    count: Count = count_nothing

    def info(self, event: str, **facts: object) -> None:
        self._log(logging.INFO, event, facts)

    def warning(self, event: str, **facts: object) -> None:
        self._log(logging.WARNING, event, facts)

    def error(self, event: str, *, exc_info: BaseException | None = None, **facts: object) -> None:
        self._log(logging.ERROR, event, facts, exc_info)

    def exception(self, event: str, **facts: object) -> None:
        """An error with where the exception that is being handled came from."""
        self._log(logging.ERROR, event, facts, sys.exception())

    def _log(
        self,
        level: int,
        event: str,
        facts: dict[str, object],
        exc_info: BaseException | None = None,
    ) -> None:
        self.count(event)
        suppressed = self.limit.admit(event)
        if suppressed is not None:
            extra = {**facts, "suppressed": suppressed}
            self.logger.log(level, event, extra=extra, exc_info=exc_info)


class RateLimitFilter(logging.Filter):
    """The same for libraries' loggers, whose messages are told apart by their text before it is filled in."""

    def __init__(self, libraries: Collection[str], limit: RateLimit | None = None) -> None:
        super().__init__()
        self._libraries = frozenset(libraries)
        self._limit = limit or RateLimit()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] not in self._libraries:
            return True
        suppressed = self._limit.admit(f"{record.name} {record.msg}")
        vars(record)["suppressed"] = suppressed
        return suppressed is not None
