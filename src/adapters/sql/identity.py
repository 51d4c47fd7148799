"""Which database this is, so that processes can tell whether they share it."""

from sqlalchemy import make_url

from adapters.sql.database import Database
from adapters.sql.engine.sqlite import file_of
from adapters.sql.keys import SqlKeys

STORAGE_KEY = "storage"


async def identity_of(database: Database, url: str) -> str:
    """The same for everybody at work on this database, and another one for a copy of it. A secret.

    Raises:
        StorageFailed: it cannot be asked.
    """
    key = await SqlKeys(database).kept_key(STORAGE_KEY)
    return f"{key.hex()} {_place_of(url)}"


def _place_of(url: str) -> str:
    """What a copy has not in common with it: its file, or its name on the server."""
    file = file_of(url)
    if file is None:
        return str(make_url(url).database)
    found = file.stat()
    return f"{found.st_dev} {found.st_ino}"
