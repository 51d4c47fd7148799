"""Frames that are none, too large, or of no topic: none of them ends the connection of the others."""

import json

import pytest

from dingtalk_simulator.gateway.options import StreamFaults
from tests.integration.dingtalk.stream.robot import Robot, connected
from tests.simulator.integration.gateway.standalone import (
    CLIENT_ID,
    FAST_REDELIVERY,
    SimulatedGateway,
    until,
)

pytestmark = pytest.mark.anyio

MEBIBYTE = 1024 * 1024


async def test_garbage_costs_nothing_but_itself(caplog: pytest.LogCaptureFixture) -> None:
    robot = Robot()
    robot.played.switches = StreamFaults(garbles=True)

    async with connected(robot):
        before = robot.played.gateway.connections(CLIENT_ID)
        delivery = await robot.hear("msg1")

        assert robot.played.gateway.connections(CLIENT_ID) == before

    assert delivery.acknowledgement is not None
    assert robot.ids == ["msg1"]
    assert caplog.messages.count("stream_frame_unreadable") == 1
    codes = [json.loads(text)["code"] for text in robot.played.said() if "opaque" not in text]
    assert codes == [404, 200]


async def test_a_message_larger_than_any_of_dingtalk_is_declined() -> None:
    robot = Robot()

    async with connected(robot):
        before = robot.played.gateway.connections(CLIENT_ID)
        declined = await robot.hear(text={"content": "大" * (MEBIBYTE // 3)})
        taken = await robot.hear("msg2")

        assert robot.played.gateway.connections(CLIENT_ID) == before

    assert declined.acknowledgement is not None
    assert declined.acknowledgement.code == 400
    assert taken.acknowledgement is not None
    assert robot.ids == ["msg2"]


async def test_a_frame_larger_than_memory_allows_ends_only_its_own_connection() -> None:
    robot = Robot(played=SimulatedGateway(timings=FAST_REDELIVERY))

    async with connected(robot):
        (before,) = robot.played.gateway.connections(CLIENT_ID)
        await robot.hear(text={"content": "x" * 9 * MEBIBYTE})
        await until(lambda: before not in robot.played.gateway.connections(CLIENT_ID))
        taken = await robot.hear("msg2")

    assert taken.acknowledgement is not None
    assert robot.ids == ["msg2"]


async def test_pings_are_answered_with_what_they_said() -> None:
    robot = Robot()

    async with connected(robot):
        await until(lambda: len(robot.played.said()) >= 2)

    sent = [json.loads(one.text) for one in robot.played.frames if one.sent]
    said = [json.loads(text) for text in robot.played.said()]
    pings = {one["headers"]["messageId"]: one["data"] for one in sent}
    assert all(pings[one["headers"]["messageId"]] == one["data"] for one in said)
    assert {one["code"] for one in said} == {200}
