"""One simulated DingTalk for the tests of a file: to start one for each takes longer than all they do."""

from collections.abc import AsyncIterator

import pytest

from dingtalk_simulator.simulator import Simulator
from tests.integration.dingtalk.outbound.dingtalk import populate, simulated_dingtalk


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def running_dingtalk() -> AsyncIterator[Simulator]:
    async with simulated_dingtalk() as simulator:
        yield simulator


@pytest.fixture
def dingtalk(running_dingtalk: Simulator) -> Simulator:
    """As new: nothing of an earlier test is left."""
    running_dingtalk.reset()
    populate(running_dingtalk)
    return running_dingtalk
