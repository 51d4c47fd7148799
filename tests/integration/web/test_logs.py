"""What the door writes into the log, whatever comes in."""

import logging
from collections import Counter
from datetime import timedelta

import pytest

from adapters.dingtalk.inbound.robots import Robots
from entrypoints.web.door import Deadlines
from tests.integration.web.service import (
    BODY,
    ROBOT,
    SECRET,
    House,
    callback,
    request_bytes,
    serving,
    signed,
)

pytestmark = pytest.mark.anyio

GOOD = signed()
TOKEN = "token-of-an-outgoing-robot"


def written(caplog: pytest.LogCaptureFixture) -> str:
    """Every record of the service with all its fields, as any formatter could write it."""
    ours = [one for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    return "\n".join(f"{one.getMessage()} {vars(one)}" for one in ours)


async def test_a20_nothing_that_vouches_and_nothing_that_was_said_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    house = House(
        robots=Robots(robots=(ROBOT,), outgoing_tokens=(TOKEN,)),
        deadlines=Deadlines(store=timedelta(seconds=0.1)),
    )
    texts: list[str] = []
    async with serving(house) as address, address.client() as client:
        attempts = [
            (BODY, GOOD),
            (BODY, GOOD),
            *((callback(f"msg{n}"), GOOD) for n in range(9)),
            (BODY, {**GOOD, "sign": GOOD["sign"][::-1]}),
            (BODY, {**GOOD, "content-type": "text/plain"}),
            (b"{" + BODY, GOOD),
            (b"\xff" + BODY, GOOD),
            (callback(text={"content": "a\0"}), GOOD),
            (BODY, {"content-type": "application/json", "token": TOKEN}),
            (BODY + b" " * 2_000_000, GOOD),
        ]
        for body, headers in attempts:
            texts.append((await client.post("/", content=body, headers=headers)).text)
        house.doorstep.broken = True
        texts.append((await client.post("/", content=callback("new"), headers=GOOD)).text)
        house.doorstep.hangs = True
        texts.append((await client.post("/", content=callback("new"), headers=GOOD)).text)
        async with address.line() as line:
            await line.send(request_bytes(first=f"POST /{SECRET} HTTP/9.9"))
            texts.append(str(await line.answer()))

    leaks = [SECRET, TOKEN, GOOD["sign"], GOOD["sign"][::-1], GOOD["timestamp"], "你好", "小明"]
    leaks += ["manager1234", "0123456789abcdef", "$:LWCP"]
    log = written(caplog)
    assert [leak for leak in leaks if leak in log] == []
    assert [leak for leak in leaks if leak in "".join(texts)] == []


async def test_each_fate_is_an_event(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    house = House()
    async with serving(house) as address, address.client() as client:
        for number in range(9):
            await client.post("/", content=callback(f"msg{number}"), headers=GOOD)
        await client.post("/", content=b"{}", headers=GOOD)
        house.doorstep.broken = True
        await client.post("/", content=BODY, headers=GOOD)

    ours = [one for one in caplog.records if one.name.startswith(("entrypoints", "application"))]
    events = [one.msg for one in ours]
    assert events[:8] == ["message_received"] * 8
    assert events[8:] == [
        "message_received",
        "signature_replayed",
        "bad_callback",
        "message_not_stored",
    ]
    assert {vars(one)["robot"] for one in ours} == {ROBOT.id}


@pytest.mark.parametrize("control", ["\n", "\r\n", "\x1b[31m", "\u2028", "\x85"], ids=ascii)
async def test_x6_no_field_forges_a_record(caplog: pytest.LogCaptureFixture, control: str) -> None:
    caplog.set_level(logging.INFO)
    forged = f"x{control}forged"
    async with serving(House()) as address, address.client() as client:
        for field in ("msgId", "senderNick", "conversationTitle", "robotCode", "msgtype"):
            body = callback(**{"msg_id": field, field: forged})
            await client.post("/", content=body, headers=GOOD)

    assert "forged" not in written(caplog)


async def test_no_refusal_is_logged_as_often_as_it_is_caused(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each kind of refused request a hundred times: a line of each, and not one more."""
    caplog.set_level(logging.INFO)
    house = House(robots=Robots(robots=(ROBOT,), outgoing_tokens=(TOKEN,)))
    refused = [
        request_bytes(headers={"content-type": "application/json"}),
        request_bytes(headers={**GOOD, "sign": GOOD["sign"][::-1]}),
        request_bytes(b"{}"),
        request_bytes(first="POST / HTTP/9.9"),
        request_bytes(first="GET /metrics HTTP/1.1", headers={"x-real-ip": "10.0.0.1"}),
        request_bytes(callback("once")),
        b"\x16\x03\x01\x02",
        b"GET / HTTP/1.1\r\nx: " + b"x" * 40_000 + b"\r\n\r\n",
    ]
    async with serving(house) as address:
        for number in range(9):
            async with address.line() as line:
                await line.send(request_bytes(callback(f"msg{number}")))
                await line.status()
        for request in refused * 100:
            async with address.line() as line:
                await line.send(request)
                await line.status()

    ours = [one for one in caplog.records if one.name.startswith(("entrypoints", "application"))]
    events = Counter(str(one.msg) for one in ours)
    stored = events.pop("message_received")
    assert stored <= 9 + 1
    assert {event for event, times in events.items() if times > 1} == set()
    assert {"callback_refused", "bad_callback", "signature_replayed", "malformed_request"} <= set(
        events
    )
