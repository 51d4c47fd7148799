"""Markdown that is written tag by tag of HTML."""

import re
from dataclasses import dataclass, field

from domain.entities import unescaped

MARKS = {
    **dict.fromkeys(("b", "strong", "summary"), "**"),
    **dict.fromkeys(("i", "em", "cite", "var"), "*"),
    **dict.fromkeys(("s", "del", "strike"), "~~"),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), "`"),
}
WITHOUT_MARKS = frozenset(
    (
        *("u", "ins", "font", "span", "sub", "sup", "mark", "small", "big", "abbr", "label"),
        *("picture", "thead", "tbody", "tfoot", "colgroup"),
    )
)
HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
BLOCKS = frozenset(
    (
        *("div", "p", "center", "section", "article", "header", "footer", "main", "nav", "aside"),
        *("figure", "figcaption", "details", "summary", "ul", "ol", "li", "dl", "dt", "dd"),
        *("blockquote", "table", "tr", "td", "th", "caption", "pre"),
    )
)
_PARAGRAPHS = frozenset({"p", "ul", "ol", "dl", "details", "blockquote", "pre", "hr", *HEADINGS})
_OF_ROWS = frozenset({"tr", "td", "th"})
_UNFIT_IN_ADDRESSES = re.compile(r"[\s()<>]")
_UNFIT_IN_DESCRIPTIONS = str.maketrans("", "", "[]`\\|")
_MOST_COLUMNS = 40
_DEEPEST = 8


@dataclass(slots=True)
class Tag:
    """A tag as it stood there. `counts` once it is known to be no mere text about HTML."""

    name: str
    is_closing: bool
    source: str
    attributes: dict[str, str]
    in_table_row: bool
    counts: bool = False


@dataclass(slots=True)
class _Table:
    """A table that is being read: rows of cells, each in pieces.

    What is beyond the last column belongs to it.
    """

    rows: list[list[list[str]]] = field(default_factory=list)
    depth: int = 1

    def begin_row(self) -> None:
        self.rows.append([])

    def begin_cell(self) -> None:
        if not self.rows:
            self.rows.append([])
        if len(self.rows[-1]) < _MOST_COLUMNS:
            self.rows[-1].append([])
        else:
            self.write(" ")

    def write(self, text: str) -> None:
        """Add to the cell; what stands beside cells becomes one of its own."""
        if text.strip() and not (self.rows and self.rows[-1]):
            self.begin_cell()
        if self.rows and self.rows[-1]:
            self.rows[-1][-1].append(text.replace("\n", " "))

    def written(self) -> str:
        rows = [[" ".join("".join(cell).split()) for cell in row] for row in self.rows if row]
        width = max(map(len, rows), default=0)
        lines = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows]
        return "\n".join([*lines[:1], f"|{'---|' * width}", *lines[1:]]) if lines else ""


