"""A long text as pieces that fit, each of which stands for itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.dingtalk.layout.cuts import Line, cut_within, lines_of, run_of
from adapters.dingtalk.layout.sizes import Room


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of the text. If it begins or ends inside a block of code, the fences that are missing."""

    text: str
    reopening: str = ""
    closing: str = ""

    @property
    def whole(self) -> str:
        """The piece as Markdown of its own, without blank lines around it."""
        body = self.text if self.reopening else self.text.lstrip("\n")
        if self.closing:
            return f"{self.reopening}{body.removesuffix(chr(10))}\n{self.closing}"
        return f"{self.reopening}{body.rstrip()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    position: int
    fence: str


def split(text: str, room: Room) -> Iterator[Piece]:
    """Cut a rendered text (see `render`) into pieces whose `whole` fits; their texts joined are the text.

    The cuts are between paragraphs if possible, else between lines, sentences, words, characters.
    """
    start, fence = 0, ""
    while start < len(text):
        reopening = f"{fence}\n" if fence else ""
        cut = _next_cut(text, start, fence, room.beside(reopening))
        yield Piece(text=text[start : cut.position], reopening=reopening, closing=run_of(cut.fence))
        start, fence = cut.position, cut.fence


def _next_cut(text: str, start: int, fence: str, room: Room) -> _Cut:
    end = room.furthest(text, start)
    lines = list(lines_of(text, start, end, fence))
    if end == len(text) and room.holds(text[start:] + _closing(lines[-1].fence)):
        return _Cut(position=end, fence=lines[-1].fence)
    # Room for the fence that closes a block left open.
    longest = max((run_of(line.fence) for line in lines), default="")
    end = room.beside(_closing(longest)).furthest(text, start)
    lines = [line for line in lines if line.start < end]
    half = start + (end - start) // 2
    whole = [line for line in lines if line.end <= end]
    return (
        _after_last(text, [line for line in whole if line.end > half])
        or _inside(text, lines[-1], max(start, lines[-1].start), end)
        or _after_last(text, whole)
        or _Cut(position=end, fence=lines[-1].fence)
    )


def _closing(fence: str) -> str:
    return f"\n{run_of(fence)}" if fence else ""


def _after_last(text: str, lines: list[Line]) -> _Cut | None:
    """After the last of these lines that ends a paragraph, else after the last that may be cut after."""
    usable = [line for line in lines if not line.opens and not _closes_next(text, line)]
    paragraphs = [line for line in usable if not line.fence and text[line.start : line.end] == "\n"]
    for chosen in (paragraphs, usable):
        if chosen:
            return _Cut(position=chosen[-1].end, fence=chosen[-1].fence)
    return None


def _closes_next(text: str, line: Line) -> bool:
    run = run_of(line.fence)
    return bool(run) and text.startswith(f"{run}\n", line.end)


def _inside(text: str, line: Line, start: int, end: int) -> _Cut | None:
    """Inside a line that is too long. A fence itself is never cut."""
    if line.opens or line.closes or end - start < 2:  # noqa: PLR2004 - one character cannot be cut
        return None
    position = cut_within(text, line, start, end)
    return _Cut(position=position, fence=line.fence) if position > start else None
