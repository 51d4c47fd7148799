"""Pictures as files under names that nobody can guess."""

import asyncio
import contextlib
import math
import os
import re
import secrets
import stat
from collections.abc import AsyncGenerator, Callable, Generator
from datetime import datetime
from pathlib import Path

from adapters.private_files import (
    make_private_folder,
    name_once_finished,
    write_private_file,
)
from application.errors import StorageFailed
from domain.picture import MAX_BYTES, Picture

RANDOM_BYTES = 16
"""128 bits: who does not know a name finds none."""

NAME = re.compile(rf"[0-9a-f]{{{2 * RANDOM_BYTES}}}(\.png|\.jpg|\.webp|\.gif)")
"""In small letters and digits, so that no file system takes two names for one."""


class PictureFolder:
    """Satisfies `Shelf`. A name is there with the whole picture, or not at all, whatever happens.

    `identified` tells from a header what a picture is, and None for anything else.
    """

    def __init__(self, folder: Path, identified: Callable[[bytes], Picture | None]) -> None:
        self._folder = folder
        self._identified = identified

    async def put(self, picture: Picture) -> str:
        name = f"{secrets.token_hex(RANDOM_BYTES)}{picture.kind.suffix}"
        await asyncio.to_thread(self._write, name, picture.content)
        return name

    async def get(self, name: str) -> Picture | None:
        if not (match := NAME.fullmatch(name)):
            return None
        content = await asyncio.to_thread(self._read, name)
        picture = self._identified(content) if content else None
        return picture if picture and picture.kind.suffix == match[1] else None

    async def discard(self, name: str) -> None:
        """Raises StorageFailed: it is still there."""
        if NAME.fullmatch(name_once_finished(name)):
            with _in_our_words():
                await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)

    async def put_before(self, moment: datetime) -> AsyncGenerator[str]:
        """Raises StorageFailed: the folder cannot be read."""
        for name in await asyncio.to_thread(self._written_before, moment.timestamp()):
            yield name

    def _written_before(self, moment: float) -> list[str]:
        """Pictures, and what a process that died was writing."""
        with _in_our_words():
            if not self._folder.exists():
                return []
            with os.scandir(self._folder) as entries:
                return [one.name for one in entries if _is_ours(one) and _written_at(one) < moment]

    def _write(self, name: str, content: bytes) -> None:
        with _in_our_words():
            make_private_folder(self._folder)
            write_private_file(self._folder / name, content)

    def _read(self, name: str) -> bytes | None:
        """The file's bytes; None for whatever is no plain file of a picture's size."""
        try:
            file = os.open(self._folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        try:
            facts = os.fstat(file)
            if not stat.S_ISREG(facts.st_mode) or facts.st_size > MAX_BYTES:
                return None
            with open(file, "rb", closefd=False) as opened:
                return opened.read()
        finally:
            os.close(file)


def _is_ours(entry: os.DirEntry[str]) -> bool:
    return NAME.fullmatch(name_once_finished(entry.name)) is not None


def _written_at(entry: os.DirEntry[str]) -> float:
    """Far in the future for what has gone meanwhile."""
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except FileNotFoundError:
        return math.inf


@contextlib.contextmanager
def _in_our_words() -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise StorageFailed(f"pictures cannot be kept ({error.strerror})") from error
