"""Texts as every engine takes them."""


def storable(text: str) -> str:
    """The text without what no column takes: a NUL, or half of a surrogate pair."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


def is_storable(text: str) -> bool:
    """Whether it could be in a column at all, so that looking for it makes sense."""
    return storable(text) == text
