"""Thoughts that a model writes into its text, told from the answer however the text is cut into pieces."""

import re
from collections.abc import Iterator
from enum import Enum, auto

from adapters.openai.protocol import Piece

NAMES = (
    r"(?:(?:seed:|mm:|longcat_)?think|thinking|thoughts?|reason(?:ing)?|reflection|scratchpad|antthinking"
    r"|思考(?:过程)?|推理)"
)
INVISIBLE = " \t\r\n\v\f\u00a0\u3000\u200b\u2060\ufeff"
ATTRIBUTES = r"(?:\s[^<>]{0,300})?"
TAG = re.compile(rf"<\s?({NAMES}){ATTRIBUTES}>", re.IGNORECASE)
END_TAG = re.compile(
    rf"<\s?/\s?{NAMES}\s?>|◁/think▷|\[/THINK\]|<\|end_of_thought\|>", re.IGNORECASE
)

ANY_TAG = re.compile(f"{TAG.pattern}|{END_TAG.pattern}", re.IGNORECASE)
TAG_OR_CODE = re.compile(f"\n|`+|{ANY_TAG.pattern}", re.IGNORECASE)
FENCE = re.compile(r"^[ \t]*`{3,}", re.MULTILINE)
BACKTICKS = re.compile("`+")

MARKS = (
    (re.compile("◁think▷"), re.compile("◁/think▷")),
    (re.compile(r"\[THINK\]"), re.compile(r"\[/THINK\]")),
    (re.compile(r"<\|START_THINKING\|>"), re.compile(r"<\|END_THINKING\|>")),
    (re.compile(r"<\|begin_of_thought\|>"), re.compile(r"<\|end_of_thought\|>")),
    (
        re.compile(r"(?:<\|start\|>assistant)?<\|channel\|>analysis<\|message\|>"),
        re.compile(r"(?:<\|end\|>)?(?:<\|start\|>assistant)?<\|channel\|>final<\|message\|>"),
    ),
)
"""Kimi's, Mistral's and others' marks, and gpt-oss's own format where a server does not take it apart."""

DETAILS = re.compile(r"<details\b([^<>]{0,300})>", re.IGNORECASE)
DETAILS_END = re.compile(r"</details\s?>", re.IGNORECASE)
ABOUT_THOUGHTS = re.compile(
    r"think|thought|reasoning|思考(?!题)|推理过程|思维链|思维过程", re.IGNORECASE
)
DETAILS_HEAD = 200
"""Characters of a folded block in which it says what it is."""

MAY_BEGIN = re.compile(
    rf"<\s?/?\s?[a-z:_思考过程推理]{{0,14}}|<\s?{NAMES}\s[^<>]{{0,300}}|<\s?/\s?(?:{NAMES}|details)\s?"
    r"|<\|[a-z_|<>]{0,60}|<details\b[^<>]{0,300}|◁/?[a-z]{0,5}|\[/?[A-Z]{0,5}",
    re.IGNORECASE,
)
"""The beginning of a mark whose rest may be on its way."""
LONGEST_MARK = 400
MOST_SPOKEN_OF = 20
"""Marks in an answer that end no thought."""
FIRST_CHARACTER = re.compile(r"[<◁\[]")


class Reset(Enum):
    """The text that was given so far is thought; it follows again as such."""

    RESET = auto()


RESET = Reset.RESET


