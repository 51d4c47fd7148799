"""The SQL adapters over a temporary SQLite file."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete

from adapters.sql.database import Database, open_database
from adapters.sql.doorstep import SqlDoorstep
from adapters.sql.engine.sqlite import sqlite_engine, write_transaction
from adapters.sql.history import SqlHistory
from adapters.sql.inbox import SqlInbox
from adapters.sql.ledger import SqlLedger
from adapters.sql.outcomes import SqlOutcomes
from adapters.sql.schema import in_schema_transaction
from adapters.sql.tables import metadata
from application.ports import Outcome
from domain.conversation import Session
from domain.history import Exchange
from domain.inbox import State
from tests.contracts.storage import ANSWER, DAY, Storage, said
from tests.fakes.clock import ManualClock
from tests.strategies import NOON

SOON = timedelta(seconds=5)
_MESSAGE = said("a", in_group="cidA")
EXCHANGE = Exchange(
    day=DAY,
    sender=replace(_MESSAGE.sender, nick="小*（as it may be shown）"),
    room=_MESSAGE.room,
    question="一加一？",
    answer="二",
    picture="雪.png",
    provider="p",
    model="m",
    prompt_tokens=3,
    answer_tokens=4,
    first_token_after=timedelta(seconds=1),
    took=timedelta(milliseconds=1500),
)
FULL = Outcome(
    state=State.ANSWERED,
    reason="answered",
    parts=ANSWER.parts,
    session=Session(touched_at=NOON),
    exchange=EXCHANGE,
    aloud=True,
)
"""An outcome with all that an outcome can have."""


def with_tables(file: Path) -> str:
    """The URL of a database that has its tables (quicker than by migrations, which are tested apart)."""
    url = f"sqlite:///{file}"
    engine = sqlite_engine(url)
    with write_transaction(engine) as connection:
        metadata.create_all(connection)
    engine.dispose()
    return url


def storage_over(database: Database, clock: ManualClock | None = None) -> Storage:
    clock = clock or ManualClock()
    return Storage(
        doorstep=SqlDoorstep(database, clock),
        inbox=SqlInbox(database, clock),
        outcomes=SqlOutcomes(database, clock),
        ledger=SqlLedger(database),
        history=SqlHistory(database),
        clock=clock,
    )


class OnSqlite:
    """Fixtures for the heirs of the contracts."""

    @pytest.fixture
    async def database(self, tmp_path: Path) -> AsyncIterator[Database]:
        database = open_database(with_tables(tmp_path / "robot.sqlite"))
        yield database
        await database.close(deadline=SOON)

    @pytest.fixture
    def storage(self, database: Database) -> Storage:
        return storage_over(database)


class OnPostgres:
    """The same over PostgreSQL."""

    @pytest.fixture
    def server_url(self, tables: str) -> str:
        """The URL of a database whose tables are empty."""
        in_schema_transaction(tables, emptied)
        return tables

    @pytest.fixture
    async def database(self, server_url: str) -> AsyncIterator[Database]:
        database = open_database(server_url)
        yield database
        await database.close(deadline=SOON)

    @pytest.fixture
    def storage(self, database: Database) -> Storage:
        return storage_over(database)


def emptied(connection: Connection) -> None:
    """Quicker than a new database for each test."""
    for table in reversed(metadata.sorted_tables):
        connection.execute(delete(table))
