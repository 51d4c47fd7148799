"""Rows of a Markdown table."""

import re

from adapters.dingtalk.markdown.inline import Inline

_DELIMITER = re.compile(r"[ \t]*+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*+")
_BORDER = re.compile(r"(?<!\\)\|")
_DASHES = re.compile(r"(?<![:-])-+(?![:-])")


def is_delimiter(line: str) -> bool:
    """Whether the line separates a table's head from its body."""
    return "|" in line and _DELIMITER.fullmatch(line) is not None


def delimiter(line: str) -> str:
    """The line with an alignment in every column: some clients know no other form."""
    return _DASHES.sub(":---", line.rstrip(" \t"))


def row(line: str, inline: Inline) -> str:
    """A row whose cells are rendered one by one: no markup reaches over a border."""
    return "|".join(inline.render(cell) for cell in _BORDER.split(line.rstrip(" \t")))
