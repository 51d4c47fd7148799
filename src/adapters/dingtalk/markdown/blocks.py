"""Blocks of code, told from the prose around them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

_OPENING = re.compile(
    r"(?P<quotes>(?: {0,3}>)*+)(?P<indent>[ \t]*+)(?P<marker>(?:[-*+]|\d{1,9}[.)])[ \t]++)?"
    r"(?P<run>`{3,}+|~{3,}+)(?P<language>[^`~\n]*+)"
)
_QUOTE = re.compile(r" {0,3}> ?")
_INDENTED = re.compile(r"(?: {4}| {0,3}\t)(?=[ \t]*\S)")
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_TICKS = re.compile("`+")
_LANGUAGE = re.compile(r"[\w +#.,:/={}\"'-]{0,40}")
_LONGEST_RUN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A block of code: what stood behind its opening fence, and its lines."""

    language: str
    lines: tuple[str, ...]

    @property
    def rendered(self) -> str:
        """The block between fences at the left margin, longer than any row of backticks inside.

        There, every client sees the same beginning and the same end.
        """
        body = "\n".join(self.lines)
        longest = max((len(run) for run in _TICKS.findall(body)), default=0)
        if longest > _LONGEST_RUN:
            body = re.sub(f"(`{{{_LONGEST_RUN}}})(?=`)", "\\1\u2060", body)
            longest = _LONGEST_RUN
        fence = "`" * max(3, longest + 1)
        return (
            f"{fence}{self.language}\n{body}\n{fence}"
            if body
            else f"{fence}{self.language}\n{fence}"
        )


@dataclass(frozen=True, slots=True)
class Prose:
    """One line that is no code; blank lines too."""

    line: str


Block: TypeAlias = Code | Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fence:
    """An open block: how it is closed, and what its lines have in front of them."""

    run: str
    quotes: int
    indent: int
    language: str

    def content_of(self, line: str) -> str | None:
        """The line of code; None where the quotation that holds the block is over."""
        for _ in range(self.quotes):
            mark = _QUOTE.match(line)
            if mark is None:
                return None
            line = line[mark.end() :]
        removable = len(line) - len(line.lstrip(" \t"))
        return line[min(removable, self.indent) :]

    def is_closed_by(self, content: str) -> bool:
        bare = content.rstrip(" \t")
        run = bare.lstrip(" ")
        closing = run.count(self.run[0]) == len(run) >= len(self.run)
        return closing and len(bare) - len(run) < 4  # noqa: PLR2004 - CommonMark 4.5


def blocks_of(text: str) -> Iterator[Block]:
    """Split a text into blocks of code and lines of prose, in their order.

    Fences may be of tildes, indented, quoted, or the first thing in a list item; an unclosed one reaches to
    the end. A block that is set off by four spaces is code unless it belongs to a list.
    """
    return _Reader(text.split("\n")).blocks()


class _Reader:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._next = 0

    def blocks(self) -> Iterator[Block]:
        after_blank, in_list = True, False
        while self._next < len(self._lines):
            line = self._lines[self._next]
            if ("`" in line or "~" in line) and (fence := _fence(line)):
                marker = line[: line.index(fence.run[0])].strip(" \t>")
                if marker:
                    yield Prose(marker)
                self._next += 1
                yield Code(language=fence.language, lines=tuple(self._fenced(fence)))
                after_blank = True
            elif after_blank and not in_list and _INDENTED.match(line):
                yield Code(language="", lines=tuple(self._indented()))
            else:
                yield Prose(line)
                self._next += 1
                after_blank = not line.strip()
                in_list = bool(_LIST_ITEM.match(line)) or (in_list and line[:1] in {"", " ", "\t"})

    def _fenced(self, fence: _Fence) -> Iterator[str]:
        while self._next < len(self._lines):
            content = fence.content_of(self._lines[self._next])
            if content is None:
                return
            self._next += 1
            if fence.is_closed_by(content):
                return
            yield content

    def _indented(self) -> list[str]:
        """Lines from here on that are set off, with the blank lines between them."""
        code: list[str] = []
        kept = 0
        for line in self._lines[self._next :]:
            mark = _INDENTED.match(line)
            if mark is None and line.strip():
                break
            code.append(line[mark.end() :] if mark else "")
            kept = len(code) if mark else kept
        self._next += kept
        return code[:kept]


def _fence(line: str) -> _Fence | None:
    match = _OPENING.fullmatch(line)
    if match is None:
        return None
    quotes = match["quotes"].count(">")
    indent = match.end("marker" if match["marker"] else "indent") - match.end("quotes")
    return _Fence(
        run=match["run"],
        quotes=quotes,
        # One space after a quote mark belongs to the mark.
        indent=indent - 1 if quotes and match["indent"].startswith(" ") else indent,
        language=_LANGUAGE.match(match["language"].strip())[0].rstrip(),  # type: ignore[index] # it matches nothing too
    )
