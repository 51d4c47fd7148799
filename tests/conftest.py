"""What every test shares."""

import pytest
from hypothesis import settings

settings.register_profile("here", deadline=None, max_examples=100, derandomize=False)
settings.load_profile("here")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
