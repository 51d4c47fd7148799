"""How long an answer may take: until its first token, between tokens, and in all."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from application.errors import ModelTimedOut, ModelUnavailable

THE_ANSWER, FIRST_PIECE = "the answer", "the first piece"
BEFORE_ANYTHING = frozenset({THE_ANSWER, FIRST_PIECE})


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTimeouts:
    """Only text and thoughts count as progress: no comment, and no chunk without either.

    `after_finish` is what a server may take for the token counts once it has ended the answer;
    `after_end`, what it may take to end the response after its end mark, so that the connection can be
    used again.
    """

    first_token: timedelta = timedelta(seconds=120)
    idle: timedelta = timedelta(seconds=60)
    whole: timedelta = timedelta(seconds=600)
    after_finish: timedelta = timedelta(seconds=3)
    after_end: timedelta = timedelta(milliseconds=200)


class Deadline:
    """The moment until which something has to come."""

    __slots__ = ("_due", "_end", "_now", "_timeouts", "_waits_for")

    def __init__(self, timeouts: StreamTimeouts, *, in_pieces: bool) -> None:
        self._timeouts = timeouts
        self._now = asyncio.get_running_loop().time
        self._end = self._due = self._now() + timeouts.whole.total_seconds()
        self._waits_for = THE_ANSWER
        if in_pieces:
            self._wait_for(FIRST_PIECE, timeouts.first_token)

    def progressed(self) -> None:
        self._wait_for("the next token", self._timeouts.idle)

    def finished(self) -> None:
        self._wait_for("the token counts", self._timeouts.after_finish)

    def ended(self) -> None:
        self._wait_for("the end", self._timeouts.after_end)

    def waiting(self) -> "Waiting":
        """Around each wait. Raises ModelTimedOut if nothing has come in time, later ModelUnavailable."""
        return Waiting(self._due, self._waits_for)

    def _wait_for(self, what: str, limit: timedelta) -> None:
        self._waits_for = what
        self._due = min(self._end, self._now() + limit.total_seconds())


class Waiting:
    """A time limit for one wait, which ends as one of our failures."""

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