class ThoughtSplitter:
    """Takes the text of an answer in pieces and gives it again, thoughts told from the rest.

    Thoughts stand at the beginning of an answer, or later in a tag that begins a line outside code and is
    closed, so an answer may speak about the marks. A mark that ends a thought which has no beginning makes
    thought of all text before it, unless it stands in code or belongs to a mark in the text. With `untagged`
    the answer is taken to begin inside a thought.
    """

    def __init__(self, *, untagged: bool = False) -> None:
        self._untagged = untagged
        self._step = self._at_start
        self._held = ""
        self._end = END_TAG
        self._thought: list[str] = []
        self._said: list[str] = []
        self._before_said = ""
        """The code, up to an end mark in it, within which the answer seems to begin."""
        self._open_inside = 0
        self._spoken_of = 0
        self._line = ""
        """The beginning of the line that the answer is in."""
        self._in_fence = False
        self._later_tag = ""
        """The tag of a thought that began within an answer which has no other thoughts."""
        self.is_marked = False
        """Whether thoughts were told apart, here or by the server."""
        self.ended_untagged = False
        """Whether a thought without a beginning has ended."""
        self.is_thinking = False

    @property
    def is_assumed(self) -> bool:
        """Whether all text so far is taken for thought without any mark."""
        return self.is_thinking and self._untagged

    def mark(self) -> None:
        """The server tells thoughts in a field of their own, so text does not begin inside one."""
        self.is_marked = True
        if not self.is_thinking:
            self._untagged = False

    def feed(self, text: str) -> Iterator[Piece | Reset]:
        """Text that cannot be told yet is held back."""
        self._held += text
        yield from self._steps(is_last=False)

    def close(self) -> Iterator[Piece | Reset]:
        """The rest."""
        yield from self._steps(is_last=True)
        if self.is_thinking and self._later_tag:
            # It was never closed: the answer spoke about the tag.
            self.is_thinking = False
            yield Piece(self._later_tag + "".join(self._thought))

    def _steps(self, *, is_last: bool) -> Iterator[Piece | Reset]:
        step = None
        while self._held and step != self._step:
            step, before = self._step, self._held
            yield from self._step(is_last)
            if self._held != before:
                step = None

    def _at_start(self, is_last: bool) -> Iterator[Piece | Reset]:  # noqa: FBT001 - one of the steps
        yield from ()  # nothing is given before it is known what it is
        text = self._held.lstrip(INVISIBLE)
        if self._before_said and "\n" in self._held[: len(self._held) - len(text)]:
            self._before_said += "\n"
        if not text:
            # What comes before a thought, or after one, is no part of the answer.
            self._held = self._held[:LONGEST_MARK]
            if is_last or self.is_marked:
                self._held = ""
            return
        if (found := END_TAG.match(text)) and not self._untagged:
            self.is_marked = True
            self._held = text[found.end() :]
            return
        if (opened := _opening_of(text, is_last=is_last)) is None:
            return
        length, end = opened
        if length:
            self._begin_thought(end)
            self._untagged = False
            self._held = text[length:]
        elif not is_last and _may_begin(text):
            return
        elif self._untagged:
            self._begin_thought(END_TAG)
            self._held = text
        else:
            self._step = self._in_answer
            self._held = text if self.is_marked else self._held

    def _begin_thought(self, end: re.Pattern[str]) -> None:
        self._step, self._end, self.is_thinking = self._in_thought, end, True
        self._thought = []

    def _in_thought(self, is_last: bool) -> Iterator[Piece | Reset]:  # noqa: FBT001 - see above
        found = self._end.search(self._held)
        cut = found.start() if found else len(self._held) if is_last else _safe_length(self._held)
        thought, self._held = self._held[:cut], self._held[found.end() if found else cut :]
        if thought:
            self._thought.append(thought)
            yield Piece(thought, is_thought=True)
        if found:
            self._later_tag = ""
            self.ended_untagged = self.ended_untagged or self._untagged
            # This may be a mark that the thought only speaks about, and its end may still come.
            whole = "".join(self._thought)
            self._note_end(whole, found[0], open_inside=len(TAG.findall(whole)))
            self._untagged = self.is_thinking = False
            self.is_marked = True
            self._step = self._at_start

    def _in_answer(self, is_last: bool) -> Iterator[Piece | Reset]:  # noqa: FBT001 - see above
        no_mark = not FIRST_CHARACTER.search(self._held)
        if not no_mark and (later := self._later_thought()):
            start, tag = later
            if start:
                yield self._say(start)
                return
            self._later_tag = "" if self.is_marked else tag[0]
            end = re.compile(rf"<\s?/\s?{re.escape(tag[1])}\s?>", re.IGNORECASE)
            self._begin_thought(end)
            self._held = self._held[tag.end() - tag.start() :]
            return
        if self.is_marked and not self._open_inside:
            yield self._say(len(self._held) if is_last or no_mark else _safe_length(self._held))
            return
        if no_mark or (self.is_marked and not self._open_inside):
            yield self._say(len(self._held))
            return
        for found in END_TAG.finditer(self._held):
            if self._spoken_of >= MOST_SPOKEN_OF:
                break
            before = "".join(self._said) + self._held[: found.start()]
            if _ends_thought(self._before_said + before):
                yield RESET
                yield Piece(before, is_thought=True)
                self._held = self._held[found.end() :]
                self._said = []
                self._note_end(
                    self._before_said + before, found[0], open_inside=max(0, self._open_inside - 1)
                )
                self.is_marked = self.ended_untagged = True
                self._step = self._at_start
                return
            self._spoken_of += 1
            # An answer that repeats the mark speaks about it; to look at each would take ever longer.
            self.is_marked = self.is_marked or self._spoken_of >= MOST_SPOKEN_OF
        length = len(self._held) if is_last else _safe_length(self._held)
        if length:
            yield self._say(length)

    def _note_end(self, thought: str, mark: str, *, open_inside: int) -> None:
        """A mark in code may not be the end that it is taken for."""
        code = _code_open_in(thought)
        self._before_said = code + mark if code else ""
        self._open_inside = open_inside or int(bool(code))

    def _later_thought(self) -> tuple[int, re.Match[str]] | None:
        """Where in the held text a tag begins a line outside code, and the tag."""
        line, in_fence, start = self._line, self._in_fence, 0
        for part in self._held.splitlines(keepends=True):
            indent = len(part) - len(part.lstrip(INVISIBLE))
            tag = None if in_fence or line.strip() else TAG.match(part, indent)
            if tag is not None:
                return start + indent, tag
            line, in_fence = _line_after(line, in_fence, part)
            start += len(part)
        return None

    def _say(self, length: int) -> Piece:
        said, self._held = self._held[:length], self._held[length:]
        for part in said.splitlines(keepends=True):
            self._line, self._in_fence = _line_after(self._line, self._in_fence, part)
        if not self.is_marked or self._open_inside:
            self._said.append(said)
        return Piece(said)