@dataclass(slots=True)
class Writer:
    """Markdown that is being written. `marks` tells where each mark in force was opened."""

    out: list[str] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)
    lists: list[int | None] = field(default_factory=list)
    links: list[tuple[int, str]] = field(default_factory=list)
    table: _Table | None = None
    in_pre: bool = False

    def whole(self) -> str:
        """All that was written, with the table that has not ended."""
        rest = [self.table.written()] if self.table else []
        return "".join([*self.out, *rest])

    def text(self, text: str) -> None:
        if self.table is not None:
            self.table.write(text.replace("|", "\\|"))
        elif text:
            # Code is no Markdown: its entities are decoded here, and it does not end its own block.
            code = unescaped(text).replace("```", "\u2060`" * 3) if self.in_pre else text
            self.out.append(code)

    def tag(self, tag: Tag) -> None:
        if self.table is not None:
            self._in_table(self.table, tag)
        elif tag.name == "table" and not tag.in_table_row:
            if not tag.is_closing:
                self.table = _Table()
        elif tag.name == "br":
            self.out.append(" " if tag.in_table_row else "\n")
        elif tag.name == "img":
            self.text(_image(tag))
        elif tag.name == "a":
            self._link(tag)
        elif tag.name in MARKS and tag.name not in BLOCKS:
            self._mark(tag)
        elif tag.name == "sup":
            self.text("" if tag.is_closing else "^")
        elif tag.name not in WITHOUT_MARKS:
            self._block(tag)

    def _block(self, tag: Tag) -> None:
        if tag.name == "summary" and tag.is_closing:
            self._mark(tag)
        if tag.name in {"ul", "ol"} and tag.is_closing and self.lists:
            self.lists.pop()
        self._line_end(tag)
        if tag.name in {"ul", "ol"} and not tag.is_closing:
            self.lists.append(0 if tag.name == "ol" else None)
        if tag.name == "summary" and not tag.is_closing:
            self._mark(tag)
        elif tag.name == "pre" and not tag.in_table_row:
            self.in_pre = not tag.is_closing
            self.out.append("```\n")
        elif not tag.in_table_row:
            self.text(self._beginning(tag))

    def _line_end(self, tag: Tag) -> None:
        """Begin a new line, where there is something on this one; cells of a table have one line only."""
        if tag.in_table_row:
            self.out.append(" ")
        elif self.out and not self.out[-1].endswith("\n"):
            # No blank line parts an item from a list of its own.
            is_apart = tag.name in _PARAGRAPHS and not (self.lists or self.in_pre)
            self.out.append("\n\n" if is_apart else "\n")

    def _beginning(self, tag: Tag) -> str:
        """What stands before the content of a block, or in the place of a rule."""
        if tag.name == "hr":
            return "\n---\n"
        if tag.is_closing:
            return ""
        if tag.name in {"li", "dt", "dd"}:
            return self._bullet()
        return "> " if tag.name == "blockquote" else HEADINGS.get(tag.name, "")

    def _bullet(self) -> str:
        indent = "   " * min(max(len(self.lists) - 1, 0), _DEEPEST)
        number = self.lists[-1] if self.lists else None
        if number is None:
            return f"{indent}- "
        self.lists[-1] = number + 1
        return f"{indent}{number + 1}. "

    def _mark(self, tag: Tag) -> None:
        """Put a mark on both sides of what it is for; none on nothing, none beside or within its own."""
        mark = MARKS[tag.name]
        depth = self.depths.get(mark, 0)
        self.depths[mark] = depth - 1 if tag.is_closing else depth + 1
        if not tag.is_closing:
            if not depth:
                self.marks[mark] = len(self.out)
            return
        place = self.marks.pop(mark, None) if depth == 1 else None
        if place is None or self.in_pre:
            return
        content = "".join(self.out[place:])
        words = content.strip()
        is_beside = place > 0 and self.out[place - 1].endswith(mark[0])
        if words and "\n" not in words and not is_beside and (mark != "`" or "`" not in words):
            before, _, after = content.partition(words)
            self.out[place:] = (
                [before, mark, words, mark, after] if after else [before, mark, words, mark]
            )

    def _link(self, tag: Tag) -> None:
        if not tag.is_closing:
            self.links.append((len(self.out), tag.attributes.get("href", "")))
            return
        place, address = self.links.pop()
        words = "".join(self.out[place:]).strip() if address and not self.links else ""
        if words and "\n" not in words:
            self.out[place:] = [f"[{words}]({_address(address)})"]

    def _in_table(self, table: _Table, tag: Tag) -> None:
        """Cells hold text and marks; a table in a table is a part of its cell."""
        if tag.name == "table":
            table.depth += -1 if tag.is_closing else 1
            if not table.depth:
                self.table = None
                self.out.append(f"\n\n{table.written()}\n\n")
        elif tag.name == "img":
            table.write(_image(tag))
        elif tag.name in MARKS:
            table.write(MARKS[tag.name])
        elif tag.name in _OF_ROWS and table.depth == 1:
            if not tag.is_closing:
                table.begin_row() if tag.name == "tr" else table.begin_cell()
        elif tag.name in BLOCKS or tag.name == "br":
            table.write(" ")


def _image(tag: Tag) -> str:
    """A picture in Markdown; whether it may be one is for others to decide."""
    address = tag.attributes.get("src", "")
    described = " ".join(tag.attributes.get("alt", "").translate(_UNFIT_IN_DESCRIPTIONS).split())
    return f"![{described}]({_address(address)})" if address else described


def _address(address: str) -> str:
    return _UNFIT_IN_ADDRESSES.sub(
        lambda sign: "".join(f"%{octet:02X}" for octet in sign[0].encode()), address.strip()
    )
