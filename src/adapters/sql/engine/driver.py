"""PostgreSQL's driver behind a connection of SQLAlchemy."""

import asyncpg
from sqlalchemy import Connection


def driver_of(connection: Connection | None) -> asyncpg.Connection:
    """Raises TypeError where there is none, which is a mistake of ours."""
    driver = None if connection is None else connection.connection.driver_connection
    if not isinstance(driver, asyncpg.Connection):
        raise TypeError("the connection is not open, or is none to a PostgreSQL")
    return driver
