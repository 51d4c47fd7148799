"""The simulated gateway, as seen by a client that follows DingTalk's documentation."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dingtalk_simulator.gateway.gateway import DeliveryResult
from dingtalk_simulator.gateway.options import Opening, StreamFaults, TicketGrant
from dingtalk_simulator.gateway.routes import Tickets
from tests.simulator.integration.gateway.standalone import (
    CLIENT_ID,
    FAST_TIMINGS,
    SECOND_ID,
    SECRET,
    SimulatedGateway,
    serving,
    until,
)

pytestmark = pytest.mark.anyio

MESSAGES = "/v1.0/im/bot/messages/get"
CARDS = "/v1.0/card/instances/callback"
OPEN = "/v1.0/gateway/connections/open"
CALM = replace(
    FAST_TIMINGS,
    ping_every=timedelta(seconds=60),
    redeliver_after=timedelta(seconds=0.3),
    attempts=2,
)
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def request(**changes: object) -> dict[str, object]:
    subscriptions = [{"type": "CALLBACK", "topic": topic} for topic in (MESSAGES, CARDS)]
    return {
        "clientId": CLIENT_ID,
        "clientSecret": SECRET,
        "subscriptions": subscriptions,
        **changes,
    }


async def opened(played: SimulatedGateway, **changes: object) -> httpx.Response:
    async with httpx.AsyncClient(base_url=played.url, trust_env=False, verify=NO_TLS) as client:
        return await client.post(OPEN, json=request(**changes), timeout=3)


async def address(played: SimulatedGateway, **changes: object) -> str:
    got = (await opened(played, **changes)).json()
    return f"{got['endpoint']}?ticket={got['ticket']}"


@asynccontextmanager
async def client(played: SimulatedGateway, **changes: object) -> AsyncIterator[ClientConnection]:
    before = len(played.gateway.connections(CLIENT_ID))
    async with connect(await address(played, **changes), proxy=None) as socket:
        if not changes:
            await played.connected(before + 1)
        yield socket


async def frame(socket: ClientConnection) -> dict[str, object]:
    async with asyncio.timeout(3):
        got = json.loads(await socket.recv())
    assert isinstance(got, dict)
    return got


async def acknowledge(socket: ClientConnection, got: dict[str, object], **more: object) -> None:
    headers = got["headers"]
    assert isinstance(headers, dict)
    said = {"code": 200, "headers": {"messageId": headers["messageId"]}, "message": "OK"}
    await socket.send(json.dumps({**said, "data": '{"response": null}', **more}))


def delivering(
    played: SimulatedGateway, topic: str = MESSAGES, client_id: str = CLIENT_ID, **data: object
) -> "asyncio.Task[DeliveryResult]":
    return asyncio.create_task(played.gateway.deliver(client_id, topic, data))


async def test_a_ticket_is_given_for_right_credentials() -> None:
    async with serving(SimulatedGateway()) as played:
        response = await opened(played)

    body = response.json()
    assert response.status_code == 200
    assert body["endpoint"] == f"ws://127.0.0.1:{played.port}/connect"
    assert body["ticket"].isalnum()


@pytest.mark.parametrize(
    "changes",
    [
        {"clientSecret": "wrong"},
        {"clientId": "dingnobody"},
        {"clientSecret": None},
        {"subscriptions": []},
        {"subscriptions": "all"},
    ],
)
async def test_invalid_ticket_requests_are_refused_with_dingtalks_codes(
    changes: dict[str, object],
) -> None:
    async with serving(SimulatedGateway()) as played:
        response = await opened(played, **changes)

    assert response.status_code == 400
    assert set(response.json()) == {"code", "message", "requestid"}


@pytest.mark.parametrize(
    ("opening", "status"),
    [(Opening.REFUSED, 400), (Opening.THROTTLED, 403), (Opening.UNAVAILABLE, 503)],
)
async def test_opening_fails_as_switched(opening: Opening, status: int) -> None:
    async with serving(SimulatedGateway(switches=StreamFaults(opening=opening))) as played:
        response = await opened(played)

    assert response.status_code == status
    assert response.json()["code"]


async def test_opening_can_hang_or_return_no_json() -> None:
    timings = replace(CALM, hanging=timedelta(seconds=0.6))
    async with serving(
        SimulatedGateway(timings=timings, switches=StreamFaults(opening=Opening.NONSENSE))
    ) as played:
        assert "html" in (await opened(played)).text
        played.switches = StreamFaults(opening=Opening.HANGS)
        asking = asyncio.create_task(opened(played))
        await asyncio.sleep(0.2)
        assert not asking.done()
        assert (await asking).status_code == 200


@pytest.mark.parametrize("ticket", ["", "?ticket=", "?ticket=made-up"])
async def test_without_a_ticket_there_is_no_websocket(ticket: str) -> None:
    async with serving(SimulatedGateway()) as played:
        with pytest.raises(InvalidStatus):
            await connect(f"ws://127.0.0.1:{played.port}/connect{ticket}", proxy=None)


async def test_a_ticket_opens_one_websocket() -> None:
    async with serving(SimulatedGateway()) as played:
        place = await address(played)
        async with connect(place, proxy=None):
            with pytest.raises(InvalidStatus):
                await connect(place, proxy=None)
        with pytest.raises(InvalidStatus):
            await connect(place, proxy=None)


def test_a_ticket_expires() -> None:
    moment = 1000.0
    tickets = Tickets(timings=lambda: FAST_TIMINGS, now=lambda: moment)
    grant = TicketGrant(client_id=CLIENT_ID, topics=frozenset())
    early, late = tickets.issue(grant), tickets.issue(grant)

    moment += 89
    assert tickets.redeem(early) == grant
    moment += 1
    assert tickets.redeem(late) is None


async def test_a_message_is_sent_as_documented_and_returns_its_acknowledgement() -> None:
    async with serving(SimulatedGateway(timings=CALM)) as played, client(played) as socket:
        result = delivering(played, msgId="msg1", text={"content": "你好"})
        got = await frame(socket)
        await acknowledge(socket, got, message="done")
        delivery = await result

    headers = got["headers"]
    assert isinstance(headers, dict)
    assert (got["specVersion"], got["type"]) == ("1.0", "CALLBACK")
    assert headers["topic"] == MESSAGES
    assert headers["connectionId"] not in {"", CLIENT_ID}
    assert all(isinstance(value, str) for value in headers.values())
    assert json.loads(str(got["data"])) == {"msgId": "msg1", "text": {"content": "你好"}}
    assert delivery.acknowledgement is not None
    assert (delivery.acknowledgement.code, delivery.acknowledgement.message) == (200, "done")
    assert delivery.attempts == 1


async def test_the_answer_to_a_button_is_the_result() -> None:
    async with serving(SimulatedGateway(timings=CALM)) as played, client(played) as socket:
        result = delivering(played, CARDS, outTrackId="1")
        answer = {"response": {"cardData": {"cardParamMap": {"flowStatus": "3"}}}}
        await acknowledge(socket, await frame(socket), data=json.dumps(answer))
        delivery = await result

    assert delivery.acknowledgement is not None
    assert delivery.acknowledgement.response == answer["response"]


async def test_an_unacknowledged_message_is_sent_again_with_a_new_frame_id() -> None:
    async with serving(SimulatedGateway(timings=CALM)) as played, client(played) as socket:
        result = delivering(played, msgId="msg1")
        first, second = await frame(socket), await frame(socket)
        await acknowledge(socket, second)
        delivery = await result

    assert first["data"] == second["data"]
    assert first["headers"] != second["headers"]
    assert delivery.attempts == 2


@pytest.mark.parametrize("said", ["", "[]", '{"code":"200"}', '{"code":200}', "\0"])
async def test_an_invalid_acknowledgement_is_ignored(said: str) -> None:
    async with serving(SimulatedGateway(timings=CALM)) as played, client(played) as socket:
        result = delivering(played, msgId="msg1")
        for _ in range(CALM.attempts):
            await frame(socket)
            await socket.send(said)
        delivery = await result

    assert delivery.acknowledgement is None
    assert delivery.attempts == 2


async def test_each_message_goes_to_a_random_connection() -> None:
    async with (
        serving(SimulatedGateway(timings=CALM)) as played,
        client(played) as one,
        client(played) as other,
    ):
        counts = {one: 0, other: 0}
        for _ in range(30):
            result = delivering(played)
            first = asyncio.create_task(frame(one))
            second = asyncio.create_task(frame(other))
            done, pending = await asyncio.wait({first, second}, return_when=asyncio.FIRST_COMPLETED)
            socket = one if first in done else other
            await acknowledge(socket, next(iter(done)).result())
            counts[socket] += 1
            for task in pending:
                task.cancel()
            await asyncio.wait({first, second})
            assert (await result).attempts == 1

    assert sum(counts.values()) == 30
    assert min(counts.values()) > 0


async def test_another_apps_connection_gets_nothing() -> None:
    async with (
        serving(SimulatedGateway(timings=CALM)) as played,
        client(played, clientId=SECOND_ID) as socket,
    ):
        await played.connected(1, SECOND_ID)
        delivery = await delivering(played)

        assert delivery.acknowledgement is None
        assert played.said(SECOND_ID) == []
        assert not [one for one in played.frames if one.sent]
        await socket.close()


async def test_only_subscribed_topics_are_delivered() -> None:
    only = [{"type": "CALLBACK", "topic": CARDS}]
    async with (
        serving(SimulatedGateway(timings=CALM)) as played,
        client(played, subscriptions=only),
    ):
        await played.connected(1)
        delivery = await delivering(played)

    assert delivery.acknowledgement is None
    assert played.frames == []


async def test_a_message_waits_for_a_connection_unless_offline_messages_are_lost() -> None:
    async with serving(SimulatedGateway(timings=CALM)) as played:
        waiting = delivering(played)
        await asyncio.sleep(0.05)
        async with client(played) as socket:
            await acknowledge(socket, await frame(socket))
            assert (await waiting).acknowledgement is not None
        await played.connected(0)
        played.switches = StreamFaults(loses_offline=True)
        lost = await delivering(played)

    assert lost.acknowledgement is None


async def test_a_connection_that_answers_no_ping_is_closed() -> None:
    timings = replace(
        FAST_TIMINGS, ping_every=timedelta(seconds=0.05), ping_patience=timedelta(seconds=0.2)
    )
    async with serving(SimulatedGateway(timings=timings)) as played, client(played) as socket:
        ping = await frame(socket)
        await acknowledge(socket, ping, data=ping["data"])
        again = await frame(socket)
        with pytest.raises(ConnectionClosed):
            await frame(socket)

    assert ping["type"] == again["type"] == "SYSTEM"
    assert "opaque" in str(ping["data"])


async def test_a_rotation_announces_the_disconnect_and_closes_later() -> None:
    async with serving(SimulatedGateway(timings=CALM)) as played, client(played) as old:
        assert played.gateway.rotate(CLIENT_ID) == 1
        announced = await frame(old)
        async with client(played) as new:
            result = delivering(played)
            await acknowledge(new, await frame(new))
            await result
            with pytest.raises(ConnectionClosed) as ended:
                await frame(old)

    assert announced["type"] == "SYSTEM"
    assert "messageId" not in str(announced["headers"])
    assert json.loads(str(announced["data"])) == {"reason": "connection is expired"}
    assert ended.value.rcvd is not None
    assert ended.value.rcvd.code == 1001


async def test_no_ping_follows_the_announcement() -> None:
    async with serving(SimulatedGateway(timings=FAST_TIMINGS)) as played, client(played) as socket:
        played.gateway.rotate(CLIENT_ID)
        async with asyncio.timeout(3):
            got = [text async for text in socket]

    assert "disconnect" in str(got[-1])


async def test_a_dropped_connection_has_no_close_frame() -> None:
    async with serving(SimulatedGateway(timings=CALM)) as played, client(played) as socket:
        assert played.gateway.drop(CLIENT_ID) == 1
        with pytest.raises(ConnectionClosed):
            await frame(socket)


async def test_a_silent_connection_stays_open() -> None:
    async with serving(SimulatedGateway(timings=CALM)) as played, client(played) as socket:
        played.switches = StreamFaults(is_silent=True)
        delivery = await delivering(played)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await socket.recv()

        assert delivery.acknowledgement is None
        assert played.gateway.open_connections(CLIENT_ID) == 1


async def test_frames_can_be_delayed_and_duplicated() -> None:
    late = timedelta(seconds=0.1)
    switches = StreamFaults(sends_twice=True, latency=late)
    async with (
        serving(SimulatedGateway(timings=CALM, switches=switches)) as played,
        client(played) as socket,
    ):
        began = asyncio.get_running_loop().time()
        result = delivering(played)
        first, second = await frame(socket), await frame(socket)
        took = asyncio.get_running_loop().time() - began
        await acknowledge(socket, first)
        await acknowledge(socket, second)
        await result

    assert first == second
    assert took >= late.total_seconds()


async def test_a_websocket_can_be_closed_at_once() -> None:
    switches = StreamFaults(closes_at_once=True)
    async with (
        serving(SimulatedGateway(switches=switches)) as played,
        connect(await address(played), proxy=None) as socket,
    ):
        with pytest.raises(ConnectionClosed):
            await frame(socket)


async def test_every_frame_of_both_sides_is_logged() -> None:
    async with serving(SimulatedGateway(timings=CALM)) as played, client(played) as socket:
        result = delivering(played, msgId="msg1")
        got = await frame(socket)
        await acknowledge(socket, got)
        await result

    assert [(one.client_id, one.sent) for one in played.frames] == [
        (CLIENT_ID, True),
        (CLIENT_ID, False),
    ]
    assert json.loads(played.frames[0].text) == got


async def test_a_disconnected_robot_is_removed() -> None:
    async with serving(SimulatedGateway(timings=CALM)) as played:
        async with client(played):
            pass
        await until(lambda: played.gateway.open_connections(CLIENT_ID) == 0)
