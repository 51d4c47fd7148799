"""Signatures at the door: who is let in, and what a let-in message becomes."""

from datetime import timedelta

import httpx
import pytest

from adapters.dingtalk.inbound.robots import Robots
from adapters.dingtalk.inbound.signature import milliseconds, sign
from tests.integration.web.service import (
    BODY,
    NOTHING_TO_SAY,
    ROBOT,
    SECOND,
    SECRET,
    Address,
    House,
    callback,
    request_bytes,
    signed,
)
from tests.strategies import NOON

pytestmark = pytest.mark.anyio

GOOD = signed()
HOUR = timedelta(hours=1)
MILLISECOND = timedelta(milliseconds=1)
JSON = ("content-type", "application/json")
STAMP = str(milliseconds(NOON))


def pair(timestamp: str, signature: str | None = None) -> list[tuple[str, str]]:
    right = sign(timestamp, SECRET) if signature is None else signature
    return [JSON, ("timestamp", timestamp), ("sign", right)]


async def test_a1_signed_callback_is_stored_and_rung_for_before_it_is_acknowledged(
    house: House, client: httpx.AsyncClient
) -> None:
    response = await client.post("/", content=BODY, headers=GOOD)

    assert (response.status_code, response.content) == (200, NOTHING_TO_SAY)
    assert response.headers["content-type"] == "application/json"
    assert house.bell.is_set()
    (arrival,) = house.doorstep.arrivals
    assert arrival.signed_at == milliseconds(NOON)
    assert (arrival.message.robot, arrival.message.authentic) == (ROBOT.id, True)
    assert arrival.message.received_at == NOON


async def test_a4_robot_is_the_one_whose_secret_signed(
    house: House, client: httpx.AsyncClient
) -> None:
    body = callback(robotCode=ROBOT.id)

    response = await client.post("/", content=body, headers=signed(SECOND.secret))

    assert response.status_code == 200
    assert [message.robot for message in house.doorstep.messages] == [SECOND.id]


REFUSED: dict[str, list[tuple[str, str]]] = {
    "A2 neither": [JSON],
    "A2 no sign": [JSON, ("timestamp", STAMP)],
    "A2 no timestamp": [JSON, ("sign", GOOD["sign"])],
    "A2 both empty": pair("", ""),
    "A3 wrong": pair(STAMP, "wrong"),
    "A3 secret of a robot that is not ours": pair(STAMP, sign(STAMP, "third")),
    "A3 of the empty secret": pair(STAMP, sign(STAMP, "")),
    "A5 one millisecond too old": list(signed(age=HOUR + MILLISECOND).items()),
    "A6 one millisecond too far ahead": list(signed(age=-HOUR - MILLISECOND).items()),
    "A7 in seconds": pair(STAMP[:10]),
    "A7 scientific": pair("1e12"),
    "A7 with a plus": pair(f"+{STAMP}"),
    "A7 with underscores": pair(f"{int(STAMP):_}"),
    "A7 negative": pair("-1"),
    "A7 not a number": pair("NaN"),
    "A7 5000 digits": pair("1" * 5000),
    "A9 percent-encoded": pair(STAMP, GOOD["sign"].replace("=", "%3D")),
    "A9 without padding": pair(STAMP, GOOD["sign"].rstrip("=")),
    "A9 lower case": pair(STAMP, GOOD["sign"].lower()),
    "A10 wrong, then right": [*pair(STAMP, "wrong"), ("sign", GOOD["sign"])],
    "A10 right, then wrong": [*pair(STAMP), ("sign", "wrong")],
    "A10 timestamp twice": [*pair(STAMP), ("timestamp", STAMP)],
    "token of nobody": [JSON, ("token", "x")],
}


@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED)
async def test_callback_is_refused(
    house: House, client: httpx.AsyncClient, headers: list[tuple[str, str]]
) -> None:
    response = await client.post("/", content=BODY, headers=headers)

    assert (response.status_code, response.json()) == (401, {"error": "unauthorized"})
    assert house.doorstep.knocks == 0


