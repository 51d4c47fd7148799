"""Where inline code begins and ends in a line."""

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass

LONGEST = 1000
"""Characters of inline code; what is longer is taken for prose, so that a line can always be cut between."""

_RUNS = re.compile(r"\\[\\`]|(`++)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSpan:
    """Inline code with its backticks: `line[start:end]`, of which `ticks` at either end."""

    start: int
    end: int
    ticks: int


def code_spans(line: str) -> list[CodeSpan]:
    """The inline code of one line. A backtick after a backslash opens none; unpaired ones are no code."""
    if "`" not in line:
        return []
    runs = [match.span(1) for match in _RUNS.finditer(line) if match[1]]
    starts: dict[int, list[int]] = defaultdict(list)
    for start, end in runs:
        starts[end - start].append(start)
    spans: list[CodeSpan] = []
    done = 0
    for start, end in runs:
        if start < done:
            continue
        close = _next_after(starts[end - start], start)
        if close is not None and close - start <= LONGEST:
            done = close + end - start
            spans.append(CodeSpan(start=start, end=done, ticks=end - start))
    return spans


def _next_after(starts: list[int], position: int) -> int | None:
    index = bisect_right(starts, position)
    return starts[index] if index < len(starts) else None
