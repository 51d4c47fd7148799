"""A copy of a database in use, as it is at one moment."""

import sqlite3
from contextlib import closing
from pathlib import Path

from adapters.sql.engine.dialect import CASEFOLDED
from application.errors import StorageFailed

PATIENCE = 30.0
"""Seconds to wait for somebody who changes tables or truncates the log at this moment."""


def snapshot(file: Path, into: Path) -> None:
    """Write the SQLite database to a new file, checked, without what was deleted. Who uses it need not wait.

    Raises:
        StorageFailed: with a sentence for the operator; what is at `into` is of no use then.
    """
    try:
        # Without `mode` a file that is not there would be made.
        with closing(_opened(f"{file.absolute().as_uri()}?mode=rw")) as source:
            source.execute("VACUUM INTO ?", (str(into),))
        with closing(_opened(f"{into.absolute().as_uri()}?mode=rw")) as copy:
            (verdict,) = copy.execute("PRAGMA quick_check").fetchone()
    except sqlite3.Error as error:
        raise StorageFailed(
            f"{file} cannot be copied ({error}): see that it is whole, that this account may read it, "
            "and that there is room for a second one"
        ) from error
    if verdict != "ok":
        raise StorageFailed(f"{file} is damaged: restore an earlier backup")


def _opened(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)
    connection.create_function(CASEFOLDED, 1, str.casefold, deterministic=True)
    return connection
