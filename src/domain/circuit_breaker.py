"""Circuit breakers: when a provider that failed is not asked, and when one call probes it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from domain.failover import RULES, FailureKind


class BreakerState(Enum):
    """Whether calls go through."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    """One call is on its way and decides."""
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitBreaker:
    """What the past calls of a provider say about the next one.

    A final failure opens it for a cool-down, which grows with each failure of the same kind in a row.
    After the cool-down one call may go through, and that decides. What comes of a call that began before
    the last failure is no news.
    """

    failures: int = 0
    """Of one kind in a row."""
    kind: FailureKind | None = None
    since: datetime | None = None
    """When the first failure of that row happened."""
    failed_at: datetime | None = None
    open_until: datetime | None = None
    is_probed: bool = False

    @property
    def state(self) -> BreakerState:
        """An open one stays open until a call begins, even if its cool-down is over."""
        if not self.failures:
            return BreakerState.CLOSED
        return BreakerState.HALF_OPEN if self.is_probed else BreakerState.OPEN

    def admits(self, now: datetime) -> bool:
        """Whether a call may begin now."""
        if self.open_until is None:
            return True
        return now >= self.open_until and not self.is_probed

    def with_call_begun(self) -> "CircuitBreaker":
        return replace(self, is_probed=True) if self.failures else self

    def with_call_given_up(self) -> "CircuitBreaker":
        """The call ended without saying anything about the provider."""
        return replace(self, is_probed=False)

    def with_success(self, *, began: datetime) -> "CircuitBreaker":
        return self if self._knew_before(began) else CircuitBreaker()

    def with_failure(
        self,
        kind: FailureKind,
        now: datetime,
        *,
        began: datetime,
        retry_after: timedelta | None = None,
    ) -> "CircuitBreaker":
        """`retry_after` is how long the provider itself wants to be left alone.

        A kind without a cool-down is about the question: it shows that the provider works.
        """
        cool_down = RULES[kind].cool_down
        if cool_down is None:
            return self.with_success(began=began)
        if self._knew_before(began):
            return self
        failures = self.failures + 1 if kind is self.kind else 1
        return CircuitBreaker(
            failures=failures,
            kind=kind,
            since=self.since if kind is self.kind else now,
            failed_at=now,
            open_until=now + cool_down.after(failures, asked=retry_after),
        )

    def _knew_before(self, began: datetime) -> bool:
        return self.failed_at is not None and began < self.failed_at


def time_share(
    now: datetime, deadline: datetime, *, others: Collection[CircuitBreaker]
) -> timedelta:
    """How long to wait for a provider: a share of the time if another may be asked after it, else all."""
    left = max(deadline - now, timedelta())
    share = left / (1 + len(others))
    return share if any(other.admits(now + share) for other in others) else left
