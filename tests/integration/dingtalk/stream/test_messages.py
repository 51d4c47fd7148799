"""A message over the websocket: read as over HTTP, stored, acknowledged, in this order."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from adapters.dingtalk.stream.frames import CARD_CALLBACKS, Frame, Reply
from application.ports import Acceptance, Arrival
from dingtalk_simulator.gateway.options import StreamFaults
from domain.message import RobotId
from tests.fakes.doorstep import InMemoryDoorstep
from tests.integration.dingtalk.stream.robot import (
    Robot,
    connected,
    less_patient,
    robots_of,
    seconds,
)
from tests.simulator.integration.gateway.standalone import (
    CLIENT_ID,
    FAST_REDELIVERY,
    SimulatedGateway,
    until,
)

pytestmark = pytest.mark.anyio


class WatchedDoorstep(InMemoryDoorstep):
    """Asks something at the moment of the commit."""

    def __init__(self, look: Callable[[], None]) -> None:
        super().__init__()
        self.look = look

    async def accept(self, arrival: Arrival) -> Acceptance:
        await asyncio.sleep(0.05)
        acceptance = await super().accept(arrival)
        self.look()
        return acceptance


def stamp(age: timedelta) -> int:
    return int((datetime.now(tz=UTC) - age).timestamp() * 1000)


def said_of_messages(robot: Robot) -> list[str]:
    """The acknowledgements of messages, without those of pings."""
    return [text for text in robot.played.said() if "opaque" not in text]


async def test_a_message_is_stored_as_that_of_the_connections_robot_and_acknowledged() -> None:
    robot = Robot()

    async with connected(robot):
        delivery = await robot.hear("msg1", robotCode="dingsomebodyelse")

    (arrival,) = robot.doorstep.arrivals
    assert delivery.acknowledgement is not None
    assert delivery.acknowledgement.code == 200
    assert delivery.attempts == 1
    assert arrival.message.robot == RobotId(CLIENT_ID)
    assert arrival.message.authentic
    assert arrival.signed_at is None
    assert robot.bell.is_set()


async def test_nothing_is_acknowledged_before_it_is_stored() -> None:
    robot = Robot()
    said_at_commit: list[list[str]] = []
    robot.doorstep = WatchedDoorstep(lambda: said_at_commit.append(said_of_messages(robot)))

    async with connected(robot):
        delivery = await robot.hear()

    assert said_at_commit == [[]]
    assert delivery.acknowledgement is not None
    assert len(said_of_messages(robot)) == 1


async def test_what_cannot_be_stored_is_not_acknowledged_and_comes_again() -> None:
    robot = Robot(played=SimulatedGateway(timings=FAST_REDELIVERY))
    robot.doorstep.broken = True

    async with connected(robot):
        delivering = asyncio.create_task(robot.hear("msg1"))
        await until(lambda: robot.doorstep.knocks == 1)
        assert said_of_messages(robot) == []
        robot.doorstep.broken = False
        delivery = await delivering

    assert delivery.acknowledgement is not None
    assert delivery.attempts == 2
    assert robot.ids == ["msg1"]


async def test_a_database_that_hangs_is_waited_for_only_so_long(
    caplog: pytest.LogCaptureFixture,
) -> None:
    robot = Robot(played=SimulatedGateway(timings=FAST_REDELIVERY), storing=seconds(0.05))
    robot.doorstep.hangs = True

    async with connected(robot):
        delivering = asyncio.create_task(robot.hear("msg1"))
        await until(lambda: robot.doorstep.knocks == 1)
        robot.doorstep.hangs = False
        delivery = await delivering
        await until(lambda: "message_not_stored" in caplog.messages)

    assert delivery.attempts == 2
    assert robot.ids == ["msg1"]


async def test_one_message_that_hangs_holds_up_no_other() -> None:
    robot = Robot(storing=seconds(2), timings=less_patient(finishing=seconds(0.1)))
    robot.doorstep.hangs = True

    async with connected(robot):
        hanging = asyncio.create_task(robot.hear("msg1"))
        await until(lambda: robot.doorstep.knocks == 1)
        robot.doorstep.hangs = False
        delivery = await robot.hear("msg2")
        hanging.cancel()

    assert delivery.attempts == 1


async def test_a_frame_that_comes_twice_is_stored_once_and_acknowledged_twice() -> None:
    robot = Robot()
    robot.played.switches = StreamFaults(sends_twice=True)

    async with connected(robot):
        await robot.hear("msg1")
        await until(lambda: len(said_of_messages(robot)) == 2)

    assert robot.ids == ["msg1"]


async def test_a_message_whose_acknowledgement_got_lost_is_stored_once() -> None:
    robot = Robot(played=SimulatedGateway(timings=FAST_REDELIVERY))
    robot.played.switches = StreamFaults(ignores_acknowledgements=True)

    async with connected(robot):
        delivery = await robot.hear("msg1")

    assert delivery.acknowledgement is None
    assert robot.doorstep.knocks == 3
    assert robot.ids == ["msg1"]


async def test_messages_are_stored_in_the_order_in_which_they_came() -> None:
    robot = Robot()
    names = [f"msg{number:03}" for number in range(300)]

    async with connected(robot):
        await asyncio.gather(*(robot.hear(name) for name in names))

    assert robot.ids == names


async def test_a_message_that_is_none_is_declined_and_the_next_one_is_taken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    robot = Robot()

    async with connected(robot):
        declined = await robot.hear(conversationId="")
        taken = await robot.hear("msg2")

    assert declined.acknowledgement is not None
    assert declined.acknowledgement.code == 400
    assert taken.acknowledgement is not None
    assert robot.ids == ["msg2"]
    assert "bad_callback" in caplog.messages


async def test_another_topic_is_another_handlers_and_its_answer_is_what_the_handler_says() -> None:
    buttons: list[object] = []

    def card_buttons(robot: RobotId) -> Callable[[Frame], Awaitable[Reply | None]]:
        async def press(frame: Frame) -> Reply | None:
            buttons.append((robot, json.loads(frame.data)))
            return Reply(data='{"response": {"cardData": {}}}')

        return press

    robot = Robot(more_topics={CARD_CALLBACKS: card_buttons})

    async with connected(robot):
        delivery = await robot.played.gateway.deliver(
            CLIENT_ID, CARD_CALLBACKS, {"outTrackId": "1"}
        )

    assert buttons == [(CLIENT_ID, {"outTrackId": "1"})]
    assert delivery.acknowledgement is not None
    assert delivery.acknowledgement.response == {"cardData": {}}


async def test_a_handler_that_breaks_takes_nothing_with_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_: RobotId) -> Callable[[Frame], Awaitable[Reply | None]]:
        async def handle(_: Frame) -> Reply | None:
            raise RuntimeError

        return handle

    robot = Robot(
        played=SimulatedGateway(timings=FAST_REDELIVERY), more_topics={CARD_CALLBACKS: broken}
    )

    async with connected(robot):
        lost = await robot.played.gateway.deliver(CLIENT_ID, CARD_CALLBACKS, {})
        taken = await robot.hear("msg1")

    assert lost.acknowledgement is None
    assert taken.acknowledgement is not None
    assert "stream_frame_broke_the_program" in caplog.messages


@pytest.mark.parametrize("age", [timedelta(), timedelta(seconds=90)])
async def test_a_young_connection_explains_why_a_message_comes_late(
    age: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    robot = Robot()

    async with connected(robot):
        await robot.hear(createAt=stamp(age))

    assert "stream_message_late" not in caplog.messages


async def test_several_robots_have_a_connection_each() -> None:
    robot = Robot()
    robot.credentials.append(type(robot.credentials[0])(client_id="dingsecond", client_secret="no"))
    robot.played.secrets["dingsecond"] = "no"

    async with connected(robot) as streams:
        await robot.played.connected(1, "dingsecond")
        await robot.hear()
        standings = streams.standings()

    assert [one.client_id for one in standings] == [CLIENT_ID, "dingsecond"]
    assert all(one.connected_since for one in standings)
    assert robots_of(robot) == {RobotId(CLIENT_ID)}


async def test_the_log_has_neither_words_nor_tickets(caplog: pytest.LogCaptureFixture) -> None:
    robot = Robot()
    ours = ("adapters", "application", "entrypoints", "websockets")

    with caplog.at_level(logging.DEBUG):
        async with connected(robot):
            await robot.hear(text={"content": "a-secret-word"})

    lines = [
        f"{one.getMessage()} {vars(one)}" for one in caplog.records if one.name.startswith(ours)
    ]
    assert lines
    assert not [line for line in lines if "a-secret-word" in line or "ticket" in line]
