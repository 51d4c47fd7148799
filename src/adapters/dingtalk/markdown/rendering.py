"""A model's Markdown as the Markdown that DingTalk's clients show (robot messages, `markdown`)."""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cache, partial

from adapters.dingtalk.markdown.blocks import Block, Code, Prose, blocks_of
from adapters.dingtalk.markdown.html_tags import reduced
from adapters.dingtalk.markdown.inline import Inline, label
from adapters.dingtalk.markdown.scrub import scrubbed
from adapters.dingtalk.markdown.tables import delimiter, is_delimiter, row

RULE = "———"
"""A line across; DingTalk's subset has none, and `---` makes a heading of the line before."""

_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")
_HEADING = re.compile(r" {0,3}#{1,6}(?=[ \t])")
_QUOTE = re.compile(r" {0,3}(?:>[ \t]?)+")
_ITEM = re.compile(r"([ \t]*)([-*+]|\d{1,9}[.)])([ \t]+)(?:\[([ xX])\](?=[ \t]))?")
_AFTER_TABLE = re.compile(r"[ \t]*(?:$|>|#{1,6}[ \t]|(?:[-*+_]|\d{1,9}[.)])(?:[ \t]|$)|[-*_]{3})")
_DEFINITION = re.compile(
    r"(?:[ \t]|>)*+\[([^\[\]^][^\[\]]{0,199}+)\]:[ \t]*+<?([^\s<>]++)>?(?:[ \t]++[\"'(].*)?"
)


class _Kind(Enum):
    BLANK = auto()
    PROSE = auto()
    ITEM = auto()
    HEADING = auto()
    TABLE = auto()
    CODE = auto()


_FLOWING = (_Kind.PROSE, _Kind.ITEM)


@dataclass(frozen=True, slots=True)
class _Shown:
    kind: _Kind
    text: str = ""


def render(
    text: str, *, image_hosts: AbstractSet[str] = frozenset(), longest: int | None = None
) -> str:
    """The same text for DingTalk: nothing vanishes, nothing acts, lines stay lines.

    Code is untouched. Outside of it `<`, `>` and `&` are escaped; an image of a host that is not among
    `image_hosts` becomes a link which names that host; `@` mentions nobody; links of the client's own
    schemes lose their address. Any text has a rendering; the time it takes grows with its length, and what
    follows the first `longest` characters of the rendering costs next to nothing and may be left out.
    """
    text = reduced(scrubbed(text)).strip("\n")
    inline = Inline(image_hosts=image_hosts, definitions=_definitions(text))
    return "".join(_joined(_spaced(_shown(blocks_of(text), inline)), longest)).rstrip("\n")


def _joined(lines: Iterator[_Shown], longest: int | None) -> Iterator[str]:
    size, line = 0, next(lines, None)
    while line is not None and (longest is None or size <= longest):
        following = next(lines, None)
        end = _line_end(line.kind, following.kind) if following else ""
        yield line.text
        yield end
        size += len(line.text) + len(end)
        line = following


def _definitions(text: str) -> dict[str, str]:
    if "]:" not in text:
        return {}
    lines = (block.line for block in blocks_of(text) if isinstance(block, Prose))
    found = (_DEFINITION.fullmatch(line) for line in lines if "]:" in line)
    return {label(match[1]): match[2] for match in reversed(list(found)) if match}


def _with_following(blocks: Iterable[Block]) -> Iterator[tuple[Block, Block | None]]:
    ahead = iter(blocks)
    block = next(ahead, None)
    while block is not None:
        following = next(ahead, None)
        yield block, following
        block = following


def _shown(blocks: Iterable[Block], inline: Inline) -> Iterator[_Shown]:
    """Each block as it is shown; a table begins at the line before its delimiter and ends with its bars."""
    in_table = False
    # Answers repeat short lines, and hostile ones nothing else.
    prose_line = cache(partial(_prose, inline=inline))
    table_line = cache(partial(_table_line, inline=inline))
    for block, following in _with_following(blocks):
        if isinstance(block, Code):
            in_table = False
            yield _Shown(_Kind.CODE, block.rendered)
        elif in_table and "|" in block.line and not _AFTER_TABLE.match(block.line):
            yield table_line(block.line)
        else:
            in_table = (
                isinstance(following, Prose) and "|" in block.line and is_delimiter(following.line)
            )
            yield table_line(block.line) if in_table else prose_line(block.line)


def _table_line(line: str, inline: Inline) -> _Shown:
    return _Shown(_Kind.TABLE, delimiter(line) if is_delimiter(line) else row(line, inline))


def _prose(line: str, inline: Inline) -> _Shown:
    line = line.rstrip(" \t")
    if not line:
        return _Shown(_Kind.BLANK)
    if _RULE.fullmatch(line):
        return _Shown(_Kind.PROSE, RULE)
    if match := _ITEM.match(line):
        return _Shown(_Kind.ITEM, _item(match) + inline.render(line[match.end() :]))
    for kind, opening in ((_Kind.HEADING, _HEADING), (_Kind.PROSE, _QUOTE)):
        if match := opening.match(line):
            return _Shown(kind, match[0] + inline.render(line[match.end() :]))
    if "]:" in line and _DEFINITION.fullmatch(line):
        inline = replace(inline, definitions={})
    return _Shown(_Kind.PROSE, inline.render(line))


def _item(match: re.Match[str]) -> str:
    """The mark of a list item: every bullet is a hyphen, a task has its box as a character."""
    indent, mark, gap, task = match.groups()
    bullet = mark if mark[0].isdigit() else "-"
    box = "" if task is None else "☐" if task == " " else "☑"
    return f"{indent}{bullet}{gap}{box}"


def _spaced(lines: Iterator[_Shown]) -> Iterator[_Shown]:
    """At most one blank line in a row, none in front, and one before and after a table."""
    before = _Kind.BLANK
    for line in lines:
        if line.kind is _Kind.BLANK and before is _Kind.BLANK:
            continue
        at_table = (before is _Kind.TABLE) is not (line.kind is _Kind.TABLE)
        if at_table and _Kind.BLANK not in (before, line.kind):
            yield _Shown(_Kind.BLANK)
        yield line
        before = line.kind


def _line_end(kind: _Kind, following: _Kind) -> str:
    """Two spaces keep a line end that a client would otherwise swallow."""
    if kind is _Kind.PROSE:
        return "  \n" if following in _FLOWING else "\n"
    return "  \n" if kind is _Kind.ITEM and following is _Kind.PROSE else "\n"
