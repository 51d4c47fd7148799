"""Empty databases on one server, a new one for each test."""

import asyncio
import os
import secrets
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import asyncpg
from sqlalchemy import make_url

from tests.missing import missing
from tests.postgres.server import NoPostgres, running_server

GIVEN = "TEST_DATABASE_URL"
"""Names a PostgreSQL to use instead of starting one; its account must be allowed to make databases."""


@dataclass(frozen=True, slots=True)
class Databases:
    """A server on which databases can be made."""

    url: str

    @contextmanager
    def one(self, template: str = "template0") -> Generator[str]:
        """The URL of a new database, which is dropped in the end."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url_of(name)
        finally:
            self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url_of(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def execute(self, statement: str, *, database: str | None = None) -> None:
        url = self.url if database is None else self.url_of(database)
        # In a thread of its own: the test that asks may be in an event loop.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(_execute(url, statement))).result()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def databases() -> Generator[Databases]:
    """The server that was given, or one that is started. Without any the test is skipped, on CI it fails."""
    if given := os.environ.get(GIVEN):
        yield Databases(given)
        return
    try:
        server = running_server()
        with server as running:
            yield Databases(running.url)
    except NoPostgres as reason:
        missing(str(reason))
