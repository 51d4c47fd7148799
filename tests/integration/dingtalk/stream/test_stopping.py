"""The end: what is being stored is finished, the rest is left to come again, and it takes no time."""

import asyncio

import pytest

from dingtalk_simulator.gateway.options import Opening, StreamFaults
from tests.integration.dingtalk.stream.relay import relaying
from tests.integration.dingtalk.stream.robot import Robot, connected, less_patient, running, seconds
from tests.integration.dingtalk.stream.test_lines import SlowDoorstep
from tests.simulator.integration.gateway.standalone import (
    CLIENT_ID,
    FAST_REDELIVERY,
    SimulatedGateway,
    serving,
    until,
)

pytestmark = pytest.mark.anyio


class Stopwatch:
    def __init__(self) -> None:
        self._since = asyncio.get_running_loop().time()

    @property
    def seconds(self) -> float:
        return asyncio.get_running_loop().time() - self._since


async def test_what_is_being_stored_is_stored_and_acknowledged() -> None:
    robot = Robot(doorstep=SlowDoorstep())

    async with connected(robot) as streams:
        delivering = asyncio.create_task(robot.hear("msg1"))
        await asyncio.sleep(0.03)
        await streams.stop()
        delivery = await delivering

    assert robot.ids == ["msg1"]
    assert delivery.acknowledgement is not None
    assert delivery.attempts == 1


async def test_nothing_is_taken_any_more_after_the_stop() -> None:
    robot = Robot(played=SimulatedGateway(timings=FAST_REDELIVERY))

    async with connected(robot) as streams:
        await streams.stop()
        delivery = await robot.hear("msg1")

        assert delivery.acknowledgement is None
        assert robot.played.gateway.open_connections(CLIENT_ID) == 0
    assert robot.doorstep.knocks == 0


async def test_a_database_that_hangs_does_not_hold_up_the_end() -> None:
    robot = Robot(storing=seconds(60), timings=less_patient(finishing=seconds(0.1)))
    robot.doorstep.hangs = True

    async with connected(robot) as streams:
        delivering = asyncio.create_task(robot.hear("msg1"))
        await until(lambda: robot.doorstep.knocks == 1)
        watch = Stopwatch()
        await streams.stop()
        took = watch.seconds
        delivering.cancel()

    assert took < 2


@pytest.mark.parametrize(
    "switches",
    [
        StreamFaults(opening=Opening.HANGS),
        StreamFaults(opening=Opening.UNAVAILABLE),
        StreamFaults(opening=Opening.REFUSED),
        StreamFaults(refuses_tickets=True),
    ],
)
async def test_whatever_it_waits_for_it_stops_at_once(switches: StreamFaults) -> None:
    minute = seconds(60)
    timings = less_patient(
        opening=minute, first_pause=minute, longest_pause=minute, refused_pause=minute
    )
    robot = Robot(played=SimulatedGateway(switches=switches), timings=timings)

    async with serving(robot.played), running(robot) as streams:
        await asyncio.sleep(0.1)
        watch = Stopwatch()
        await streams.stop()

        assert watch.seconds < 2


async def test_a_dead_line_does_not_hold_up_the_end() -> None:
    robot = Robot()

    async with serving(robot.played), relaying(robot.played.port) as relay:
        robot.api_url = relay.url
        async with running(robot) as streams:
            await robot.played.connected()
            relay.freeze()
            watch = Stopwatch()
            await streams.stop()

            assert watch.seconds < 2


async def test_a_rotated_connection_that_lingers_does_not_hold_up_the_end() -> None:
    robot = Robot(timings=less_patient(linger=seconds(60)))

    async with connected(robot) as streams:
        robot.played.gateway.rotate(CLIENT_ID)
        await robot.played.connected()
        watch = Stopwatch()
        await streams.stop()

        assert watch.seconds < 2


async def test_nothing_is_left_running() -> None:
    robot = Robot()
    async with serving(robot.played):
        before = len(asyncio.all_tasks())

        async with running(robot):
            await robot.played.connected()
            await robot.hear()
            robot.played.gateway.rotate(CLIENT_ID)
            await robot.played.connected()

        await until(lambda: len(asyncio.all_tasks()) <= before)


async def test_being_cancelled_is_a_stop_as_well() -> None:
    robot = Robot()

    async with serving(robot.played), running(robot) as streams:
        await robot.played.connected()
        other = asyncio.create_task(streams.run())
        await asyncio.sleep(0.05)
        other.cancel()
        await asyncio.wait({other})

        await robot.played.connected(0)
