"""Where inline code begins and ends in a line."""

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass

LONGEST = 1000
"""Characters of inline code; what is longer is taken for prose, so that a line can always be cut between."""

_RUNS = re.compile("`++")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSpan:
    """Inline code with its backticks: `line[start:end]`, of which `ticks` at either end."""

    start: int
    end: int
    ticks: int


def code_spans(line: str) -> list[CodeSpan]:
    """The inline code of one line (CommonMark 6.1). Unpaired backticks are no code.

    A backtick behind a backslash opens none; within code a backslash means nothing, so it closes like any
    other. Readers who take it there for an escape see another end: see `Inline`, which gives them none.
    """
    if "`" not in line:
        return []
    runs = [match.span() for match in _RUNS.finditer(line)]
    starts: dict[int, list[int]] = defaultdict(list)
    for start, end in runs:
        starts[end - start].append(start)
    spans: list[CodeSpan] = []
    done = 0
    for run_start, end in runs:
        start = run_start
        if start < done:
            continue
        if _is_escaped(line, start, done):
            # The first backtick is text; what is left of the run may open.
            start += 1
            if start == end:
                continue
        close = _next_after(starts[end - start], end - 1)
        if close is not None and close - start <= LONGEST:
            done = close + end - start
            spans.append(CodeSpan(start=start, end=done, ticks=end - start))
    return spans


def _is_escaped(line: str, position: int, since: int) -> bool:
    """Whether an odd number of backslashes stands before, counted from the end of the code before."""
    first = position
    while first > since and line[first - 1] == "\\":
        first -= 1
    return (position - first) % 2 == 1


def _next_after(starts: list[int], position: int) -> int | None:
    index = bisect_right(starts, position)
    return starts[index] if index < len(starts) else None
