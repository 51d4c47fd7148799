"""The played gateway, as a client sees it that knows nothing but DingTalk's pages."""

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
    HASTY,
    SECOND_ID,
    SECRET,
    Played,
    serving,
    until,
)

pytestmark = pytest.mark.anyio

MESSAGES = "/v1.0/im/bot/messages/get"
CARDS = "/v1.0/card/instances/callback"
OPEN = "/v1.0/gateway/connections/open"
CALM = replace(
    HASTY,
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


async def opened(played: Played, **changes: object) -> httpx.Response:
    async with httpx.AsyncClient(base_url=played.url, trust_env=False, verify=NO_TLS) as client:
        return await client.post(OPEN, json=request(**changes), timeout=3)


async def address(played: Played, **changes: object) -> str:
    got = (await opened(played, **changes)).json()
    return f"{got['endpoint']}?ticket={got['ticket']}"


@asynccontextmanager
async def client(played: Played, **changes: object) -> AsyncIterator[ClientConnection]:
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
    played: Played, topic: str = MESSAGES, client_id: str = CLIENT_ID, **data: object
) -> "asyncio.Task[DeliveryResult]":
    return asyncio.create_task(played.gateway.deliver(client_id, topic, data))


async def test_a_ticket_is_given_for_right_credentials() -> None:
    async with serving(Played()) as played:
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
async def test_anything_else_is_refused_in_dingtalks_words(changes: dict[str, object]) -> None:
    async with serving(Played()) as played:
        response = await opened(played, **changes)

    assert response.status_code == 400
    assert set(response.json()) == {"code", "message", "requestid"}


@pytest.mark.parametrize(
    ("opening", "status"),
    [(Opening.REFUSED, 400), (Opening.THROTTLED, 403), (Opening.UNAVAILABLE, 503)],
)
async def test_opening_fails_as_it_is_told_to(opening: Opening, status: int) -> None:
    async with serving(Played(switches=StreamFaults(opening=opening))) as played:
        response = await opened(played)

    assert response.status_code == status
    assert response.json()["code"]


async def test_opening_may_hang_or_say_nonsense() -> None:
    timings = replace(CALM, hanging=timedelta(seconds=0.6))
    async with serving(
        Played(timings=timings, switches=StreamFaults(opening=Opening.NONSENSE))
    ) as played:
        assert "html" in (await opened(played)).text
        played.switches = StreamFaults(opening=Opening.HANGS)
        asking = asyncio.create_task(opened(played))
        await asyncio.sleep(0.2)
        assert not asking.done()
        assert (await asking).status_code == 200


@pytest.mark.parametrize("ticket", ["", "?ticket=", "?ticket=made-up"])
async def test_without_a_ticket_there_is_no_websocket(ticket: str) -> None:
    async with serving(Played()) as played:
        with pytest.raises(InvalidStatus):
            await connect(f"ws://127.0.0.1:{played.port}/connect{ticket}", proxy=None)


async def test_a_ticket_opens_one_websocket() -> None:
    async with serving(Played()) as played:
        place = await address(played)
        async with connect(place, proxy=None):
            with pytest.raises(InvalidStatus):
                await connect(place, proxy=None)
        with pytest.raises(InvalidStatus):
            await connect(place, proxy=None)


def test_a_ticket_ends_after_a_while() -> None:
    moment = 1000.0
    tickets = Tickets(timings=lambda: HASTY, now=lambda: moment)
    grant = TicketGrant(client_id=CLIENT_ID, topics=frozenset())
    early, late = tickets.issue(grant), tickets.issue(grant)

    moment += 89
    assert tickets.redeem(early) == grant
    moment += 1
    assert tickets.redeem(late) is None


async def test_a_message_comes_as_documented_and_its_acknowledgement_is_the_result() -> None:
    async with serving(Played(timings=CALM)) as played, client(played) as socket:
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
    async with serving(Played(timings=CALM)) as played, client(played) as socket:
        result = delivering(played, CARDS, outTrackId="1")
        answer = {"response": {"cardData": {"cardParamMap": {"flowStatus": "3"}}}}
        await acknowledge(socket, await frame(socket), data=json.dumps(answer))
        delivery = await result

    assert delivery.acknowledgement is not None
    assert delivery.acknowledgement.response == answer["response"]


async def test_a_message_without_acknowledgement_comes_again_under_another_frame() -> None:
    async with serving(Played(timings=CALM)) as played, client(played) as socket:
        result = delivering(played, msgId="msg1")
        first, second = await frame(socket), await frame(socket)
        await acknowledge(socket, second)
        delivery = await result

    assert first["data"] == second["data"]
    assert first["headers"] != second["headers"]
    assert delivery.attempts == 2


