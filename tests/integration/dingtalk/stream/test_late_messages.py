"""Messages that come late tell of another process with the same client id, as far as anything does."""

import asyncio
import json
import logging
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from adapters.dingtalk.stream.frames import Frame
from application.inbox.receive_message import ReceiveMessage
from domain.message import RobotId
from entrypoints.streaming.robot_messages import RobotMessages
from tests.fakes.clock import ManualClock
from tests.fakes.doorstep import InMemoryDoorstep
from tests.unit.adapters.dingtalk.inbound.payloads import GROUP_TEXT, Json

pytestmark = pytest.mark.anyio

CREATED = 1753000000123
HOUR = timedelta(hours=1)


@dataclass
class House:
    doorstep: InMemoryDoorstep = field(default_factory=InMemoryDoorstep)

    def __post_init__(self) -> None:
        receive = ReceiveMessage(doorstep=self.doorstep, bell=asyncio.Event())
        self.take = RobotMessages(receive=receive, clock=ManualClock())(RobotId("dingfirst"))


def frame(*, delay: float, up_for: timedelta = HOUR, **changes: Json) -> Frame:
    data = {**GROUP_TEXT, "createAt": CREATED, **changes}
    return Frame(
        kind="CALLBACK",
        topic="",
        message_id="1",
        data=json.dumps(data).encode(),
        sent_at=CREATED + int(delay * 1000),
        up_for=up_for,
    )


async def test_a_new_message_that_was_under_way_for_a_minute_is_noticed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)

    await House().take(frame(delay=61))

    (record,) = caplog.records
    assert record.getMessage() == "stream_message_late"
    assert "dingfirst" in str(vars(record)["reason"])
    assert "61 s" in str(vars(record)["reason"])


@pytest.mark.parametrize(
    "innocent",
    [
        frame(delay=2),
        frame(delay=-5),
        frame(delay=61, up_for=timedelta(seconds=30)),
        frame(delay=61, createAt="1753000000123"),
        frame(delay=61, createAt=-(2**62)),
        frame(delay=61, createAt=2**62),
        frame(delay=61, createAt=None),
    ],
)
async def test_nothing_is_said_of_a_message_that_has_another_reason_or_no_times(
    innocent: Frame, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    reply = await House().take(innocent)

    assert reply is not None
    assert caplog.records == []


async def test_a_message_that_this_process_itself_turned_away_is_no_sign_of_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = House()
    house.doorstep.broken = True
    turned_away = await house.take(frame(delay=0))
    house.doorstep.broken = False

    await house.take(frame(delay=61))

    assert turned_away is None
    assert "stream_message_late" not in caplog.messages


async def test_a_message_that_is_known_is_no_sign_of_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = House()
    await house.take(frame(delay=0))

    await house.take(frame(delay=61))

    assert "stream_message_late" not in caplog.messages
