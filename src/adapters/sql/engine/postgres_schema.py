"""Changing the tables of a PostgreSQL that several processes share."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, text

from adapters.sql.engine.postgres import postgres_engine, transaction

T = TypeVar("T")

TURNSTILE = 0x6368_6174_6774
"""The key of the lock under which this program alone changes tables; any number of its own would do."""

_patience = text("SET LOCAL lock_timeout = 0")
_turn = text("SELECT pg_advisory_xact_lock(:key)")


def alone(url: str, work: Callable[[Connection], T]) -> T:
    """Do `work` in one transaction while everybody else who comes here waits.

    Raises:
        StorageFailed: the server does not answer or refuses it; nothing is stored.
    """
    return asyncio.run(_alone(url, work))


async def _alone(url: str, work: Callable[[Connection], T]) -> T:
    engine = postgres_engine(url)
    try:
        async with transaction(engine, limit=None) as connection:
            await connection.execute(_patience)
            await connection.execute(_turn, {"key": TURNSTILE})
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
