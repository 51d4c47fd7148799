"""A simulator and a robot for each test."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import msgspec
import pytest

from dingtalk_simulator.server import running_simulator
from dingtalk_simulator.simulator import Simulator, SimulatorSettings
from dingtalk_simulator.switches import Switches
from tests.simulator.integration.robot import Robot, serving_robot

SECRET = "client-secret-for-test"


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls DingTalk as the robot, and the control API."""

    client: httpx.AsyncClient
    simulator: Simulator

    async def token(self) -> str:
        keys = {"appKey": self.simulator.robot.client_id, "appSecret": SECRET}
        answer = await self.client.post("/v1.0/oauth2/accessToken", json=keys)
        return str(answer.json()["accessToken"])

    async def call(
        self, method: str, path: str, body: object, *, token: str | None = None
    ) -> httpx.Response:
        """A call of the OpenAPI with a token."""
        headers = {"x-acs-dingtalk-access-token": token or await self.token()}
        return await self.client.request(method, path, json=body, headers=headers)

    async def control(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = {"content-type": "application/json"}
        content = b"" if body is None else msgspec.json.encode(body)
        url = f"/_simulator{path}"
        return await self.client.request(method, url, headers=headers, content=content)


@pytest.fixture
async def robot() -> AsyncIterator[Robot]:
    async with serving_robot() as served:
        yield served


@pytest.fixture
async def simulator(robot: Robot) -> AsyncIterator[Simulator]:
    settings = SimulatorSettings(
        target=robot.url, secret=SECRET, switches=Switches(callback_time_limit=5.0)
    )
    async with running_simulator(settings) as running:
        yield running


@pytest.fixture
async def caller(simulator: Simulator) -> AsyncIterator[Caller]:
    async with httpx.AsyncClient(base_url=simulator.origin, trust_env=False) as client:
        yield Caller(client, simulator)
