"""A text in Markdown as a reader may come to see it, each sign with its place in the source."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from domain.entities import WITHOUT_SEMICOLON, unescaped

MOST_DECODINGS = 4
"""How often an entity in an entity is decoded: whoever shows a text may do it once more than we expect."""

_LONGEST_REMEMBERED = 32
"""Characters of an entity of which the meaning is kept at hand."""

_NAMED = (
    r"(?:#0*+\d{1,7}+;?|#[xX]0*+[0-9a-fA-F]{1,6}+;?|[A-Za-z][A-Za-z0-9]{1,31};"
    rf"|{WITHOUT_SEMICOLON})"
)
_ENCODED = (
    rf"&(?:(?:amp;?|#0*+38;?|#[xX]0*+26;?)++(?:{_NAMED})?+|{_NAMED})"
    r"|%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*+"
    r"|\x1b\[[0-?]*+[ -/]*+[@-~]"
    r"|\x9b[0-?]*+[ -/]*+[@-~]"
    r"|\x1b\][^\x07\x1b\n]*+(?:\x07|\x1b\\)"
)
# Every alternative begins with a character of its own, so that the search skips plain text quickly.
_TYPED = re.compile(_ENCODED)
_INLINE = re.compile(
    # Where links lead, tags, borders of cells.
    r"\]\((?:[^()]++|\([^()]*+\))*+\)"
    r"|\]\[[^\[\]]*+\]"
    r"|<[A-Za-z][\w.+-]*+:[^<>\s]*+>"
    r"|<[^<>\s@]++@[^<>\s]++>"
    r"|<[!/?A-Za-z][^<>]*+>"
    # The sign before a picture's brackets; they themselves do not count when words are compared.
    r"|!(?=\[)"
    r"|\|"
    rf"|{_ENCODED}"
)
_LINES = re.compile(
    # Lines that are markup altogether: fences, rules, underlines, delimiters of tables, definitions.
    r"^(?:(?:[ \t>]|(?:[-+*]|\d{1,9}[.)])[ \t])*+"
    r"(?:`{3,}+[^`\n]*+|~{3,}+[^\n]*+|[-=_*|: \t]*+|\[[^\[\]\n]{1,999}+\]:[^\n]*+)$"
    # What begins a line: quote marks, headings, items of lists, boxes of tasks.
    r"|(?:[ \t]*+(?:>|[-+*](?=[ \t\n]|$)|\d{1,9}[.)](?=[ \t\n]|$)|\#{1,6}(?=[ \t\n]|$)))++"
    r"(?:[ \t]++\[[ xX]\](?=[ \t]))?)",
    re.MULTILINE,
)
_ANY_TAG = re.compile(r"<[^>]*+>")
_CLOSING_MARKS = re.compile(r"\#++[ \t]*+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reading:
    """`text` is what is seen. `changes` are the stretches of the source that are seen as something else."""

    source: str
    text: str
    changes: tuple[tuple[int, int, str], ...]

    def changed(self) -> bytearray:
        """For each character of `text`, whether it is seen in the place of something else."""
        flags = bytearray(len(self.text))
        place = at = 0
        for start, end, shown in self.changes:
            at += start - place
            flags[at : at + len(shown)] = b"\x01" * len(shown)
            at, place = at + len(shown), end
        return flags


def as_it_stands(source: str) -> Reading:
    """Every sign of the source."""
    return Reading(source, source, ())


def as_typed(source: str) -> Reading:
    """What is there without any markup, entities decoded."""
    return _reading(source, _TYPED.finditer(source))


def as_laid_out(source: str) -> Reading:
    """All gone that any reading of Markdown or HTML takes away; more than any single one does."""
    return _reading(source, sorted(_markup_in(source), key=re.Match.start))


def as_stripped(source: str) -> Reading:
    """The same for programs that take for a tag whatever is between angle brackets."""
    # Behind the last closing bracket there is no tag, and looking for its end would take for ever.
    tags = _ANY_TAG.finditer(source, 0, source.rfind(">") + 1)
    found = [*tags, *_markup_in(source)]
    return _reading(source, sorted(found, key=lambda match: (match.start(), -match.end())))


def _markup_in(source: str) -> Iterator[re.Match[str]]:
    yield from _LINES.finditer(source)
    yield from _INLINE.finditer(source)
    if "#" in source:
        yield from _CLOSING_MARKS.finditer(source)


OTHER_READINGS = (as_typed, as_laid_out, as_stripped)


def _reading(source: str, markup: Iterable[re.Match[str]]) -> Reading:
    changes: list[tuple[int, int, str]] = []
    pieces: list[str] = []
    place = 0
    for match in markup:
        start, end = match.span()
        if start < place or start == end:
            continue
        shown = _shown(match[0])
        changes.append((start, end, shown))
        pieces += (source[place:start], shown)
        place = end
    return Reading(source, "".join([*pieces, source[place:]]), tuple(changes))


def _shown(markup: str) -> str:
    if markup[0] == "&":
        return decoded(markup) if len(markup) > _LONGEST_REMEMBERED else _decoded_entity(markup)
    if markup[0] == "%":
        return unquote(markup, errors="ignore")
    if markup[0] == "<" and (":" in markup or "@" in markup) and " " not in markup:
        # An address in angle brackets is shown, if it is none of HTML.
        return markup[1:-1]
    return ""


@lru_cache(maxsize=1000)
def _decoded_entity(entity: str) -> str:
    return decoded(entity)


def decoded(text: str) -> str:
    """The text with its entities decoded, and those that come out of them."""
    for _ in range(MOST_DECODINGS):
        if (once := unescaped(text)) == text:
            break
        text = once
    return text


_TICKS = re.compile("`+")
_FENCE = re.compile(r"[ \t>]*(`{3,}+(?=[^`]*$)|~{3,}+)")


def code_stretches(source: str) -> list[tuple[int, int]]:
    """Where code stands, as far as no reading of Markdown could see it in another way.

    A backslash there is shown; what is left out is only shown with a backslash too many.
    """
    stretches: list[tuple[int, int]] = []
    fence, place = "", 0
    for line in source.split("\n"):
        opening = _FENCE.match(line)
        if fence:
            if opening and opening[1].startswith(fence) and line.strip(" \t>") == opening[1]:
                fence = ""
            else:
                stretches.append((place, place + len(line)))
        elif opening:
            fence = opening[1]
        elif "`" in line and "\\" not in line:
            stretches += _inline_code(line, place)
        place += len(line) + 1
    return stretches


def _inline_code(line: str, offset: int) -> Iterator[tuple[int, int]]:
    runs = [match.span() for match in _TICKS.finditer(line)]
    if len(runs) % 2 or len({end - start for start, end in runs}) > 1:
        return
    for (_, start), (end, _) in zip(runs[::2], runs[1::2], strict=True):
        yield offset + start, offset + end
