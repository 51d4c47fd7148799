"""Warnings that strangers can cause as often as they like, said only now and then."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

logger = logging.getLogger(__name__)

PAUSE = timedelta(seconds=10)


@dataclass(slots=True)
class Notices:
    """Each event at most once in ten seconds, with the count of those that went unsaid before it."""

    _said_at: dict[str, datetime] = field(default_factory=dict)
    _unsaid: dict[str, int] = field(default_factory=dict)

    def warn(self, now: datetime, event: str, reason: str) -> None:
        last = self._said_at.get(event)
        if last is not None and abs(now - last) < PAUSE:
            self._unsaid[event] = self._unsaid.get(event, 0) + 1
            return
        self._said_at[event] = now
        facts = {"reason": reason, "unsaid_before": self._unsaid.pop(event, 0)}
        logger.warning(event, extra=facts)
