"""Where a text may be cut in two without hurting what it says."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.dingtalk.markdown.code_spans import LONGEST, code_spans

_FENCE = re.compile(r"(`{3,})([^`\n]*)$")
_SENTENCE_END = re.compile(r"[。！？；!?;…][\"”’」』）)\]]*|\.(?=\s)")
_GAP = re.compile(r"[，、,]|\s+")
_ENTITY = re.compile(r"&#?\w{0,8}$")
_JOINERS = "\u200d\ufe0e\ufe0f\u20e3"
_LONGEST_CLUSTER = 64
_LONGEST_RUN_OF_FLAGS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a text, its line feed included. `fence` is the opening fence of the code it leaves open."""

    start: int
    end: int
    fence: str
    opens: bool
    closes: bool


def lines_of(text: str, start: int, end: int, fence: str) -> Iterator[Line]:
    """The lines that begin before `end`, told which block of code was open at `start`."""
    whole = start == 0 or text[start - 1] == "\n"
    while start < end:
        stop = text.find("\n", start) + 1 or len(text)
        may_be_fence = whole and text.startswith("```", start)
        match = _FENCE.match(text[start:stop].rstrip("\n")) if may_be_fence else None
        opens = match is not None and not fence
        closes = bool(match and fence and not match[2].strip() and match[1] >= run_of(fence))
        fence = match[0] if match and opens else "" if closes else fence
        yield Line(start=start, end=stop, fence=fence, opens=opens, closes=closes)
        start, whole = stop, True


def run_of(fence: str) -> str:
    """The backticks of a fence."""
    return fence[: len(fence) - len(fence.lstrip("`"))]


def cut_within(text: str, line: Line, start: int, end: int) -> int:
    """The best place to cut a line that is too long, after `start` and not after `end`.

    After a sentence, else after a comma or a space, in the later half; else between two characters. Inline
    code stays whole.
    """
    spans = [] if line.fence else code_spans(text[start : min(line.end, end + LONGEST + 9)])
    inside = [(start + span.start, start + span.end) for span in spans]

    def is_clean(position: int) -> bool:
        in_code = any(first < position < last for first, last in inside)
        return not in_code and not _joins(text, position)

    half = start + (end - start) // 2
    for mark in (_SENTENCE_END, _GAP):
        found = [match.end() for match in mark.finditer(text, half, end)]
        for position in reversed(found):
            if position < line.end and is_clean(position):
                return position
    code = next((first for first, last in inside if start < first < end < last), end)
    nearby = range(code, max(start, code - _LONGEST_CLUSTER), -1)
    return next((position for position in nearby if is_clean(position)), end)


def _joins(text: str, position: int) -> bool:
    """Whether what stands before and after belongs together: one sign, one entity, one escape."""
    if position >= len(text):
        return False
    before, after = text[position - 1], text[position]
    if after in _JOINERS or before in {"\u200d", "\\"}:
        return True
    if unicodedata.combining(after) or "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if _is_flag(before) and _is_flag(after):
        nearby = text[max(0, position - _LONGEST_RUN_OF_FLAGS) : position]
        run = len(nearby) - len(nearby.rstrip(_FLAGS))
        return run % 2 == 1
    return (
        _ENTITY.search(text[max(0, position - 10) : position]) is not None
        and ";" in (text[position : position + 10])
    )


_FLAGS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
"""The letters that make a flag in pairs."""


def _is_flag(character: str) -> bool:
    return character in _FLAGS
