"""What every test shares."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres.databases import Databases, databases

settings.register_profile("here", deadline=None, max_examples=100, derandomize=False)
settings.load_profile("here")


PROOFS = ("crash", "explorer", "deploy", "browser")
"""Folders of tests that take minutes together: `make test` leaves them out, `make test-all` does not."""

SMOKE = "test_trial_page.py"
"""The browser tests that show the whole way of a question, for `make test`."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tests = Path(__file__).parent
    for item in items:
        inside = item.path.relative_to(tests) if item.path.is_relative_to(tests) else Path()
        if inside.parts[:1] and inside.parts[0] in PROOFS and inside.name != SMOKE:
            item.add_marker(pytest.mark.proof)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """A PostgreSQL, started when the first test asks for it."""
    with databases() as server:
        yield server
