"""What the list of conversations shows of a message."""

import re

from adapters.dingtalk.markdown.scrub import scrubbed
from domain.entities import unescaped

LONGEST = 20

_FENCE = re.compile(r"`{3,}[^`]*")
_OPENING = re.compile(r"[\s>]*(?:#{1,6}\s+|[-*+☐☑]\s+|\d{1,9}[.)]\s+)*")
_LINK = re.compile(r"!?\[([^\[\]]*+)\]\([^()]*+\)")
_MARKUP = re.compile(r"\\([!-/:-@\[-`{-~])|(&#?\w{1,31};)|[*`#|]+|__+|~~+")
_LETTER = re.compile(r"\w")


def title_of(rendered: str, *, fallback: str) -> str:
    """The first characters that mean something, without markup; the fallback where there are none."""
    for line in rendered.split("\n", 50)[:50]:
        words = _words(line[:400])
        if _LETTER.search(words):
            return words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip("\u200d ") + "…"
    return fallback


def _words(line: str) -> str:
    if _FENCE.fullmatch(line):
        return ""
    text = _MARKUP.sub(_without_markup, _LINK.sub(r"\1", line[_OPENING.match(line).end() :]))  # type: ignore[union-attr] # matches the empty string too
    return " ".join(scrubbed(text).split())


def _without_markup(match: re.Match[str]) -> str:
    """A sign behind a backslash is text, and so is what an entity means."""
    return match[1] or unescaped(match[2] or "")
