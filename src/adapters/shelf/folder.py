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

from application.errors import StorageFailed
from domain.picture import MAX_BYTES, Picture

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

RANDOM_BYTES = 16
"""128 bits: who does not know a name finds none."""

NAME = re.compile(rf"[0-9a-f]{{{2 * RANDOM_BYTES}}}(\.png|\.jpg|\.webp|\.gif)")
"""In small letters and digits, so that no file system takes two names for one."""

UNFINISHED = ".part"
"""Ends the name of a file that is being written, or that a process was writing when it died."""


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
        if NAME.fullmatch(name.removesuffix(UNFINISHED)):
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
            self._folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            unfinished = self._folder / f"{name}{UNFINISHED}"
            try:
                _write_durably(unfinished, content)
                unfinished.rename(self._folder / name)
            except OSError:
                unfinished.unlink(missing_ok=True)
                raise
            _flush_folder(self._folder)

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
    return NAME.fullmatch(entry.name.removesuffix(UNFINISHED)) is not None


def _written_at(entry: os.DirEntry[str]) -> float:
    """Far in the future for what has gone meanwhile."""
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except FileNotFoundError:
        return math.inf


def _write_durably(path: Path, content: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with open(file, "wb") as opened:  # noqa: PTH123 - pathlib opens no descriptor
        opened.write(content)
        opened.flush()
        os.fsync(file)


def _flush_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


@contextlib.contextmanager
def _in_our_words() -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise StorageFailed(f"pictures cannot be kept ({error.strerror})") from error
