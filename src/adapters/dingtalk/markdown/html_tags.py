"""HTML that people and models write into Markdown, as the Markdown that says the same."""

import re
from collections.abc import Iterable, Iterator

from adapters.dingtalk.markdown.blocks import Code, blocks_of
from adapters.dingtalk.markdown.code_spans import code_spans
from adapters.dingtalk.markdown.html_writer import (
    BLOCKS,
    HEADINGS,
    MARKS,
    WITHOUT_MARKS,
    Tag,
    Writer,
)
from domain.entities import unescaped

_VOID = frozenset({"br", "hr", "img"})
_CLOSED_BY_OTHERS = frozenset({"li", "td", "th", "tr", "dt", "dd", "thead", "tbody", "tfoot"})
_HOLDERS = frozenset({"ul", "ol", "dl", "table"})
_KNOWN = frozenset({*MARKS, *WITHOUT_MARKS, *HEADINGS, *BLOCKS, *_VOID, "a"})

_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9]{0,9})"
    r"(?P<attributes>(?:\s++[\w:@-]++(?:\s*+=\s*+(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\s\"'<>=`]++))?+)*+)"
    r"\s*+/?+>"
)
_ATTRIBUTE = re.compile(r"([\w:@-]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'=]++))")
_OF_TABLES = re.compile(r"(?i)</?t(?:able|[dhr])\b")
_BLANK_LINES = re.compile(r"\n{3,}")


def reduced(text: str) -> str:
    """The text without the HTML that is known here, outside of code.

    A tag alone is text about HTML and stays, as does every tag that is not known. Takes time that grows with
    the length.
    """
    if "<" not in text or not any(match["name"].lower() in _KNOWN for match in _TAG.finditer(text)):
        return text
    written: list[str] = []
    prose: list[str] = []
    for block in blocks_of(text):
        if isinstance(block, Code):
            written += _reduced_prose(prose)
            written.append(block.rendered)
            prose = []
        else:
            prose.append(block.line)
    return "\n".join([*written, *_reduced_prose(prose)])


def _reduced_prose(lines: list[str]) -> list[str]:
    if not any("<" in line for line in lines):
        return lines
    pieces = list(_pieces_of(lines))
    _match(piece for piece in pieces if isinstance(piece, Tag))
    writer = Writer()
    for piece in pieces:
        if isinstance(piece, str):
            writer.text(piece)
        elif piece.counts:
            writer.tag(piece)
        else:
            writer.text(piece.source)
    return _BLANK_LINES.sub("\n\n", writer.whole()).split("\n")


def _pieces_of(lines: list[str]) -> Iterator[str | Tag]:
    """Texts and tags; inline code is text."""
    for number, line in enumerate(lines):
        place, is_row = 0, "|" in line and not _OF_TABLES.search(line)
        for span in code_spans(line):
            yield from _split(line[place : span.start], in_table_row=is_row)
            yield line[span.start : span.end]
            place = span.end
        yield from _split(line[place:], in_table_row=is_row)
        if number + 1 < len(lines):
            yield "\n"


def _split(prose: str, *, in_table_row: bool) -> Iterator[str | Tag]:
    place = 0
    for match in _TAG.finditer(prose):
        name, start = match["name"].lower(), match.start()
        if name not in _KNOWN or prose.endswith("\\", 0, start):
            continue
        yield prose[place:start]
        attributes = {
            one[1].lower(): unescaped(one[2] or one[3] or one[4] or "")
            for one in _ATTRIBUTE.finditer(match["attributes"])
        }
        yield Tag(name, bool(match["close"]), match[0], attributes, in_table_row)
        place = match.end()
    yield prose[place:]


def _match(tags: Iterable[Tag]) -> None:
    """Find out which tags belong together; the others are text."""
    opened: dict[str, list[Tag]] = {}
    closing: list[Tag] = []
    has_holder = False
    for tag in tags:
        if tag.name in _VOID:
            tag.counts = not tag.is_closing or tag.name == "br"
        elif not tag.is_closing:
            opened.setdefault(tag.name, []).append(tag)
        elif opened.get(tag.name):
            tag.counts = opened[tag.name].pop().counts = True
            has_holder = has_holder or tag.name in _HOLDERS
        else:
            closing.append(tag)
    for tag in [*closing, *(tag for left in opened.values() for tag in left)]:
        tag.counts = has_holder and tag.name in _CLOSED_BY_OTHERS
