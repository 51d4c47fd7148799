"""How long an answer may take: until its first piece, between pieces, and in all."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from application.errors import ModelTimedOut, ModelUnavailable

THE_ANSWER, FIRST_PIECE = "the answer", "the first piece"
BEFORE_ANYTHING = frozenset({THE_ANSWER, FIRST_PIECE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Only text counts as progress (thoughts too): no comment, and no chunk without any."""

    first_piece: timedelta = timedelta(seconds=120)
    between_pieces: timedelta = timedelta(seconds=60)
    whole: timedelta = timedelta(seconds=600)
    after_finish: timedelta = timedelta(seconds=3)
    """What a server may take for the token counts, once the answer is complete."""
    after_end: timedelta = timedelta(milliseconds=200)
    """What it may take to end a response after the end mark, so that the connection can be used again."""


class Pace:
    """The moment until which something has to come."""

    __slots__ = ("_due", "_end", "_limits", "_now", "_waits_for")

    def __init__(self, limits: Limits, *, in_pieces: bool) -> None:
        self._limits = limits
        self._now = asyncio.get_running_loop().time
        self._end = self._due = self._now() + limits.whole.total_seconds()
        self._waits_for = THE_ANSWER
        if in_pieces:
            self._wait_for(FIRST_PIECE, limits.first_piece)

    def progressed(self) -> None:
        self._wait_for("the next piece", self._limits.between_pieces)

    def finished(self) -> None:
        self._wait_for("the token counts", self._limits.after_finish)

    def ended(self) -> None:
        self._wait_for("the end", self._limits.after_end)

    def waiting(self) -> "Waiting":
        """Around each wait. Raises ModelTimedOut if nothing has come in time, later ModelUnavailable."""
        return Waiting(self._due, self._waits_for)

    def _wait_for(self, what: str, limit: timedelta) -> None:
        self._waits_for = what
        self._due = min(self._end, self._now() + limit.total_seconds())


class Waiting:
    """A time limit for one wait, in our words."""

    __slots__ = ("_timeout", "_waits_for")

    def __init__(self, due: float, waits_for: str) -> None:
        self._timeout = asyncio.timeout_at(due)
        self._waits_for = waits_for

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *raised: object) -> None:
        try:
            await self._timeout.__aexit__(*raised)  # type: ignore[arg-type] # handed on as it came
        except TimeoutError as error:
            failure = ModelTimedOut if self._waits_for in BEFORE_ANYTHING else ModelUnavailable
            raise failure(f"time is up while waiting for {self._waits_for}") from error
