"""What people typed, set into the robot's Markdown so that it is shown and does nothing."""

import re

_BACKSLASHED = re.compile(r"[\[\]<>!@]")
_AS_ENTITIES = {ord(mark): f"&#{ord(mark)};" for mark in "*_#~\\|`+-"} | {ord("&"): "&amp;"}


def literal(text: str, *, longest: int) -> str:
    """The text on one line, every sign of Markdown taken for itself, cut after `longest` characters."""
    words = " ".join(text.split())
    if len(words) > longest:
        words = words[: longest - 1].rstrip() + "…"
    return _BACKSLASHED.sub(r"\\\g<0>", words.translate(_AS_ENTITIES))
