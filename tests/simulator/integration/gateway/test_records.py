"""The frames of stream robots are recorded as calls, without secrets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dingtalk_simulator.entities import ReceiveMode
from dingtalk_simulator.records import Call, Delivery
from dingtalk_simulator.server import running_simulator
from dingtalk_simulator.simulator import Simulator, SimulatorSettings
from dingtalk_simulator.state import Bounds
from dingtalk_simulator.switches import Switches
from tests.simulator.integration.gateway.raw_client import (
    CLIENT_ID,
    MESSAGES,
    acknowledge,
    joined,
    opening,
)
from tests.simulator.integration.gateway.standalone import until

pytestmark = pytest.mark.anyio

SECRET = "client-secret-for-test"
IMPATIENT = Switches(stream_redelivery_pause=0.2, stream_attempts=2, stream_ping_interval=0.0)


@asynccontextmanager
async def simulating(
    switches: Switches = IMPATIENT, bounds: Bounds | None = None
) -> AsyncIterator[Simulator]:
    settings = SimulatorSettings(
        secret=SECRET, mode=ReceiveMode.STREAM, switches=switches, bounds=bounds or Bounds()
    )
    async with running_simulator(settings) as simulator:
        yield simulator


def call_of(simulator: Simulator, endpoint: str) -> Call:
    return simulator.calls(endpoint)[-1]


async def test_the_request_for_a_ticket_is_recorded_without_secret_and_ticket() -> None:
    async with simulating() as simulator:
        told = (await opening(simulator, SECRET)).json()
        refused = await opening(simulator, "a-secret-of-another-app")

    first, second = simulator.calls("gatewayOpen")
    assert (first.path, first.status, first.robot) == (
        "/v1.0/gateway/connections/open",
        200,
        CLIENT_ID,
    )
    assert json.loads(first.request_body)["clientSecret"] == "***"
    assert json.loads(first.answer_body) == {"endpoint": told["endpoint"], "ticket": "***"}
    assert (second.status, second.code) == (refused.status_code, "invalidClientIdOrSecret")
    kept = msgspec.json.encode([first, second]).decode()
    assert not [one for one in (SECRET, told["ticket"], "another-app") if one in kept]


async def test_a_ticket_request_without_json_is_recorded_by_its_size() -> None:
    async with simulating() as simulator, httpx.AsyncClient(trust_env=False) as client:
        url = f"{simulator.origin}/v1.0/gateway/connections/open"
        await client.post(url, content=b'{"clientSecret": "half-a-secret')

    assert call_of(simulator, "gatewayOpen").request_body == "(31 bytes)"


async def test_a_message_is_recorded_with_its_frame_and_acknowledgement() -> None:
    async with simulating() as simulator, joined(simulator, SECRET) as socket:
        saying = asyncio.create_task(simulator.send("你好"))
        frame = await socket.recv()
        (sent,) = simulator.calls("stream")
        before = (sent.status, sent.error)
        await asyncio.sleep(0.05)
        await acknowledge(socket, frame)
        message = await saying

    assert before == (None, "")
    assert message.frames == [sent]
    assert json.loads(sent.request_body) == json.loads(frame)
    assert json.loads(json.loads(sent.request_body)["data"])["text"] == {"content": "你好"}
    assert sent.request_headers["topic"] == sent.path == MESSAGES
    assert sent.connection == sent.request_headers["connectionId"]
    assert (sent.status, json.loads(sent.answer_body)["message"]) == (200, "OK")
    assert sent.answer_headers == {"messageId": sent.request_headers["messageId"]}
    assert 50 <= sent.latency_ms < 5000
    assert message.delivery is Delivery.ACKNOWLEDGED
    assert simulator.state.billing.bill().by_endpoint == {"stream": 1}


async def test_a_frame_emits_events_when_sent_and_when_acknowledged() -> None:
    async with simulating() as simulator, joined(simulator, SECRET) as socket:
        cursor = simulator.state.events.cursor
        saying = asyncio.create_task(simulator.send("你好"))
        await acknowledge(socket, await socket.recv())
        await saying
        events = simulator.state.events.after(cursor)

    told = [json.loads(one.data) for one in events if one.kind == "call"]
    assert [(one["endpoint"], one["status"]) for one in told] == [("stream", None), ("stream", 200)]
    assert told[0]["id"] == told[1]["id"]


async def test_each_attempt_is_recorded_and_gets_its_late_acknowledgement() -> None:
    async with simulating() as simulator, joined(simulator, SECRET) as socket:
        message = await simulator.send("你好")
        first = await socket.recv()
        await acknowledge(socket, first, code=500)
        await until(lambda: simulator.calls("stream")[0].status is not None)

    one, other = simulator.calls("stream")
    assert message.delivery is Delivery.TIMED_OUT
    assert message.frames == [one, other]
    assert one.request_headers["messageId"] != other.request_headers["messageId"]
    assert (one.status, one.error, other.status, other.error) == (
        500,
        "timed_out",
        None,
        "timed_out",
    )


async def test_a_message_that_is_sent_twice_is_acknowledged_with_the_first_answer() -> None:
    async with simulating() as simulator, joined(simulator, SECRET) as socket:
        simulator.switch(stream_sends_twice=True)
        saying = asyncio.create_task(simulator.send("你好"))
        frames = [await socket.recv(), await socket.recv()]
        await acknowledge(socket, frames[0])
        message = await saying
        at_once = message.delivery
        await acknowledge(socket, frames[1])
        await until(lambda: simulator.calls("stream")[1].status is not None)

    one, other = simulator.calls("stream")
    assert frames[0] == frames[1]
    assert at_once is message.delivery is Delivery.ACKNOWLEDGED
    assert (one.status, one.error, other.status, other.error) == (200, "", 200, "")


async def test_a_message_that_is_sent_twice_and_never_acknowledged_timed_out() -> None:
    async with simulating() as simulator, joined(simulator, SECRET):
        simulator.switch(stream_sends_twice=True)
        message = await simulator.send("你好")

    assert message.delivery is Delivery.TIMED_OUT


@pytest.mark.parametrize(
    "rest",
    [
        '"headers":{"messageId":ID,"contentType":"application/json"},"message":"OK","data":"{\\"response\\":null}"',
        '"headers":{"contentType":"application/json","messageId":ID},"message":"ok","data":""',
        '"headers":{"messageId":ID,"time":null},"message":null,"data":null',
        '"headers":{"messageId":ID}',
        '"headers":{"messageId":ID},"message":"","data":{"response":null}',
    ],
    ids=["documented", "Go", "nulls", "short", "an object"],
)
async def test_acknowledgements_of_every_sdk_count(rest: str) -> None:
    async with simulating() as simulator, joined(simulator, SECRET) as socket:
        saying = asyncio.create_task(simulator.send("你好"))
        headers = json.loads(await socket.recv())["headers"]
        await socket.send(f'{{"code":200,{rest.replace("ID", json.dumps(headers["messageId"]))}}}')
        message = await saying

    assert message.delivery is Delivery.ACKNOWLEDGED


async def test_a_connection_is_cut_without_a_close_frame() -> None:
    async with simulating() as simulator, joined(simulator, SECRET) as socket:
        assert simulator.stream is not None
        assert simulator.stream.drop(CLIENT_ID) == 1
        with pytest.raises(ConnectionClosed) as ended:
            async with asyncio.timeout(5):
                await socket.recv()
        await until(lambda: bool(simulator.calls("streamEnd")))

    assert ended.value.rcvd is None
    assert call_of(simulator, "streamEnd").code == "1006"


ENDPOINTS = [
    ("", {}, "ws://HERE/connect"),
    ("", {"x-forwarded-proto": "https"}, "wss://HERE/connect"),
    ("", {"x-forwarded-proto": "https, http"}, "wss://HERE/connect"),
    ("", {"x-forwarded-proto": "http"}, "ws://HERE/connect"),
    ("", {"forwarded": 'for=10.0.0.1;proto="https";by=10.0.0.2'}, "wss://HERE/connect"),
    (
        "",
        {"host": "dev.example:8443", "x-forwarded-proto": "https"},
        "wss://dev.example:8443/connect",
    ),
    ("https://dev.example", {}, "wss://dev.example/connect"),
    ("https://dev.example/ding", {"host": "10.0.0.2"}, "wss://dev.example/ding/connect"),
    ("http://dev.example:8091", {"x-forwarded-proto": "https"}, "ws://dev.example:8091/connect"),
]


@pytest.mark.parametrize(("origin", "headers", "endpoint"), ENDPOINTS)
async def test_robots_get_an_address_where_they_can_connect(
    origin: str, headers: dict[str, str], endpoint: str
) -> None:
    settings = SimulatorSettings(secret=SECRET, mode=ReceiveMode.STREAM, origin=origin)
    async with running_simulator(settings) as simulator:
        told = (await opening(simulator, SECRET, headers)).json()
        here = simulator.origin.removeprefix("http://")

    assert told["endpoint"] == endpoint.replace("HERE", here)


async def test_a_push_without_connections_is_unreachable_and_free() -> None:
    async with simulating() as simulator:
        simulator.switch(stream_loses_offline=True)
        message = await simulator.send("你好")

    assert message.delivery is Delivery.UNREACHABLE
    assert [one.error for one in message.frames] == ["unreachable"]
    assert simulator.state.billing.bill().webhook_and_stream == 0


async def test_pings_and_unsolicited_frames_are_recorded() -> None:
    switches = Switches(stream_ping_interval=0.05)
    async with simulating(switches) as simulator, joined(simulator, SECRET) as socket:
        await acknowledge(socket, await socket.recv())
        await socket.send("hello?")
        await until(lambda: bool(simulator.calls("streamUnasked")))

    ping, stray = simulator.calls("streamPing")[0], call_of(simulator, "streamUnasked")
    assert (ping.direction, ping.status, ping.billed) == ("to_robot", 200, "free")
    assert (stray.direction, stray.request_body) == ("from_robot", "hello?")
    assert stray.connection == ping.connection != ""


async def test_connect_disconnect_and_close_are_recorded() -> None:
    switches = Switches(stream_rotation_silence=0.2, stream_ping_interval=0.0)
    async with simulating(switches) as simulator:
        with pytest.raises(InvalidStatus):
            await connect(f"ws{simulator.origin[4:]}/connect?ticket=made-up", proxy=None)
        async with joined(simulator, SECRET) as socket:
            assert simulator.stream is not None
            cursor = simulator.state.events.cursor
            simulator.stream.rotate(CLIENT_ID)
            async with asyncio.timeout(3):
                await socket.wait_closed()
            await until(lambda: bool(simulator.calls("streamEnd")))
            kinds = {one.kind for one in simulator.state.events.after(cursor)}

    refused, connected = simulator.calls("streamConnect")
    announced, ended = call_of(simulator, "streamDisconnect"), call_of(simulator, "streamEnd")
    assert (refused.status, connected.status, ended.code) == (403, 101, "1001")
    assert connected.query == {"ticket": "***"}
    assert json.loads(json.loads(announced.request_body)["data"]) == {
        "reason": "connection is expired"
    }
    assert connected.connection == announced.connection == ended.connection != ""
    assert "world" in kinds


async def test_a_dead_websocket_is_closed_after_a_ping() -> None:
    switches = Switches(stream_ping_interval=0.05, stream_ping_patience=0.1)
    async with simulating(switches) as simulator, joined(simulator, SECRET) as socket:
        async with asyncio.timeout(3):
            await socket.wait_closed()
        await until(lambda: bool(simulator.calls("streamEnd")))

    assert simulator.calls("streamPing")[0].error == "timed_out"
    assert call_of(simulator, "streamEnd").code == "1011"


async def test_a_changed_ping_interval_takes_effect_at_once() -> None:
    async with simulating(Switches()) as simulator, joined(simulator, SECRET) as socket:
        simulator.switch(stream_ping_interval=0.05)
        async with asyncio.timeout(3):
            assert "ping" in str(await socket.recv())


async def test_a_ticket_lives_as_long_as_the_switch_says() -> None:
    async with simulating(Switches(stream_ticket_life=0.05)) as simulator:
        told = (await opening(simulator, SECRET)).json()
        await asyncio.sleep(0.1)
        with pytest.raises(InvalidStatus):
            await connect(f"{told['endpoint']}?ticket={told['ticket']}", proxy=None)


async def test_frames_count_in_the_bounds_of_calls() -> None:
    switches = Switches(stream_ping_interval=0.01)
    async with (
        simulating(switches, Bounds(calls=5)) as simulator,
        joined(simulator, SECRET) as socket,
    ):
        for _ in range(12):
            await acknowledge(socket, await socket.recv())
        await simulator.send("长" * 40_000, wait=False)
        await until(lambda: bool(simulator.calls("stream")))

    assert len(simulator.calls()) == 5
    assert len(call_of(simulator, "stream").request_body) == 32 * 1024
