"""Reading the small text files of an operator, and saying plainly why one cannot be read."""

import stat
from pathlib import Path

from entrypoints.settings.reading.mistakes import Place, refusal
from entrypoints.settings.texts import say

LARGEST_YAML = 1 << 20
LARGEST_WORD_LIST = 16 << 20

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def text_of(path: Path, *, at_most: int) -> str:
    """The UTF-8 text of a regular file of at most so many bytes; a UTF-8 byte order mark is dropped.

    Raises:
        ConfigurationError: the file is missing, no file, not readable, too large or not UTF-8.
    """
    content = _bytes_of(path, at_most)
    if content.startswith(UTF16_MARKS):
        raise refusal(Place(source=str(path)), say("utf16"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise refusal(
            Place(source=str(path), line=line),
            say("not_utf8", byte=f"{content[error.start]:02x}"),
        ) from None


def _bytes_of(path: Path, at_most: int) -> bytes:
    place = Place(source=str(path))
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise refusal(place, say("directory"))
        if not stat.S_ISREG(found.st_mode):
            raise refusal(place, say("not_regular"))
        with path.open("rb") as file:
            content = file.read(at_most + 1)
    except FileNotFoundError:
        raise refusal(place, say("no_file")) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or say("unusable_path")
        raise refusal(place, say("unreadable", reason=reason)) from None
    if len(content) > at_most:
        raise refusal(place, say("too_large", most=at_most >> 20))
    return content
