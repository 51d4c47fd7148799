"""Where a command writes: the standard output, a device or pipe as it is, or a new private file."""

import os
import re
import signal
import stat
import sys
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from adapters.private_files import new_private_file

STANDARD_OUTPUT = Path("-")

_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,4})")
_NAMED_DESCRIPTORS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}

BYTE_ORDER_MARK = "\ufeff"
SHOWN_UNSEEN = frozenset("\n\t\u200c\u200d")
"""Besides blanks, what is not printable and yet wanted: line ends, tabs, joiners within letters and emoji."""


@contextmanager
def opened_output(path: Path, *, force: bool = False) -> Generator[BinaryIO]:
    """What to write to. A file appears when the block ends, whole, for its owner only, or not at all.

    `-` is the standard output; devices, pipes and descriptors (`/dev/stdout`, `/dev/fd/3`) are written to as
    they are. `force` permits to replace a file that is there; one behind a link is replaced where it lies.

    Raises:
        FileExistsError: there is something already, and `force` is not set.
        OSError: it cannot be written to.
    """
    descriptor = _descriptor_of(path)
    if path == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    elif descriptor is not None:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            yield file
    elif _is_device(path):
        with os.fdopen(os.open(path, os.O_WRONLY), "wb") as file:
            yield file
    else:
        place = path.resolve() if force else path
        with _terminated_in_order(), new_private_file(place, replace=force) as file:
            yield file


def is_new_file(path: Path) -> bool:
    """Whether `opened_output` would make or replace a file, rather than write to what is there."""
    return path != STANDARD_OUTPUT and _descriptor_of(path) is None and not _is_device(path)


def printable(text: str) -> str:
    """The text without what would give orders to a terminal, turn its direction or hide there."""
    return "".join(
        letter if letter.isprintable() or letter in SHOWN_UNSEEN or _is_blank(letter) else "\ufffd"
        for letter in text.replace("\r\n", "\n").replace(BYTE_ORDER_MARK, "")
    )


def _is_blank(letter: str) -> bool:
    return unicodedata.category(letter) == "Zs"


def _descriptor_of(path: Path) -> int | None:
    name = str(path)
    if name in _NAMED_DESCRIPTORS:
        return _NAMED_DESCRIPTORS[name]
    found = _DESCRIPTOR.fullmatch(name)
    return int(found[1]) if found else None


def _is_device(path: Path) -> bool:
    """Whether it is there and something else than a file or folder; where a link leads is what counts."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


@contextmanager
def _terminated_in_order() -> Generator[None]:
    """SIGTERM ends the command as an exception would: it tidies up behind itself."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
