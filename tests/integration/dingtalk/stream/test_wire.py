"""What the websocket itself may bring and where it may lead: bytes, redirects, proxies, certificates."""

import asyncio
import json
import ssl
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from adapters.clock import SystemClock
from adapters.dingtalk.outbound.http_client import dingtalk_client
from adapters.dingtalk.stream.timings import TIMINGS
from entrypoints.streaming.streams import reached_through
from tests.integration.dingtalk.stream.raw_gateway import raw_gateway
from tests.integration.dingtalk.stream.robot import Robot, less_patient, running, seconds
from tests.simulator.integration.gateway.standalone import until
from tests.unit.adapters.dingtalk.inbound.payloads import GROUP_TEXT

pytestmark = pytest.mark.anyio

TLS = Path(__file__).parents[2] / "models" / "tls"
HEADERS = {"topic": "/v1.0/im/bot/messages/get", "messageId": "frame1", "time": "1753000000456"}
MESSAGE = {"type": "CALLBACK", "headers": HEADERS, "data": json.dumps(GROUP_TEXT)}


async def say_nothing(_: ServerConnection) -> None:
    """Only listen."""


async def say_message(connection: ServerConnection) -> None:
    await connection.send(json.dumps(MESSAGE))


async def test_bytes_that_are_no_text_cost_nothing() -> None:
    robot = Robot()

    async def talk(connection: ServerConnection) -> None:
        await connection.send(b"\xff\xfe\x00")
        await connection.send(b"\xff\xfe\x00", text=True)
        await connection.send("")
        await say_message(connection)

    async with raw_gateway(talk) as gateway:
        robot.api_url = gateway.url
        async with running(robot):
            await until(lambda: len(gateway.heard) == 1)

    assert robot.ids == ["msgExample0001=="]
    assert len(gateway.handshakes) == 1


@pytest.mark.parametrize("in_pieces", [True, False])
async def test_a_frame_may_be_binary_or_come_in_pieces(*, in_pieces: bool) -> None:
    robot = Robot()
    whole = json.dumps(MESSAGE).encode()

    async def talk(connection: ServerConnection) -> None:
        await connection.send([whole[:50], whole[50:]] if in_pieces else whole)

    async with raw_gateway(talk) as gateway:
        robot.api_url = gateway.url
        async with running(robot):
            await until(lambda: len(gateway.heard) == 1)

    assert len(robot.ids) == 1


async def test_a_message_without_an_id_of_its_frame_is_stored_and_cannot_be_acknowledged() -> None:
    robot = Robot()
    nameless = {**MESSAGE, "headers": {"topic": HEADERS["topic"]}}

    async def talk(connection: ServerConnection) -> None:
        await connection.send(json.dumps(nameless))
        await connection.send('{"type":"SYSTEM","headers":{"topic":"ping","messageId":"2"}}')

    async with raw_gateway(talk) as gateway:
        robot.api_url = gateway.url
        async with running(robot):
            await until(lambda: len(gateway.heard) == 1 and len(robot.ids) == 1)

    assert json.loads(gateway.heard[0])["headers"]["messageId"] == "2"


async def test_what_still_comes_over_a_connection_that_is_about_to_end_is_taken() -> None:
    robot = Robot()
    handshakes: list[str] = []

    async def talk(connection: ServerConnection) -> None:
        handshakes.append("")
        if len(handshakes) == 1:
            await connection.send('{"type":"SYSTEM","headers":{"topic":"disconnect"}}')
            await until(lambda: len(handshakes) == 2)
            await asyncio.sleep(0.1)
            await say_message(connection)

    async with raw_gateway(talk) as gateway:
        robot.api_url = gateway.url
        async with running(robot):
            await until(lambda: len(gateway.heard) == 1)

    assert len(robot.ids) == 1


async def test_a_gateway_that_speaks_and_closes_again_and_again_is_not_stormed() -> None:
    pauses = less_patient(steady=seconds(60), first_pause=seconds(0.2), longest_pause=seconds(0.2))
    robot = Robot(timings=pauses)

    async def talk(connection: ServerConnection) -> None:
        await say_message(connection)
        await connection.close()

    async with raw_gateway(talk) as gateway:
        robot.api_url = gateway.url
        async with running(robot):
            await asyncio.sleep(0.5)

    assert 1 <= len(gateway.handshakes) <= 7


@pytest.mark.parametrize("topic", ["CONNECTED", "REGISTERED", "KEEPALIVE", "whatever"])
async def test_a_topic_of_the_system_that_nobody_knows_is_answered_kindly(topic: str) -> None:
    robot = Robot()
    frame = {"type": "SYSTEM", "headers": {"topic": topic, "messageId": "1"}, "data": "{}"}

    async def talk(connection: ServerConnection) -> None:
        await connection.send(json.dumps(frame))

    async with raw_gateway(talk) as gateway:
        robot.api_url = gateway.url
        async with running(robot):
            await until(lambda: len(gateway.heard) == 1)

    assert json.loads(gateway.heard[0])["code"] == 200


async def test_an_event_that_nobody_asked_for_is_declined() -> None:
    robot = Robot()

    async def talk(connection: ServerConnection) -> None:
        await connection.send(json.dumps({**MESSAGE, "type": "EVENT"}))

    async with raw_gateway(talk) as gateway:
        robot.api_url = gateway.url
        async with running(robot):
            await until(lambda: len(gateway.heard) == 1)

    assert json.loads(gateway.heard[0])["code"] == 404
    assert robot.ids == []


async def test_no_redirect_is_followed() -> None:
    robot = Robot()

    async with raw_gateway(say_message) as elsewhere:
        target = f"{elsewhere.url.replace('http', 'ws')}/connect"

        def redirect(_: ServerConnection, __: Request) -> Response:
            return Response(302, "Found", Headers(Location=target))

        async with raw_gateway(say_nothing, refuse=redirect) as gateway:
            robot.api_url = gateway.url
            async with running(robot) as streams:
                await until(lambda: "HTTP 302" in "".join(streams.reasons()))

    assert elsewhere.handshakes == []


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    robot = Robot()

    async with raw_gateway(say_message) as gateway:
        robot.api_url = gateway.url
        async with running(robot):
            await until(lambda: len(robot.ids) == 1)


def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "loopback.crt", TLS / "loopback.key")
    return context


async def test_a_certificate_that_is_trusted_opens_the_websocket() -> None:
    trusting = ssl.create_default_context(cafile=TLS / "loopback.crt")
    robot = Robot(certificates=trusting)

    async with raw_gateway(say_message, tls=server_tls()) as gateway:
        robot.api_url = gateway.url
        async with running(robot):
            await until(lambda: len(robot.ids) == 1)


async def test_a_certificate_that_nobody_vouches_for_does_not() -> None:
    async with dingtalk_client() as client:
        outside = reached_through(client, httpx.URL("http://unused"), SystemClock())
    robot = Robot(certificates=outside.certificates)

    async with raw_gateway(say_message, tls=server_tls()) as gateway:
        robot.api_url = gateway.url
        async with running(robot) as streams:
            await until(lambda: "SSLCertVerificationError" in "".join(streams.reasons()))

    assert outside.timings == TIMINGS
    assert robot.ids == []
