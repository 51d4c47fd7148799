"""One process per SQLite file, and a second one that says so instead of starting."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.private_files import open_private_file
from adapters.sql.engine.files import make_folder, usable
from application.errors import StorageFailed


class SingleProcessLock:
    """Held from `with` to its end, and given up by the system when the process dies."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}.lock")
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """Raises StorageFailed if another process holds the database, or the lock cannot be made."""
        make_folder(self._path.parent)
        with usable(self._path):
            descriptor = open_private_file(self._path)
        try:
            with usable(self._path):
                _lock(descriptor)
        except StorageFailed:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # The file stays: removing it would let two processes hold two locks of one name.
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StorageFailed(
            "another process serves this database already: stop it first"
        ) from error
