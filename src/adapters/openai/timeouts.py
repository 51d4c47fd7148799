"""How long an answer may take: until its first token, between tokens, and in all."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from application.errors import ModelFailure, ModelTimedOut, ModelUnavailable

THE_ANSWER, FIRST_PIECE = "the answer", "the first piece"
BEFORE_ANYTHING = frozenset({THE_ANSWER, FIRST_PIECE})


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTimeouts:
    """Only text and thoughts count as progress: no comment, and no chunk without either.

    `after_likely_finish` is what a server may take for more, or for its end mark, where the last text came
    with a reason to end; `after_finish`, what it may take for the token counts once it has ended the answer;
    `after_end`, what it may take to end the response after its end mark, so that the connection can be
    used again.
    """

    first_token: timedelta = timedelta(seconds=120)
    idle: timedelta = timedelta(seconds=60)
    whole: timedelta = timedelta(seconds=600)
    after_likely_finish: timedelta = timedelta(seconds=10)
    after_finish: timedelta = timedelta(seconds=3)
    after_end: timedelta = timedelta(milliseconds=200)


class TimeIsUp(Exception):  # noqa: N818 - reads as what it says
    """What was waited for has not come in time."""

    def __init__(self, awaited: str) -> None:
        super().__init__(awaited)
        self._awaited = awaited

    def failure(self, *, kept_alive: bool = False) -> ModelFailure:
        """ModelTimedOut if nothing of an answer has come, later ModelUnavailable.

        `kept_alive`: the server showed with comments that it was there.
        """
        kind = ModelTimedOut if self._awaited in BEFORE_ANYTHING else ModelUnavailable
        remark = ", the server sent keep-alives" if kept_alive else ""
        return kind(f"time is up while waiting for {self._awaited}{remark}")


class Deadline:
    """The moment until which something has to come."""

    __slots__ = ("_awaited", "_due", "_end", "_now", "_timeouts")

    def __init__(self, timeouts: StreamTimeouts) -> None:
        self._timeouts = timeouts
        self._now = asyncio.get_running_loop().time
        self._end = self._now() + timeouts.whole.total_seconds()
        self.begin(in_pieces=False)

    def begin(self, *, in_pieces: bool) -> None:
        """A request is made: of an answer that comes in pieces, the first one is waited for."""
        self._due, self._awaited = self._end, THE_ANSWER
        if in_pieces:
            self._wait_for(FIRST_PIECE, self._timeouts.first_token)

    def progressed(self) -> None:
        self._wait_for("the next piece", self._timeouts.idle)

    def likely_finished(self) -> None:
        """Never later than where more is expected."""
        limit = min(self._timeouts.after_likely_finish, self._timeouts.idle)
        self._wait_for("the end mark", limit)

    def finished(self) -> None:
        self._wait_for("the token counts", self._timeouts.after_finish)

    def ended(self) -> None:
        self._wait_for("the end", self._timeouts.after_end)

    def waiting(self) -> "Waiting":
        """Around each wait. Raises TimeIsUp."""
        return Waiting(self._due, self._awaited)

    def _wait_for(self, what: str, limit: timedelta) -> None:
        self._awaited = what
        self._due = min(self._end, self._now() + limit.total_seconds())


class Waiting:
    """A time limit for one wait: for every chunk, so it is no generator."""

    __slots__ = ("_awaited", "_timeout")

    def __init__(self, due: float, awaited: str) -> None:
        self._timeout = asyncio.timeout_at(due)
        self._awaited = awaited

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *raised: object) -> None:
        try:
            await self._timeout.__aexit__(*raised)  # type: ignore[arg-type] # handed on as it came
        except TimeoutError as error:
            raise TimeIsUp(self._awaited) from error
