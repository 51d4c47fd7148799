"""DingTalk's own SDK, unmodified, at the played gateway: what it believes is what DingTalk does."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from entrypoints.simulator.gateway.gateway import Delivery
from entrypoints.simulator.gateway.switches import Customs
from entrypoints.simulator.server import running_simulator
from entrypoints.simulator.settings import SimulatorSettings
from entrypoints.simulator.world.cards import CardState
from entrypoints.simulator.world.inhabitants import ReceiveMode
from tests.fakes.dingtalk_server import SESSION, DingTalkServer
from tests.integration.simulator.gateway.standalone import (
    CLIENT_ID,
    SECRET,
    Played,
    serving,
    until,
)
from tests.unit.adapters.dingtalk.inbound.payloads import GROUP_TEXT

pytestmark = pytest.mark.anyio

MESSAGES = "/v1.0/im/bot/messages/get"
CARDS = "/v1.0/card/instances/callback"
UNHURRIED = Customs(
    redeliver_after=timedelta(seconds=5),
    ping_every=timedelta(seconds=0.2),
    ping_patience=timedelta(seconds=5),
    close_after=timedelta(seconds=0.5),
)


@asynccontextmanager
async def sdk_bot(url: str, client_id: str) -> AsyncIterator[None]:
    """The bot in a process of its own: the SDK blocks, and reads the address when it is imported."""
    ours = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.simulator.gateway.sdk_bot",
        client_id,
        SECRET,
        env={**ours, "DINGTALK_OPENAPI_ENDPOINT": url, "NO_PROXY": "*"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def test_the_sdk_connects_hears_answers_and_survives_a_rotation() -> None:
    async with (
        DingTalkServer() as webhooks,
        serving(Played(customs=UNHURRIED)) as played,
        sdk_bot(played.url, CLIENT_ID),
    ):
        await until(lambda: len(played.gateway.connections(CLIENT_ID)) == 1, within=20)

        async def say(words: str) -> Delivery:
            data = {
                **GROUP_TEXT,
                "msgId": words,
                "text": {"content": words},
                "sessionWebhook": webhooks.webhook(),
            }
            return await played.gateway.deliver(CLIENT_ID, MESSAGES, data)

        before = await say("one")
        await until(lambda: any("opaque" in text for text in played.said()))
        played.gateway.rotate(CLIENT_ID)
        after = await say("two")
        button = await played.gateway.deliver(CLIENT_ID, CARDS, {"outTrackId": "card1"})

    replies = [one.body for one in webhooks.calls(SESSION)]
    assert [body["text"] for body in replies if body] == [
        {"content": "heard one"},
        {"content": "heard two"},
    ]
    for delivery in (before, after, button):
        assert delivery.acknowledgement is not None
        assert (delivery.acknowledgement.code, delivery.attempts) == (200, 1)
    assert button.acknowledgement is not None
    assert button.acknowledgement.response == {
        "cardData": {"cardParamMap": {"flowStatus": "3", "card": "card1"}}
    }


async def test_the_sdk_writes_a_card_at_the_whole_simulator() -> None:
    settings = SimulatorSettings(client_id=CLIENT_ID, secret=SECRET, mode=ReceiveMode.STREAM)

    async with running_simulator(settings) as simulator, sdk_bot(simulator.origin, CLIENT_ID):
        stream = simulator.stream
        assert stream is not None
        await until(lambda: len(stream.connections(CLIENT_ID)) == 1, within=20)
        await simulator.say("card")
        (card,) = simulator.world.cards

    assert (card.text, card.state) == ("你好。", CardState.FINISHED)
    assert card.updates == 2
