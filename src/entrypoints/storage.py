"""Where the service keeps what it must not lose, made ready before anything else starts."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from adapters.sql.engine.files import make_folder
from adapters.sql.engine.lock import SingleProcessLock
from adapters.sql.engine.sqlite import file_of
from adapters.sql.schema import is_current, migrate
from entrypoints.settings import Settings

logger = logging.getLogger(__name__)

DATABASE_FILE = "chatgpt-dingtalk.sqlite"
PICTURES = "images"
OTHERS = 0o077
"""The permissions of everybody but the owner."""


def storage_url(settings: Settings) -> str:
    """The database's SQLAlchemy URL: the configured one, else SQLite in `data_dir`."""
    if settings.database_url is not None:
        # Whatever driver is named, SQLite is spoken to by the one of the standard library.
        return re.sub(r"^sqlite\+\w+:", "sqlite:", settings.database_url.reveal())
    return f"sqlite:///{settings.data_dir / DATABASE_FILE}"


def picture_folder(settings: Settings) -> Path:
    """Where the pictures are kept that were drawn."""
    return settings.data_dir / PICTURES


@contextmanager
def prepared_storage(settings: Settings) -> Iterator[None]:
    """The folder is there, this process alone serves the file, and the schema is the newest.

    Raises:
        StorageFailed: with a sentence for the operator.
    """
    make_folder(settings.data_dir)
    if settings.data_dir.stat().st_mode & OTHERS:
        logger.warning("data_dir_readable_by_others", extra={"data_dir": str(settings.data_dir)})
    file = file_of(storage_url(settings))
    with nullcontext() if file is None else SingleProcessLock(Path(file)):
        migrated(settings)
        yield


def migrated(settings: Settings) -> bool:
    """Bring the schema to the newest revision; returns whether there was anything to do.

    Raises:
        StorageFailed: with a sentence for the operator.
    """
    make_folder(settings.data_dir)
    url = storage_url(settings)
    if is_current(url):
        return False
    migrate(url)
    return True
