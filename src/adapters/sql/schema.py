"""The database's schema: bringing it to the newest revision, and telling whether it is there.

Alembic is imported where it is needed: it costs seconds of CPU, which a start-up that has nothing to
migrate should not pay.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, inspect, text

from adapters.sql.database import is_server
from adapters.sql.engine.failures import translated
from adapters.sql.engine.sqlite import schema_change, sqlite_engine
from application.errors import StorageFailed

T = TypeVar("T")

VERSION_TABLE = "alembic_version"

NEWEST = "attempts"
"""The last revision in the migrations folder, so that a start-up can tell without Alembic."""


def migrations_folder() -> Path:
    """Where the revisions are: beside this module in an installed wheel, else in the repository."""
    installed = Path(__file__).with_name("migrations")
    return installed if installed.is_dir() else Path(__file__).parents[3] / "migrations"


def migrate(url: str) -> None:
    """Bring the database to the newest revision, in one transaction; nothing if it is there.

    Where several begin at the same moment one does it and the others wait for that.
    Not to be called where an event loop runs.

    Raises:
        StorageFailed: the database is newer than this code, or cannot be changed.
    """
    in_schema_transaction(url, upgrade)


def is_current(url: str) -> bool:
    """Whether the database is at the newest revision. Not to be called where an event loop runs."""
    return in_schema_transaction(url, lambda connection: revision_of(connection) == NEWEST)


def revision_now(url: str) -> str | None:
    """Where the database stands; None before the first migration.

    Not to be called where an event loop runs.
    """
    return in_schema_transaction(url, revision_of)


def is_known(revision: str | None) -> bool:
    """Whether this code can go on from there."""
    return revision is None or revision in _revisions()


def in_schema_transaction(url: str, work: Callable[[Connection], T]) -> T:
    """Do `work` in a transaction in which tables may be changed, alone among all who do so.

    Raises:
        StorageFailed: nothing of it is stored.
    """
    if is_server(url):
        from adapters.sql.engine.postgres_schema import alone  # noqa: PLC0415 - its driver is not for all

        return alone(url, work)
    engine = sqlite_engine(url)
    try:
        with translated(), schema_change(engine) as connection:
            return work(connection)
    finally:
        engine.dispose()


def upgrade(connection: Connection) -> None:
    """Bring this database to the newest revision; nothing if it is there."""
    if revision_of(connection) != NEWEST:
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see the module's docstring
    from alembic.config import Config  # noqa: PLC0415 - the same

    _refuse_newer(connection)
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _refuse_newer(connection: Connection) -> None:
    if not is_known(revision_of(connection)):
        raise StorageFailed(
            "the database was written by a newer version of this service: install that one"
        )


def revision_of(connection: Connection) -> str | None:
    """Where the database stands; None before the first migration."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    revision: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608 - a constant
    return revision


def _revisions() -> set[str]:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see the module's docstring

    scripts = ScriptDirectory(str(migrations_folder()))
    return {script.revision for script in scripts.walk_revisions()}