def _line_after(line: str, in_fence: bool, part: str) -> tuple[str, bool]:  # noqa: FBT001 - a state
    """The state behind a part of a line: what stands in the line so far, and whether code is fenced."""
    line = (line + part)[:LONGEST_MARK]
    if not part.endswith("\n"):
        return line, in_fence
    return "", in_fence is not bool(FENCE.match(line))


def _opening_of(text: str, *, is_last: bool) -> tuple[int, re.Pattern[str]] | None:
    """The length of the mark that begins a thought, 0 if there is none, and what ends it; None: wait."""
    if found := TAG.match(text):
        return found.end(), re.compile(rf"<\s?/\s?{re.escape(found[1])}\s?>", re.IGNORECASE)
    for begin, end in MARKS:
        if found := begin.match(text):
            return found.end(), end
    if found := DETAILS.match(text):
        return _opening_of_details(text, found, is_last=is_last)
    return 0, END_TAG


def _opening_of_details(
    text: str, found: re.Match[str], *, is_last: bool
) -> tuple[int, re.Pattern[str]] | None:
    head = text[found.end() : found.end() + DETAILS_HEAD]
    ends = [head.find(end) + len(end) for end in ("</summary>", "</details>") if end in head]
    if not ends and len(head) < DETAILS_HEAD and not is_last:
        return None
    summary = head[: min(ends, default=DETAILS_HEAD)]
    if not ABOUT_THOUGHTS.search(found[1] + summary):
        return 0, END_TAG
    skipped = len(summary) if summary.endswith("</summary>") else 0
    return found.end() + skipped, DETAILS_END


def _ends_thought(before: str) -> bool:
    """Whether a mark after this text ends a thought, as against being spoken about.

    On a line of its own it does even within a fence, which a thought may have left open.
    """
    lines, _, line = before.rpartition("\n")
    in_fence = len(FENCE.findall(lines)) % 2 == 1
    if line.strip() and (in_fence or _is_in_code(line)):
        return False
    depth = opened = 0
    for found in TAG_OR_CODE.finditer(before):
        if found[0] == "\n":
            opened = 0
        elif found[0].startswith("`"):
            opened = _after_backticks(opened, len(found[0]))
        elif not opened:
            depth = max(0, depth - 1) if END_TAG.match(found[0]) else depth + 1
    return depth == 0


def _after_backticks(opened: int, run: int) -> int:
    """With how many backticks the span of code began that is open behind a run of so many; 0 if none is."""
    return 0 if opened == run else opened or run


def _code_open_in(text: str) -> str:
    """What of a text says that code is open at its end; empty if none is."""
    lines, _, line = text.rpartition("\n")
    fence = "```\n" if len(FENCE.findall(lines)) % 2 == 1 else ""
    return fence + line if fence or _is_in_code(line) else ""


def _is_in_code(line: str) -> bool:
    """Whether a span of code is open at a line's end; it ends with as many backticks as it began with."""
    opened = 0
    for run in BACKTICKS.findall(line):
        opened = _after_backticks(opened, len(run))
    return opened > 0


def _may_begin(text: str) -> bool:
    return len(text) <= LONGEST_MARK and MAY_BEGIN.fullmatch(text) is not None


def _safe_length(text: str) -> int:
    """How much of a text is surely before the next mark."""
    tail = max(0, len(text) - LONGEST_MARK)
    for found in FIRST_CHARACTER.finditer(text, tail):
        if _may_begin(text[found.start() :]):
            return found.start()
    return len(text)
