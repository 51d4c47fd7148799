"""Reading the small text files of an operator, and saying plainly why one cannot be read."""

import stat
from pathlib import Path

from entrypoints.settings.reading.mistakes import Place, refusal

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
        raise refusal(
            Place(source=str(path)), "is UTF-16 text; save it as UTF-8 (in Notepad: Save as, UTF-8)"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise refusal(
            Place(source=str(path), line=line),
            f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8, not GBK",
        ) from None


def _bytes_of(path: Path, at_most: int) -> bytes:
    place = Place(source=str(path))
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise refusal(
                place,
                "is a directory, not a file (docker makes one when the file to mount does not exist)",
            )
        if not stat.S_ISREG(found.st_mode):
            raise refusal(place, "is not a regular file")
        with path.open("rb") as file:
            content = file.read(at_most + 1)
    except FileNotFoundError:
        raise refusal(place, "there is no such file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path is not usable"
        raise refusal(place, f"cannot be read: {reason}") from None
    if len(content) > at_most:
        raise refusal(place, f"is too large; allowed: {at_most >> 20} MiB")
    return content
