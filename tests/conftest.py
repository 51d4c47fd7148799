"""What every test shares."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.postgres.databases import Databases, databases

settings.register_profile("here", deadline=None, max_examples=100, derandomize=False)
settings.load_profile("here")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """A PostgreSQL, started when the first test asks for it."""
    with databases() as server:
        yield server