@pytest.mark.parametrize("said", ["", "[]", '{"code":"200"}', '{"code":200}', "\0"])
async def test_what_is_no_acknowledgement_acknowledges_nothing(said: str) -> None:
    async with serving(Played(timings=CALM)) as played, client(played) as socket:
        result = delivering(played, msgId="msg1")
        for _ in range(CALM.attempts):
            await frame(socket)
            await socket.send(said)
        delivery = await result

    assert delivery.acknowledgement is None
    assert delivery.attempts == 2


async def test_each_message_goes_to_one_of_several_connections_by_chance() -> None:
    async with (
        serving(Played(timings=CALM)) as played,
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
        serving(Played(timings=CALM)) as played,
        client(played, clientId=SECOND_ID) as socket,
    ):
        await played.connected(1, SECOND_ID)
        delivery = await delivering(played)

        assert delivery.acknowledgement is None
        assert played.said(SECOND_ID) == []
        assert not [one for one in played.frames if one.sent]
        await socket.close()


async def test_a_topic_that_was_not_asked_for_is_not_brought() -> None:
    only = [{"type": "CALLBACK", "topic": CARDS}]
    async with serving(Played(timings=CALM)) as played, client(played, subscriptions=only):
        await played.connected(1)
        delivery = await delivering(played)

    assert delivery.acknowledgement is None
    assert played.frames == []


async def test_a_message_waits_for_a_connection_unless_such_messages_are_lost() -> None:
    async with serving(Played(timings=CALM)) as played:
        waiting = delivering(played)
        await asyncio.sleep(0.05)
        async with client(played) as socket:
            await acknowledge(socket, await frame(socket))
            assert (await waiting).acknowledgement is not None
        await played.connected(0)
        played.switches = StreamFaults(loses_offline=True)
        lost = await delivering(played)

    assert lost.acknowledgement is None


async def test_pings_come_and_who_does_not_answer_is_dropped() -> None:
    timings = replace(
        HASTY, ping_every=timedelta(seconds=0.05), ping_patience=timedelta(seconds=0.2)
    )
    async with serving(Played(timings=timings)) as played, client(played) as socket:
        ping = await frame(socket)
        await acknowledge(socket, ping, data=ping["data"])
        again = await frame(socket)
        with pytest.raises(ConnectionClosed):
            await frame(socket)

    assert ping["type"] == again["type"] == "SYSTEM"
    assert "opaque" in str(ping["data"])


async def test_a_rotation_is_announced_followed_by_silence_and_then_by_the_end() -> None:
    async with serving(Played(timings=CALM)) as played, client(played) as old:
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


async def test_not_even_a_ping_comes_after_the_announcement() -> None:
    async with serving(Played(timings=HASTY)) as played, client(played) as socket:
        played.gateway.rotate(CLIENT_ID)
        async with asyncio.timeout(3):
            got = [text async for text in socket]

    assert "disconnect" in str(got[-1])


async def test_a_dropped_connection_ends_without_a_word() -> None:
    async with serving(Played(timings=CALM)) as played, client(played) as socket:
        assert played.gateway.drop(CLIENT_ID) == 1
        with pytest.raises(ConnectionClosed):
            await frame(socket)


async def test_a_zombie_stays_open_and_says_nothing() -> None:
    async with serving(Played(timings=CALM)) as played, client(played) as socket:
        played.switches = StreamFaults(is_silent=True)
        delivery = await delivering(played)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await socket.recv()

        assert delivery.acknowledgement is None
        assert played.gateway.open_connections(CLIENT_ID) == 1


async def test_frames_come_late_and_twice_if_they_shall() -> None:
    late = timedelta(seconds=0.1)
    switches = StreamFaults(sends_twice=True, latency=late)
    async with serving(Played(timings=CALM, switches=switches)) as played, client(played) as socket:
        began = asyncio.get_running_loop().time()
        result = delivering(played)
        first, second = await frame(socket), await frame(socket)
        took = asyncio.get_running_loop().time() - began
        await acknowledge(socket, first)
        await acknowledge(socket, second)
        await result

    assert first == second
    assert took >= late.total_seconds()


async def test_a_websocket_may_be_closed_before_anything_is_said() -> None:
    switches = StreamFaults(closes_at_once=True)
    async with (
        serving(Played(switches=switches)) as played,
        connect(await address(played), proxy=None) as socket,
    ):
        with pytest.raises(ConnectionClosed):
            await frame(socket)


async def test_every_frame_of_both_sides_is_logged() -> None:
    async with serving(Played(timings=CALM)) as played, client(played) as socket:
        result = delivering(played, msgId="msg1")
        got = await frame(socket)
        await acknowledge(socket, got)
        await result

    assert [(one.client_id, one.sent) for one in played.frames] == [
        (CLIENT_ID, True),
        (CLIENT_ID, False),
    ]
    assert json.loads(played.frames[0].text) == got


async def test_the_robot_that_goes_away_is_forgotten() -> None:
    async with serving(Played(timings=CALM)) as played:
        async with client(played):
            pass
        await until(lambda: played.gateway.open_connections(CLIENT_ID) == 0)
