"""The pictures that the predecessor drew, as files named by their second: `images/20230405-080000.png`."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from domain.picture import MAX_BYTES


class LegacyPictures:
    """Reads files of some folders; nothing in them changes."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(dict.fromkeys(folders))

    def content_of(self, name: str) -> bytes | None:
        """The file's bytes; None for whatever is no plain file of a picture's size."""
        found = (_read(folder / name) for folder in self._folders)
        return next((content for content in found if content), None)


def _read(file: Path) -> bytes | None:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > MAX_BYTES:
            return None
        with open(descriptor, "rb", closefd=False) as opened:
            return opened.read()
    finally:
        os.close(descriptor)
