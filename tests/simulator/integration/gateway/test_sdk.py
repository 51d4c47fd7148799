"""DingTalk's own SDK, unmodified, against the simulated gateway."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from dingtalk_simulator.conversation import Click
from dingtalk_simulator.entities import CardState, ReceiveMode
from dingtalk_simulator.gateway.gateway import DeliveryResult
from dingtalk_simulator.gateway.options import GatewayTimings
from dingtalk_simulator.media import sample_for, small_picture
from dingtalk_simulator.records import Delivery as AckState
from dingtalk_simulator.server import running_simulator
from dingtalk_simulator.simulator import Simulator, SimulatorSettings
from tests.integration.dingtalk.stream.relay import relaying
from tests.simulator.integration.gateway.standalone import (
    CLIENT_ID,
    SECRET,
    SimulatedGateway,
    serving,
    until,
)
from tests.unit.adapters.dingtalk.inbound.payloads import GROUP_TEXT

pytestmark = pytest.mark.anyio

MESSAGES = "/v1.0/im/bot/messages/get"
CARDS = "/v1.0/card/instances/callback"
UNHURRIED = GatewayTimings(
    redeliver_after=timedelta(seconds=5),
    ping_every=timedelta(seconds=0.2),
    ping_patience=timedelta(seconds=5),
    close_after=timedelta(seconds=0.5),
)


@asynccontextmanager
async def sdk_bot(url: str, client_id: str, secret: str = SECRET) -> AsyncIterator[None]:
    """The bot in its own process: the SDK blocks, and reads the address at import."""
    ours = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.simulator.integration.gateway.sdk_bot",
        client_id,
        secret,
        env={**ours, "DINGTALK_OPENAPI_ENDPOINT": url, "NO_PROXY": "*"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def test_the_sdk_connects_answers_and_reconnects_after_a_disconnect() -> None:
    async with (
        running_simulator() as webhooks,
        serving(SimulatedGateway(timings=UNHURRIED)) as played,
        sdk_bot(played.url, CLIENT_ID),
    ):
        await until(lambda: len(played.gateway.connections(CLIENT_ID)) == 1, within=20)

        async def say(words: str) -> DeliveryResult:
            data = {
                **GROUP_TEXT,
                "msgId": words,
                "text": {"content": words},
                "sessionWebhook": webhooks.webhook("s1"),
            }
            return await played.gateway.deliver(CLIENT_ID, MESSAGES, data)

        before = await say("one")
        await until(lambda: any("opaque" in text for text in played.said()))
        played.gateway.rotate(CLIENT_ID)
        after = await say("two")
        button = await played.gateway.deliver(CLIENT_ID, CARDS, {"outTrackId": "card1"})

    assert [call.text() for call in webhooks.tries("s1")] == ["heard one", "heard two"]
    for delivery in (before, after, button):
        assert delivery.acknowledgement is not None
        assert (delivery.acknowledgement.code, delivery.attempts) == (200, 1)
    assert button.acknowledgement is not None
    assert button.acknowledgement.response == {
        "cardData": {"cardParamMap": {"flowStatus": "3", "card": "card1"}}
    }


@asynccontextmanager
async def simulated() -> AsyncIterator[Simulator]:
    settings = SimulatorSettings(client_id=CLIENT_ID, secret=SECRET, mode=ReceiveMode.STREAM)
    async with running_simulator(settings) as simulator:
        yield simulator


@asynccontextmanager
async def with_bot() -> AsyncIterator[Simulator]:
    """A simulator with a connected bot."""
    async with simulated() as simulator, sdk_bot(simulator.origin, CLIENT_ID):
        await until(lambda: len(connections(simulator)) == 1, within=20)
        yield simulator


def connections(simulator: Simulator) -> tuple[str, ...]:
    assert simulator.stream is not None
    return tuple(simulator.stream.connections(CLIENT_ID))


async def test_the_sdk_answers_in_the_chat_of_the_question() -> None:
    async with with_bot() as simulator:
        alone = await simulator.send("one")
        together = await simulator.send("two", person="user1002", room=simulator.group.id)
        replies = [*await simulator.replies_to(alone), *await simulator.replies_to(together)]

    assert [(reply.room, reply.text) for reply in replies] == [
        (alone.room, "heard one"),
        (simulator.group.id, "heard two @李静"),
    ]
    for message, reply in zip((alone, together), replies, strict=True):
        assert message.delivery is AckState.ACKNOWLEDGED
        assert (len(message.frames), message.via) == (1, "stream")
        assert (reply.answers, reply.via) == (message.id, "sendBySession")


async def test_the_sdk_answers_people_without_a_staff_id() -> None:
    """The SDK sends null in place of a missing staff id."""
    async with with_bot() as simulator:
        outsider = next(one for one in simulator.state.people if one.is_external)
        message = await simulator.send("two", person=outsider.id, room=simulator.group.id)
        (reply,) = await simulator.replies_to(message)

    assert reply.text == "heard two"
    assert reply.mentions == []
    assert json.loads(reply.frames[0].request_body)["at"] == {"atUserIds": [None]}


async def test_the_sdk_shows_a_card_of_its_markdown_template() -> None:
    async with with_bot() as simulator:
        message = await simulator.send("markdown card")
        (reply,) = await simulator.replies_to(message)

    assert reply.text == "**on a card**"


async def test_the_sdk_downloads_a_voice_message() -> None:
    async with with_bot() as simulator:
        message = await simulator.send(msgtype="audio")
        (reply,) = await simulator.replies_to(message)

    assert reply.text == f"a voice of **{len(sample_for('audio').content)}** bytes"


async def test_the_sdk_downloads_an_image() -> None:
    async with with_bot() as simulator:
        message = await simulator.send(msgtype="picture")
        (reply,) = await simulator.replies_to(message)

    assert reply.text == f"a picture of **{len(small_picture())}** bytes"
    assert [call.status for call in simulator.calls("download")] == [200]


async def test_the_sdk_receives_clicks_on_its_card() -> None:
    async with with_bot() as simulator:
        await simulator.send("card")
        (card,) = simulator.state.cards
        written = (card.text, card.state, card.updates)
        click = await simulator.clicks.click(card, Click(person="manager1001", action="btn_stop"))

    assert written == ("你好。", CardState.FINISHED, 2)
    assert (click.endpoint, click.status) == ("cardCallback", 200)
    assert card.variables["card"] == card.id


async def test_the_sdk_receives_every_message_once_across_reconnects() -> None:
    async with with_bot() as simulator:
        for number in range(3):
            before = connections(simulator)
            assert simulator.stream is not None
            assert simulator.stream.rotate(CLIENT_ID) == 1
            message = await simulator.send(str(number))
            await simulator.replies_to(message)
            assert message.delivery is AckState.ACKNOWLEDGED
            assert not set(connections(simulator)) & set(before)

    replies = [one.text for one in simulator.state.messages if one.by == "robot"]
    assert replies == ["heard 0", "heard 1", "heard 2"]


async def test_a_wrong_secret_opens_nothing() -> None:
    async with simulated() as simulator:
        port = int(simulator.origin.rpartition(":")[2])
        async with relaying(port) as relay, sdk_bot(relay.url, CLIENT_ID, "not-the-secret"):
            await until(lambda: relay.openings() >= 1, within=20)
            await until(lambda: b"invalidClientIdOrSecret" in relay.answered)

            assert relay.tickets() == []
            assert connections(simulator) == ()
