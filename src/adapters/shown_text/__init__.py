"""What readers get to see of a Markdown text, by a parser of others."""

import re
from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

DEEPEST = 20
"""Lists in lists, brackets in brackets: what is deeper is shown as it stands."""

_PARSERS = (
    MarkdownIt("commonmark", {"maxNesting": DEEPEST}).enable(["table", "strikethrough"]),
    MarkdownIt("js-default", {"maxNesting": DEEPEST}),
)
"""With HTML as tags and with HTML as text."""

_VISIBLE = frozenset({"text", "code_inline", "fence", "code_block"})
_TAGS = re.compile(r"<[^>]*(?:>|\Z)")
_SIMPLE_LINK = re.compile(
    r"(?<!!)\[([^\[\]<>&|\\`!\n]*+)\]\((?i:https?)://[^\s()<>\[\]&|\\`\"']*+\)"
)
_SIMPLE_ENTITY = re.compile(r"&(?:lt|gt|quot|#(?:3[39]|4\d|58|9\d|12[3-6]));|&amp;(?![#&A-Za-z])")
_NOTEWORTHY = re.compile(r"[\[\]|]|<[!/?A-Za-z]|&[#A-Za-z]")


def shown_texts(markdown: str) -> Iterator[str]:
    """The text of each reading: HTML shown or not, pictures seen or only described.

    Marks at the beginning of a line and of emphasis, addresses of plain links and entities of signs count as
    gone anyway, so a text without other markup needs no parser.
    """
    rest = _SIMPLE_ENTITY.sub("", _SIMPLE_LINK.sub(r"\1", markdown))
    if _NOTEWORTHY.search(rest) is None:
        return
    # Without tags both see the same.
    for parser in _PARSERS if "<" in markdown else _PARSERS[1:]:
        tokens = parser.parse(markdown)
        yield "".join(_texts_of(tokens, pictures=False))
        yield "".join(_texts_of(tokens, pictures=True))
        yield from _titles_in(tokens)


def _texts_of(tokens: Iterable[Token], *, pictures: bool) -> Iterator[str]:
    for token in tokens:
        if token.type in _VISIBLE:
            yield token.content
        elif token.type == "html_block":
            yield _TAGS.sub("", token.content)
        elif token.type == "image" and not pictures:
            continue
        elif token.children:
            yield from _texts_of(token.children, pictures=pictures)


def _titles_in(tokens: Iterable[Token]) -> Iterator[str]:
    """What a reader sees beside the text: titles of links and pictures, languages of code."""
    for token in tokens:
        if token.type == "fence":
            yield token.info
        if title := token.attrs.get("title"):
            yield str(title)
        yield from _titles_in(token.children or ())
