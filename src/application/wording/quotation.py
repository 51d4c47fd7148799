"""What strangers wrote, as it may be shown within our own sentences."""

LONGEST = 256
"""Characters; the longest name of a host still fits."""


def as_code(text: str) -> str:
    """A stranger's words as inline code: Markdown that does nothing, on one line, cut where it is long.

    Empty if there is nothing to see.
    """
    printable = "".join(mark if mark.isprintable() else " " for mark in text[: 2 * LONGEST])
    words = " ".join(printable.replace("`", "'").split())
    return f"`{words if len(words) <= LONGEST else words[:LONGEST] + '…'}`" if words else ""
