"""How long to wait before the next try to connect."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from adapters.dingtalk.stream.timings import Timings

NOTHING = timedelta()
_MOST_DOUBLINGS = 16


@dataclass(slots=True, kw_only=True)
class Backoff:
    """Doubles with each failure up to a limit; half of every pause is chance, so that not all try at once."""

    timings: Timings
    chance: Callable[[], float] = random.random
    """A number from 0 to below 1."""
    pause: timedelta = field(default=NOTHING, init=False)
    _failures: int = field(default=0, init=False)

    def succeeded(self) -> None:
        self._failures = 0
        self.pause = NOTHING

    def failed(self, *, at_least: timedelta | None = None) -> None:
        doublings = min(self._failures, _MOST_DOUBLINGS)
        self._failures += 1
        longest = min(self.timings.first_pause * 2**doublings, self.timings.longest_pause)
        self.pause = max(self._some_of(longest), at_least or NOTHING)

    def ended_early(self) -> None:
        """A connection that was of use did not last: the first time nothing is lost by trying at once."""
        is_first = self._failures == 0
        self.failed()
        if is_first:
            self.pause = NOTHING

    def refused(self) -> None:
        """The other end said no, and will say it again until somebody changes something."""
        self.pause = self._some_of(self.timings.refused_pause)

    def _some_of(self, longest: timedelta) -> timedelta:
        return longest * (0.5 + self.chance() / 2)
