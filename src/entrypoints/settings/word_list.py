"""Sensitive words from the operator's file."""

from pathlib import Path

from entrypoints.settings.files import LARGEST_WORD_LIST, text_of

COMMENT = "#"


def words_in(path: Path) -> tuple[str, ...]:
    """One word a line; blank lines and lines that begin with `#` are skipped.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    lines = (line.strip() for line in text_of(path, at_most=LARGEST_WORD_LIST).splitlines())
    return tuple(line for line in lines if line and not line.startswith(COMMENT))