@pytest.mark.parametrize("name", ["timestamp", "sign"])
async def test_a8_bytes_beyond_ascii_are_refused(
    house: House, client: httpx.AsyncClient, name: str
) -> None:
    for value in ("签".encode(), b"\xff\xfe", "١٧٠٠٠٠٠٠٠٠٠٠٠".encode()):
        named = {key: text.encode() for key, text in GOOD.items()}
        headers = [(key.encode(), text) for key, text in {**named, name: value}.items()]
        response = await client.post("/", content=BODY, headers=headers)

        assert response.status_code == 401
    assert house.doorstep.knocks == 0


@pytest.mark.parametrize("age", [HOUR, -HOUR], ids=["A5 past", "A6 future"])
async def test_a5_timestamp_at_the_tolerance_is_let_in(
    client: httpx.AsyncClient, age: timedelta
) -> None:
    assert (await client.post("/", content=BODY, headers=signed(age=age))).status_code == 200


async def test_a11_redelivery_is_acknowledged_and_changes_nothing(
    house: House, client: httpx.AsyncClient
) -> None:
    await client.post("/", content=BODY, headers=GOOD)
    house.bell.clear()

    for headers in (GOOD, signed(age=timedelta(minutes=1))):
        response = await client.post("/", content=BODY, headers=headers)
        assert (response.status_code, response.content) == (200, NOTHING_TO_SAY)

    assert len(house.ids) == 1
    assert not house.bell.is_set()


async def test_a12_header_pair_vouches_for_eight_messages(
    house: House, client: httpx.AsyncClient
) -> None:
    statuses = [
        (await client.post("/", content=callback(f"msg{n}"), headers=GOOD)).status_code
        for n in range(12)
    ]
    fresh = signed(age=MILLISECOND)

    assert statuses == [200] * 8 + [401] * 4
    assert (await client.post("/", content=callback("msg1"), headers=GOOD)).status_code == 200
    assert (await client.post("/", content=callback("new"), headers=fresh)).status_code == 200
    assert len(house.ids) == 9


async def test_a13_first_of_two_texts_with_one_id_wins(
    house: House, client: httpx.AsyncClient
) -> None:
    await client.post("/", content=callback(text={"content": "first"}), headers=GOOD)
    other = callback(text={"content": "second"}, senderStaffId="boss")
    response = await client.post("/", content=other, headers=signed(age=MILLISECOND))

    assert response.status_code == 200
    assert [message.content.text for message in house.doorstep.messages] == ["first"]


async def test_a16_secrets_change_with_the_next_request(
    house: House, client: httpx.AsyncClient
) -> None:
    house.robots = Robots(robots=(SECOND,))

    assert (await client.post("/", content=BODY, headers=GOOD)).status_code == 401
    new = signed(SECOND.secret)
    assert (await client.post("/", content=BODY, headers=new)).status_code == 200


async def test_a17_refused_callbacks_cost_no_storage_and_shut_nobody_out(
    house: House, address: Address
) -> None:
    bad = request_bytes(headers={**GOOD, "sign": "x"})
    async with address.line() as line:
        statuses = []
        for _ in range(300):
            await line.send(bad)
            statuses.append(await line.status())
        await line.send(request_bytes())

        assert set(statuses) == {401}
        assert await line.status() == 200
    assert house.doorstep.knocks == 1


async def test_token_lets_an_outgoing_robot_in_unauthentic(
    house: House, client: httpx.AsyncClient
) -> None:
    house.robots = Robots(robots=(ROBOT,), outgoing_tokens=("a token",))

    headers = {"content-type": "application/json", "token": "a token"}
    response = await client.post("/", content=BODY, headers=headers)

    assert response.status_code == 200
    (arrival,) = house.doorstep.arrivals
    assert arrival.signed_at is None
    assert (arrival.message.authentic, arrival.message.room.outgoing) == (False, True)
