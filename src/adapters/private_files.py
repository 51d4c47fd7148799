"""Files for their owner's eyes: there whole or not at all, and never in the place of another one."""

import errno
import os
import re
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

OTHERS = 0o077
"""The permissions of everybody but the owner."""

LONGEST_PREFIX = 60
"""Letters of a name in that of its unfinished file; with all of them that could become too long."""

_UNFINISHED = re.compile(r"\.(.+)\.[0-9a-f]{8}\.part", re.DOTALL)


def name_once_finished(name: str) -> str:
    """Of an unfinished file, which a killed process leaves, the name that it was to get; else `name`."""
    unfinished = _UNFINISHED.fullmatch(name)
    return unfinished[1] if unfinished else name


def make_private_folder(folder: Path) -> None:
    """Make a folder for this account only; one that is there is left as it is. Raises OSError."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)


@contextmanager
def new_private_file(path: Path, *, replace: bool = False) -> Generator[BinaryIO]:
    """A file to write, which appears at `path` when the block ends, durably; nothing is left of a failure.

    Raises:
        FileExistsError: something is at `path`, be it a link that leads nowhere, and `replace` is not set.
        OSError: it cannot be written there.
    """
    if not replace and os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    unfinished = path.with_name(f".{path.name[:LONGEST_PREFIX]}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if replace:
            unfinished.replace(path)
        else:
            _move_to_free_name(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    _flush_folder(path.parent)


def write_private_file(path: Path, content: bytes) -> None:
    """A new file with that content. Raises as `new_private_file`."""
    with new_private_file(path) as file:
        file.write(content)


def open_private_file(path: Path) -> int:
    """A descriptor to read and write the file, which is made if it is not there.

    One that others could read is made private, unless a link leads to it: what is behind links belongs
    to somebody's arrangements, and is left as it is. Raises OSError.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        if os.fstat(descriptor).st_mode & OTHERS and not is_behind_link(path):
            os.fchmod(descriptor, PRIVATE_FILE)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def is_behind_link(path: Path) -> bool:
    """Whether the path, or a folder in it, is a symbolic link."""
    return any(one.is_symlink() for one in (path, *path.parents))


def _move_to_free_name(unfinished: Path, path: Path) -> None:
    """Rename, but never over what somebody put there meanwhile."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        raise
    except OSError:
        # FAT and some network file systems have no hard links: claim the name first.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
        unfinished.replace(path)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
