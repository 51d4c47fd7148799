"""The bounds of everything that the simulator keeps."""

import pytest

from dingtalk_simulator.endpoints.protocol import ApiRequest
from dingtalk_simulator.endpoints.webhooks import send_by_session
from dingtalk_simulator.entities import ChatKind
from dingtalk_simulator.media import MAX_BYTES, Media
from dingtalk_simulator.records import Call
from dingtalk_simulator.server import running_simulator
from dingtalk_simulator.simulator import SimulatorSettings
from dingtalk_simulator.state import Bounds, State, seed
from dingtalk_simulator.stores import BoundedDict
from tests.simulator.integration.robot import serving_robot

FEW = Bounds(messages=3, calls=4, events=5, cards=2, media=2, sessions=2)
TEXT = b'{"msgtype":"text","text":{"content":"x"}}'


def test_the_oldest_item_is_dropped_for_the_newest() -> None:
    shelf: BoundedDict[int, str] = BoundedDict(2)

    for number in range(5):
        shelf.put(number, str(number))

    assert list(shelf) == ["3", "4"]
    assert 0 not in shelf


def test_sequence_numbers_continue_when_items_are_dropped() -> None:
    state = State(bounds=FEW)

    for _ in range(10):
        state.record(Call(endpoint="sendBySession"))

    assert [call.id for call in state.calls] == [7, 8, 9, 10]
    assert [event.id for event in state.events.after(0)] == [6, 7, 8, 9, 10]


def test_an_old_session_is_dropped() -> None:
    state = State(bounds=FEW)
    seed(state, client_id="ding1", secret="s" * 8, target="")
    chat = next(one for one in state.chats if one.kind is ChatKind.GROUP)
    sessions = [state.sessions.open(chat.id, message=None, life_ms=1000) for _ in range(3)]
    headers = {"content-type": "application/json"}

    codes = [
        send_by_session(
            state, ApiRequest(query={"session": one.id}, headers=headers, body=TEXT)
        ).errcode
        for one in sessions
    ]

    assert codes == [300001, 0, 0]


def test_media_are_bounded_in_number_and_in_bytes() -> None:
    media = Media(lambda: 0, 3)
    large = bytes(MAX_BYTES // 2)

    kept = [
        media.keep(large, file_name=str(number), content_type="image/png") for number in range(4)
    ]

    assert len(media) == 2
    assert [media.find(one.media_id) is not None for one in kept] == [False, False, True, True]


@pytest.mark.anyio
async def test_a_long_conversation_stays_within_the_bounds() -> None:
    async with serving_robot() as robot:
        settings = SimulatorSettings(target=robot.url, bounds=FEW)
        async with running_simulator(settings) as simulator:
            for number in range(12):
                await simulator.send(str(number))

    state = simulator.state
    sizes = [len(state.messages), len(state.bodies), len(state.calls), state.sessions.alive]
    assert sizes == [3, 3, 4, 2]
    assert len(state.events.after(0)) == 5
    assert len(robot.posted) == 12
