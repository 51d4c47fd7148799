"""Connections that end, in every way they can: another one is there soon, and not too soon."""

import asyncio
import logging
from dataclasses import replace

import pytest

from application.ports import Acceptance, Arrival
from dingtalk_simulator.gateway.options import Opening, StreamFaults
from entrypoints.web.server import listening_socket
from tests.fakes.doorstep import InMemoryDoorstep
from tests.integration.dingtalk.stream.relay import relaying
from tests.integration.dingtalk.stream.robot import (
    Robot,
    connected,
    facts_of,
    less_patient,
    running,
    seconds,
    up,
)
from tests.simulator.integration.gateway.standalone import (
    CLIENT_ID,
    FAST_REDELIVERY,
    FAST_TIMINGS,
    SimulatedGateway,
    serving,
    until,
)

pytestmark = pytest.mark.anyio


class SlowDoorstep(InMemoryDoorstep):
    async def accept(self, arrival: Arrival) -> Acceptance:
        await asyncio.sleep(0.1)
        return await super().accept(arrival)


NOT_TRIED = {"", "not connected yet"}


def reasons_in(caplog: pytest.LogCaptureFixture) -> list[object]:
    ends = [one for one in caplog.records if one.getMessage() == "stream_connection_ends"]
    return [facts_of(one, "reason")[0] for one in ends]


async def test_rotations_under_load_lose_nothing() -> None:
    robot = Robot()
    names = [f"msg{number:03}" for number in range(150)]

    async def speak() -> list[object]:
        deliveries = []
        for name in names:
            deliveries.append(asyncio.create_task(robot.hear(name)))
            await asyncio.sleep(0.005)
        return [one.acknowledgement for one in await asyncio.gather(*deliveries)]

    async with connected(robot):
        speaking = asyncio.create_task(speak())
        for _ in range(4):
            await asyncio.sleep(0.15)
            robot.played.gateway.rotate(CLIENT_ID)
        acknowledgements = await speaking

    assert None not in acknowledgements
    assert sorted(robot.ids) == names
    assert robot.doorstep.knocks == len(names)


async def test_what_is_being_stored_when_a_connection_rotates_is_acknowledged_on_it() -> None:
    robot = Robot(doorstep=SlowDoorstep())

    async with connected(robot):
        delivering = asyncio.create_task(robot.hear("msg1"))
        await asyncio.sleep(0.03)
        robot.played.gateway.rotate(CLIENT_ID)
        await robot.played.connected()
        delivery = await delivering

    assert delivery.acknowledgement is not None
    assert delivery.attempts == 1


async def test_the_next_connection_is_there_before_a_rotated_one_ends() -> None:
    robot = Robot(played=SimulatedGateway(timings=FAST_TIMINGS))

    async with connected(robot) as streams:
        (first,) = robot.played.gateway.connections(CLIENT_ID)
        robot.played.gateway.rotate(CLIENT_ID)
        await robot.played.connected()
        both = robot.played.gateway.open_connections(CLIENT_ID)
        ready = streams.reasons()
        await until(lambda: robot.played.gateway.open_connections(CLIENT_ID) == 1)

        assert both == 2
        assert ready == ()
        assert robot.played.gateway.connections(CLIENT_ID) != (first,)


async def test_a_rotated_connection_that_the_other_end_forgets_is_closed() -> None:
    timings = type(FAST_TIMINGS)(close_after=seconds(60))
    robot = Robot(
        played=SimulatedGateway(timings=timings), timings=less_patient(linger=seconds(0.1))
    )

    async with connected(robot):
        robot.played.gateway.rotate(CLIENT_ID)
        await robot.played.connected()
        await until(lambda: robot.played.gateway.open_connections(CLIENT_ID) == 1)


