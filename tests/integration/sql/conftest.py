"""A server's tables, our journeys to it, and a writer over transactions that a test can hold and break."""

from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from adapters.sql.engine.sqlite import sqlite_engine, write_transaction
from adapters.sql.engine.writer import GroupWriter
from adapters.sql.schema import in_schema_transaction
from adapters.sql.tables import metadata
from tests.integration.sql.journeys import Journeys
from tests.integration.sql.transactions import SOON, Transactions
from tests.postgres.databases import Databases


@pytest.fixture(scope="session")
def tables(postgres: Databases) -> Generator[str]:
    """The URL of a database with the tables, for one test after another."""
    with postgres.one() as url:
        in_schema_transaction(url, metadata.create_all)
        yield url


@pytest.fixture
def journeys() -> Iterator[Journeys]:
    """Every statement that is executed from now on."""
    journeys = Journeys()
    event.listen(Engine, "after_cursor_execute", journeys.note)
    yield journeys
    event.remove(Engine, "after_cursor_execute", journeys.note)


@pytest.fixture
def transactions(tmp_path: Path) -> Generator[Transactions]:
    engine = sqlite_engine(f"sqlite:///{tmp_path}/numbers.sqlite")
    with write_transaction(engine) as connection:
        connection.execute(text("CREATE TABLE numbers (number INTEGER NOT NULL)"))
    yield Transactions(engine)
    engine.dispose()


@pytest.fixture
async def writer(transactions: Transactions) -> AsyncIterator[GroupWriter]:
    writer = GroupWriter(transactions.begin, capacity=1000)
    yield writer
    transactions.gate.set()
    await writer.close(deadline=SOON)
