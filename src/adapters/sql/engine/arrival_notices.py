"""Hearing from a PostgreSQL that another process has stored new messages."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import timedelta

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.sql.engine.driver import driver_of

logger = logging.getLogger(__name__)

COURTESY = timedelta(milliseconds=20)
"""Who stored a message begins it as a rule: others look only if it has not been begun by then."""

BETWEEN_SIGNS_OF_LIFE = timedelta(seconds=30)
SIGN_LIMIT = timedelta(seconds=5)
RECONNECTING = timedelta(seconds=1)


class ArrivalNotices:
    """Rings for what others stored, a moment later, once for many. Without a connection nobody rings."""

    def __init__(self, engine: AsyncEngine, channel: str, *, own: str) -> None:
        """`own`: what this process signs its own notices with."""
        self._engine = engine
        self._channel = channel
        self._own = own
        self._ringing: asyncio.TimerHandle | None = None

    async def listen(self, ring: Callable[[], None]) -> None:
        """For ever; a lost connection is made again."""

        def heard(_connection: object, _pid: int, _channel: str, sender: object) -> None:
            self._hear(str(sender), ring)

        while True:
            with contextlib.suppress(
                SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError
            ):
                async with self._engine.connect() as connection:
                    await self._listen_on(driver_of(connection.sync_connection), heard)
            logger.warning("arrival_notices_lost")
            await asyncio.sleep(RECONNECTING.total_seconds())

    async def _listen_on(self, connection: asyncpg.Connection, heard: Callable[..., None]) -> None:
        """Until the connection is lost."""
        limit = SIGN_LIMIT.total_seconds()
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _connection: lost.set())
            async with asyncio.timeout(limit):
                await connection.add_listener(self._channel, heard)
            while not lost.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), BETWEEN_SIGNS_OF_LIFE.total_seconds())
                # A line that is cut somewhere on the way tells nobody.
                await connection.execute("SELECT 1", timeout=limit)
        finally:
            connection.terminate()

    def _hear(self, sender: str, ring: Callable[[], None]) -> None:
        if sender == self._own or self._ringing is not None:
            return

        def now() -> None:
            self._ringing = None
            ring()

        loop = asyncio.get_running_loop()
        self._ringing = loop.call_later(COURTESY.total_seconds(), now)
