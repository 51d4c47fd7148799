"""The files that are this account's own: nobody else may read them, and what is wrong with them is said."""

import errno
import os
import shlex
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from adapters.private_files import make_private_folder, open_private_file
from application.errors import StorageFailed


@contextmanager
def usable(path: Path) -> Generator[None]:
    """Turns what the system refuses into a sentence for the operator.

    Raises:
        StorageFailed: it names the path, what is wrong with it, and what to do.
    """
    try:
        yield
    except OSError as error:
        raise StorageFailed(
            f"{path} cannot be used ({error.strerror}): {_remedy(path, error)}, or set another `data_dir`"
        ) from error


def _remedy(path: Path, error: OSError) -> str:
    if error.errno == errno.EROFS:
        return "mount it for writing"
    if error.errno not in {errno.EACCES, errno.EPERM}:
        return "make it belong to the account that runs the service"
    owner = f"{os.geteuid()}:{os.getegid()}"
    folder = path if path.is_dir() else path.parent
    return (
        f"as root run `chown -R {owner} {shlex.quote(str(folder))}`, in a container on the folder of the "
        "host that is mounted there"
    )


def make_folder(folder: Path) -> None:
    """Make a folder for this account only; one that is there is left as it is.

    Raises:
        StorageFailed: with a sentence for the operator.
    """
    with usable(folder):
        make_private_folder(folder)


def make_private(path: Path) -> None:
    """Make the file, and its folder if there is none, for this account only.

    SQLite gives the files beside it (-wal, -shm) the permissions of the database.

    Raises:
        StorageFailed: with a sentence for the operator.
    """
    make_folder(path.parent)
    with usable(path):
        os.close(open_private_file(path))
