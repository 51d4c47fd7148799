"""What the door writes into the log, whatever comes in."""

import logging
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
