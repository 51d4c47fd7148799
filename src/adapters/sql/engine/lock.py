"""One process per SQLite file, and a second one that says so instead of starting."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.sql.engine.failures import translated
from adapters.sql.engine.sqlite import PRIVATE_FILE, PRIVATE_FOLDER
from application.errors import StorageFailed


class SingleProcessLock:
    """Held from `with` to its end, and given up by the system when the process dies."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}.lock")
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """Raises StorageFailed if another process holds the database."""
        with translated():
            self._path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise StorageFailed(
                "another process serves this database already: stop it first, or use PostgreSQL"
            ) from error
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
