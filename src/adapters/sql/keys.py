"""Random keys that are made once and stay the same, in every process on the database; by one it is known."""

import secrets
from functools import partial

from sqlalchemy import Connection, make_url, select

from adapters.sql.database import Database
from adapters.sql.engine.dialect import insert
from adapters.sql.engine.sqlite import file_of
from adapters.sql.tables import kept_keys

KEY_BYTES = 32
STORAGE_KEY = "storage"


class SqlKeys:
    """Where a secret of this installation's own making is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def kept_key(self, name: str) -> bytes:
        """32 random bytes, made when the name is asked for first and the same ever after."""
        return await self._database.run(partial(kept_key, name=name))


def kept_key(connection: Connection, *, name: str) -> bytes:
    row = {"name": name, "value": secrets.token_bytes(KEY_BYTES)}
    statement = insert(connection.dialect.name, kept_keys).on_conflict_do_nothing()
    connection.execute(statement, row)
    query = select(kept_keys.c.value).where(kept_keys.c.name == name)
    return bytes(connection.execute(query).scalar_one())


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