@pytest.mark.parametrize("closing", ["drop", "cut"])
async def test_a_connection_that_ends_is_replaced(
    closing: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    robot = Robot()

    async with serving(robot.played), relaying(robot.played.port) as relay:
        robot.api_url = relay.url
        async with running(robot) as streams:
            await up(streams)
            if closing == "cut":
                relay.cut()
            else:
                robot.played.gateway.drop(CLIENT_ID)
            await until(lambda: len(relay.tickets()) == 2)
            delivery = await robot.hear("msg1")

    assert delivery.acknowledgement is not None
    assert str(reasons_in(caplog)[0]).startswith("the connection ended")


async def test_a_connection_that_says_nothing_any_more_is_replaced(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    robot = Robot(
        played=SimulatedGateway(timings=replace(FAST_REDELIVERY, attempts=20)),
        timings=less_patient(silence=seconds(0.3)),
    )

    async with connected(robot):
        (zombie,) = robot.played.gateway.connections(CLIENT_ID)
        robot.played.switches = StreamFaults(is_silent=True)
        delivering = asyncio.create_task(robot.hear("msg1"))
        await until(lambda: zombie not in robot.played.gateway.connections(CLIENT_ID))
        robot.played.switches = StreamFaults()
        delivery = await delivering

    assert delivery.acknowledgement is not None
    assert reasons_in(caplog)[0] == "nothing was heard for too long"


async def test_a_gateway_that_never_pings_costs_a_new_connection_now_and_then_and_no_more() -> None:
    never_pinging = replace(FAST_TIMINGS, ping_every=seconds(60))
    minute = seconds(60)
    timings = less_patient(silence=seconds(0.2), first_pause=minute, longest_pause=minute)
    robot = Robot(played=SimulatedGateway(timings=never_pinging), timings=timings)

    async with connected(robot) as streams:
        (first,) = robot.played.gateway.connections(CLIENT_ID)
        await until(lambda: first not in robot.played.gateway.connections(CLIENT_ID))
        await up(streams)


async def test_a_quiet_connection_that_is_pinged_is_left_alone() -> None:
    robot = Robot(timings=less_patient(silence=seconds(0.3)))

    async with connected(robot):
        before = robot.played.gateway.connections(CLIENT_ID)
        await asyncio.sleep(0.6)

        assert robot.played.gateway.connections(CLIENT_ID) == before


async def test_a_line_that_goes_dead_is_noticed_by_the_websockets_own_pings(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    quick = less_patient(ping_interval=seconds(0.1), ping_patience=seconds(0.1))
    robot = Robot(timings=quick)

    async with serving(robot.played), relaying(robot.played.port) as relay:
        robot.api_url = relay.url
        async with running(robot) as streams:
            await up(streams)
            relay.freeze()
            await until(lambda: len(relay.tickets()) == 2)

    assert reasons_in(caplog)[0] == "the connection ended (1011)"


@pytest.mark.parametrize("opening", [one for one in Opening if one is not Opening.WORKS])
async def test_a_gateway_that_recovers_is_found(opening: Opening) -> None:
    robot = Robot()
    robot.played.switches = StreamFaults(opening=opening)

    async with serving(robot.played), running(robot) as streams:
        await until(lambda: any(one.fact not in NOT_TRIED for one in streams.standings()))
        (why,) = streams.reasons()
        robot.played.switches = StreamFaults()
        await robot.played.connected()
        await until(lambda: streams.reasons() == ())

    assert why.startswith(f"robot {CLIENT_ID} has no good connection to DingTalk: ")


@pytest.mark.parametrize(
    "switches", [StreamFaults(refuses_tickets=True), StreamFaults(closes_at_once=True)]
)
async def test_no_ticket_is_used_twice_and_no_failing_gateway_is_stormed(
    switches: StreamFaults,
) -> None:
    timings = less_patient(first_pause=seconds(0.1), longest_pause=seconds(0.2))
    robot = Robot(timings=timings)
    robot.played.switches = switches

    async with serving(robot.played), relaying(robot.played.port) as relay:
        robot.api_url = relay.url
        async with running(robot):
            await asyncio.sleep(0.6)
            used, opened = relay.tickets(), relay.openings()

    assert len(used) == len(set(used))
    assert 2 <= opened <= 8


async def test_an_address_where_nobody_listens_is_tried_again_with_pauses() -> None:
    with listening_socket("127.0.0.1", 0) as nobody:
        robot = Robot(played=SimulatedGateway(port=nobody.getsockname()[1]))

    async with running(robot) as streams:
        await until(lambda: "no answer" in "".join(streams.reasons()))
        async with serving(robot.played):
            await robot.played.connected()


async def test_the_same_trouble_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    robot = Robot()
    robot.played.switches = StreamFaults(opening=Opening.UNAVAILABLE)

    async with serving(robot.played), running(robot):
        await asyncio.sleep(0.5)
        robot.played.switches = StreamFaults()
        await robot.played.connected()

    said = [one for one in caplog.records if one.getMessage() == "stream_unavailable"]
    assert [facts_of(one, "client_id", "fact") for one in said] == [
        (CLIENT_ID, "HTTP 503, system.busy")
    ]


async def test_two_processes_share_the_messages_of_a_client_id() -> None:
    robot = Robot()
    other = Robot(played=robot.played)

    async with connected(robot), running(other):
        await robot.played.connected(2)
        for number in range(40):
            await robot.hear(f"msg{number}")

    assert len(robot.ids) + len(other.ids) == 40
    assert robot.ids
    assert other.ids
