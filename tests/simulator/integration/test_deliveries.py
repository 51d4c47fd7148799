"""Delivery of messages: time limits, redeliveries, duplicates and inline replies."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from adapters.dingtalk.inbound.signature import is_fresh, matches
from dingtalk_simulator.records import Delivery
from dingtalk_simulator.simulator import Simulator
from tests.simulator.integration.conftest import SECRET
from tests.simulator.integration.robot import Robot

pytestmark = pytest.mark.anyio

INLINE = '{"msgtype":"text","text":{"content":"马上"}}'.encode()


async def _posted(robot: Robot, count: int) -> None:
    async with asyncio.timeout(5):
        while len(robot.posted) < count:  # noqa: ASYNC110 - the robot only keeps a list
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("status", "delivery"),
    [
        (200, Delivery.ACKNOWLEDGED),
        (204, Delivery.ACKNOWLEDGED),
        (302, Delivery.REFUSED),
        (401, Delivery.REFUSED),
        (500, Delivery.REFUSED),
    ],
)
async def test_the_status_decides_about_the_acknowledgement(
    simulator: Simulator, robot: Robot, status: int, delivery: Delivery
) -> None:
    robot.answers.append((status, b"", 0.0))

    message = await simulator.send("你好")

    assert message.delivery is delivery
    assert len(robot.posted) == 1


async def test_a_slow_robot_times_out(simulator: Simulator, robot: Robot) -> None:
    simulator.switch(callback_time_limit=0.05)
    robot.answers.append((200, b"", 1.0))

    message = await simulator.send("你好")

    assert message.delivery is Delivery.TIMED_OUT
    assert (message.frames[0].status, message.frames[0].error) == (None, "timed_out")


async def test_an_unreachable_robot_is_recorded(simulator: Simulator) -> None:
    gone = msgspec.structs.replace(simulator.robot, target="http://127.0.0.1:9/")
    simulator.state.robots.put(gone.id, gone)

    message = await simulator.send("你好")

    assert message.delivery is Delivery.UNREACHABLE


async def test_a_refused_message_is_redelivered_with_the_same_id(
    simulator: Simulator, robot: Robot
) -> None:
    simulator.switch(callback_redeliveries=2, callback_redelivery_pause=0.01)
    robot.answers.extend([(503, b"", 0.0), (503, b"", 0.0)])

    message = await simulator.send("你好")
    await _posted(robot, 3)
    await asyncio.sleep(0.1)

    assert [one.body["msgId"] for one in robot.posted] == [message.id] * 3
    assert message.delivery is Delivery.ACKNOWLEDGED


async def test_redelivery_after_a_refusal_can_be_disabled(
    simulator: Simulator, robot: Robot
) -> None:
    simulator.switch(
        callback_redeliveries=2, callback_redelivery_pause=0.01, redeliver_after_refusal=False
    )
    robot.answers.append((503, b"", 0.0))

    await simulator.send("你好")
    await asyncio.sleep(0.1)

    assert len(robot.posted) == 1


async def test_duplicates_are_sent_at_the_same_time(simulator: Simulator, robot: Robot) -> None:
    simulator.fail("callback", "duplicate", copies=2)

    message = await simulator.send("你好")
    await simulator.send("再来")

    assert [one.body["msgId"] for one in robot.posted][:3] == [message.id] * 3
    assert len(robot.posted) == 4


async def test_a_bad_signature_does_not_match(simulator: Simulator, robot: Robot) -> None:
    simulator.fail("callback", "bad_signature")

    await simulator.send("你好")

    headers = robot.posted[0].headers
    assert not matches(headers["timestamp"], headers["sign"], SECRET)


async def test_a_stale_signature_matches_and_is_too_old(simulator: Simulator, robot: Robot) -> None:
    simulator.fail("callback", "stale_signature")

    await simulator.send("你好")

    headers = robot.posted[0].headers
    assert matches(headers["timestamp"], headers["sign"], SECRET)
    now, tolerance = datetime.now(UTC), timedelta(hours=1)
    assert not is_fresh(headers["timestamp"], now=now, tolerance=tolerance)


async def test_an_inline_reply_is_posted_to_the_chat(simulator: Simulator, robot: Robot) -> None:
    robot.answers.append((200, INLINE, 0.0))

    message = await simulator.send("你好")

    (reply,) = simulator.replies_after(message)
    assert (reply.text, reply.via, reply.answers) == ("马上", "inline", message.id)


@pytest.mark.parametrize("said", [b'{"msgtype":"empty"}', b"{}", b"", b"<html>", b'{"errcode":0}'])
async def test_other_responses_post_nothing(
    simulator: Simulator, robot: Robot, said: bytes
) -> None:
    robot.answers.append((200, said, 0.0))

    message = await simulator.send("你好")

    assert message.delivery is Delivery.ACKNOWLEDGED
    assert simulator.replies_after(message) == []


async def test_inline_replies_can_be_disabled(simulator: Simulator, robot: Robot) -> None:
    simulator.switch(inline_replies_count=False)
    robot.answers.append((200, INLINE, 0.0))

    message = await simulator.send("你好")

    assert simulator.replies_after(message) == []


async def test_a_message_can_be_sent_without_waiting(simulator: Simulator, robot: Robot) -> None:
    robot.answers.append((200, b"", 0.2))

    message = await simulator.send("你好", wait=False)

    assert message.delivery is Delivery.PENDING
    await _posted(robot, 1)
