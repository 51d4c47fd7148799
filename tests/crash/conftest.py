"""What the crash tests share."""

import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crash.ground import LONG
from tests.crash.records import DATABASE, PostgresRecords, SqliteStore, Store
from tests.crash.service import PROGRAM
from tests.missing import missing
from tests.postgres.databases import Databases
from tests.postgres.server import DURABLE, NoPostgres, PostgresServer, running_server


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> SqliteStore:
    """A database with the newest schema and nothing in it, made once."""
    folder = tmp_path_factory.mktemp("template")
    config = folder / "config.yml"
    config.write_text(f'{{"api_key": "k", "model": "m", "data_dir": "{folder}"}}')
    subprocess.run([PROGRAM, "migrate", "--config", config], check=True, timeout=60)  # noqa: S603 - our own program
    return SqliteStore(folder / DATABASE)


@pytest.fixture(scope="session")
def durable() -> Iterator[PostgresServer]:
    """A PostgreSQL whose commits are on the disk."""
    try:
        with running_server(DURABLE) as server:
            yield server
    except NoPostgres as reason:
        missing(str(reason))


@dataclass(slots=True)
class PostgresStore:
    """Databases on one server, migrated by the first process that comes."""

    server: PostgresServer

    def new(self, data: Path) -> PostgresRecords:  # noqa: ARG002 - nothing of it lies in that folder
        name = f"crash_{secrets.token_hex(4)}"
        Databases(self.server.url).execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return PostgresRecords(Databases(self.server.url).url_of(name))


@pytest.fixture
def postgres_store(durable: PostgresServer) -> PostgresStore:
    return PostgresStore(durable)


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Store:
    """Both kinds of database, one after the other."""
    name = "sqlite" if request.param == "sqlite" else "postgres_store"
    chosen: Store = request.getfixturevalue(name)
    return chosen


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long ones run with `make crash` only."""
    chosen = [item for item in items if LONG or item.get_closest_marker("long") is None]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen
