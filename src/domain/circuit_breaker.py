"""When a provider that failed is left alone, and how long to wait between tries."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

SHORTEST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=5)

FIRST_PAUSE = timedelta(milliseconds=500)
LONGEST_PAUSE = timedelta(seconds=10)

Chance: TypeAlias = float
"""A random number from 0 up to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a provider's past tells of it.

    After a final failure it rests, longer with each in a row. When the rest is over one call may probe
    it, and that decides. What comes of a call that began before the last failure tells nothing new.
    """

    failures: int = 0
    failed_at: datetime | None = None
    rests_until: datetime | None = None
    is_probed: bool = False

    def admits(self, now: datetime) -> bool:
        """Whether a call may begin now."""
        if self.rests_until is None:
            return True
        return now >= self.rests_until and not self.is_probed

    @property
    def is_good(self) -> bool:
        return self.failures == 0

    def with_call_begun(self) -> "Standing":
        return self if self.is_good else replace(self, is_probed=True)

    def with_call_given_up(self) -> "Standing":
        """Nobody wants to know any more how the call would have ended."""
        return replace(self, is_probed=False)

    def with_success(self, *, began: datetime) -> "Standing":
        return self if self._knew_before(began) else Standing()

    def with_failure(
        self, now: datetime, *, began: datetime, asked_rest: timedelta | None = None
    ) -> "Standing":
        """`asked_rest` is how long the provider itself wants to be left alone."""
        if self._knew_before(began):
            return self
        rest = min(max(rest_after(self.failures + 1), asked_rest or timedelta()), LONGEST_REST)
        return Standing(failures=self.failures + 1, failed_at=now, rests_until=now + rest)

    def _knew_before(self, began: datetime) -> bool:
        return self.failed_at is not None and began < self.failed_at


def patience(now: datetime, deadline: datetime, *, others: Collection[Standing]) -> timedelta:
    """How long to wait for a place: a share of the time if another may be asked after it, else all of it."""
    left = deadline - now
    share = left / (1 + len(others))
    return share if any(other.admits(now + share) for other in others) else left


def rest_after(failures: int) -> timedelta:
    """How long to rest after so many final failures in a row: doubling, within bounds."""
    # The exponent is bounded too, so that a year of failures overflows nothing.
    return min(SHORTEST_REST * (1 << min(max(failures - 1, 0), 10)), LONGEST_REST)


def pause_before(attempt: int, chance: Chance) -> timedelta:
    """How long to wait before the second try (2) and later ones: growing, never in step with others."""
    ceiling = min(FIRST_PAUSE * (1 << min(max(attempt - 2, 0), 10)), LONGEST_PAUSE)
    return ceiling / 2 + ceiling / 2 * chance
