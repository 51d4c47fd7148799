"""Where the service keeps what it must not lose, made ready before anything else starts."""

import logging
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path

from adapters.private_files import OTHERS, PRIVATE_FOLDER
from adapters.sql.database import Limits
from adapters.sql.engine.files import make_folder, usable
from adapters.sql.engine.lock import SingleProcessLock
from adapters.sql.engine.sqlite import file_of
from adapters.sql.schema import is_current, migrate
from application.errors import StorageFailed
from entrypoints.settings import Settings

logger = logging.getLogger(__name__)

DATABASE_FILE = "chatgpt-dingtalk.sqlite"
PICTURES = "images"
METRICS = "metrics"


def storage_url(settings: Settings) -> str:
    """The database's SQLAlchemy URL: the configured one, else SQLite in `data_dir`."""
    if settings.database_url is not None:
        # Whatever driver is named, each engine is spoken to by the one that is tested with this service.
        address = re.sub(r"^(\w+)\+\w+:", r"\1:", settings.database_url.reveal())
        return re.sub(r"^postgres:", "postgresql:", address)
    return f"sqlite:///{settings.data_dir / DATABASE_FILE}"


def limits_on(settings: Settings) -> Limits:
    """What this process asks of a database server."""
    return Limits(connections=settings.database_pool_size, time=settings.database_timeout)


def picture_folder(settings: Settings) -> Path:
    """Where the pictures are kept that were drawn."""
    return settings.data_dir / PICTURES


def emptied_metrics_folder(settings: Settings) -> Path:
    """Where the processes of this machine put what they count for each other; begun anew at each start."""
    folder = settings.data_dir / f"{METRICS}-{settings.port}"
    shutil.rmtree(folder, ignore_errors=True)
    with usable(settings.data_dir):
        folder.mkdir(mode=PRIVATE_FOLDER)
    return folder


@contextmanager
def prepared_storage(settings: Settings) -> Iterator[None]:
    """The folder is there, no other process serves the same file, and the schema is the newest.

    A database server may be as young as this process: it is waited for.

    Raises:
        StorageFailed: with a sentence for the operator.
    """
    make_folder(settings.data_dir)
    with usable(settings.data_dir):
        mode = settings.data_dir.stat().st_mode
    if mode & OTHERS:
        logger.warning("data_dir_readable_by_others", extra={"data_dir": str(settings.data_dir)})
    file = file_of(storage_url(settings))
    with nullcontext() if file is None else SingleProcessLock(Path(file)):
        if file is None:
            wait_for_server(settings)
        migrated(settings)
        yield


SERVER_PATIENCE = timedelta(seconds=30)
BETWEEN_KNOCKS = timedelta(seconds=1)


def wait_for_server(settings: Settings, patience: timedelta = SERVER_PATIENCE) -> None:
    """Until the database answers.

    Raises:
        StorageFailed: it does not, in all the time that one has the patience for.
    """
    end = time.monotonic() + patience.total_seconds()
    while True:
        try:
            is_current(storage_url(settings))
        except StorageFailed as failure:
            if time.monotonic() > end:
                raise StorageFailed(
                    f"the database at `database_url` cannot be used: {failure}"
                ) from failure
            logger.warning("database_awaited", extra={"failure": str(failure)})
            time.sleep(BETWEEN_KNOCKS.total_seconds())
        else:
            return


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
