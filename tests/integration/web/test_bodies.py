"""What is posted by somebody who may come in."""

import asyncio
import gzip
import json
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from domain.message import ContentKind
from entrypoints.web.door import Deadlines
from tests.integration.web.service import (
    BODY,
    NOTHING_TO_SAY,
    Address,
    House,
    callback,
    request_bytes,
    serving,
    signed,
)
from tests.unit.adapters.dingtalk.inbound.test_content import KINDS
from tests.unit.adapters.dingtalk.inbound.test_no_callback import INCOMPLETE, NO_CALLBACKS

pytestmark = pytest.mark.anyio

GOOD = signed()
MEGABYTE = 1024 * 1024


@pytest.mark.parametrize("body", NO_CALLBACKS.values(), ids=NO_CALLBACKS)
async def test_what_is_no_callback_is_refused(
    house: House, client: httpx.AsyncClient, body: bytes
) -> None:
    response = await client.post("/", content=body, headers=GOOD)

    assert (response.status_code, response.json()) == (400, {"error": "bad_request"})
    assert house.doorstep.knocks == 0
    assert (await client.post("/", content=BODY, headers=GOOD)).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"senderNick": "\ud800"}, id="B4 lone surrogate"),
        pytest.param({"text": {"content": "a\0b"}}, id="B5 NUL"),
        pytest.param({"createAt": 2**64}, id="B6 integer beyond 64 bits"),
        pytest.param({"msgId": "x" * 1_000_000}, id="B10 id of a megabyte"),
    ],
)
async def test_what_cannot_be_stored_is_refused(
    house: House, client: httpx.AsyncClient, changes: dict[str, object]
) -> None:
    response = await client.post("/", content=callback(**changes), headers=GOOD)  # type: ignore[arg-type] # fields of DingTalk

    assert response.status_code == 400
    assert house.doorstep.knocks == 0


async def test_b10_missing_fields_are_refused(client: httpx.AsyncClient) -> None:
    for payload in INCOMPLETE.values():
        response = await client.post("/", content=json.dumps(payload), headers=GOOD)
        assert response.status_code == 400


async def test_b9_every_kind_of_message_is_acknowledged(
    house: House, client: httpx.AsyncClient
) -> None:
    for number, (payload, _, _) in enumerate(KINDS.values()):
        body = json.dumps({**payload, "msgId": f"msg{number}"})
        headers = signed(age=timedelta(milliseconds=number))
        response = await client.post("/", content=body, headers=headers)
        assert (response.status_code, response.content) == (200, NOTHING_TO_SAY)

    kinds = [message.content.kind for message in house.doorstep.messages]
    assert kinds == [kind for _, kind, _ in KINDS.values()]
    assert set(kinds) == set(ContentKind)


async def test_b10_ids_that_look_alike_are_different_messages(
    house: House, client: httpx.AsyncClient
) -> None:
    ids = ["msg", "MSG", "msg ", "e\u0301", "\u00e9", "ｍsg"]
    for msg_id in ids:
        await client.post("/", content=callback(msg_id), headers=GOOD)

    assert house.ids == ids


async def test_b12_body_of_a_megabyte_is_taken_and_one_byte_more_is_not(
    house: House, client: httpx.AsyncClient
) -> None:
    room = MEGABYTE - len(callback(text={"content": ""}))
    fits = callback(text={"content": "x" * room})

    assert len(fits) == MEGABYTE
    assert (await client.post("/", content=fits, headers=GOOD)).status_code == 200
    response = await client.post("/", content=fits + b" ", headers=GOOD)
    assert (response.status_code, response.json()) == (413, {"error": "too_large"})
    assert len(house.ids) == 1


SQUEEZED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "gzip in name only": ("gzip", bytes),
    "deflate": ("deflate", bytes),
    "brotli": ("br", bytes),
    "two": ("identity, gzip", gzip.compress),
    "unknown": ("x", bytes),
}


@pytest.mark.parametrize(("encoding", "squeeze"), SQUEEZED.values(), ids=SQUEEZED)
async def test_b15_squeezed_bodies_are_not_unpacked(
    house: House, client: httpx.AsyncClient, encoding: str, squeeze: Callable[[bytes], bytes]
) -> None:
    headers = {**GOOD, "content-encoding": encoding}
    response = await client.post("/", content=squeeze(BODY), headers=headers)

    assert (response.status_code, response.json()) == (415, {"error": "unsupported_media_type"})
    assert house.doorstep.knocks == 0


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/msgpack",
        "application/jsonp",
        "application/problem+json",
        "text/json",
        "*/*",
        "",
    ],
)
async def test_b16_other_types_are_refused(
    house: House, client: httpx.AsyncClient, kind: str
) -> None:
    response = await client.post("/", content=BODY, headers={**GOOD, "content-type": kind})

    assert (response.status_code, response.json()) == (415, {"error": "unsupported_media_type"})
    assert house.doorstep.knocks == 0


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/json;charset=utf-8", "Application/JSON ; charset=UTF-8"],
)
async def test_b16_json_is_taken(client: httpx.AsyncClient, kind: str) -> None:
    headers = {**GOOD, "content-type": kind, "content-encoding": "identity"}

    assert (await client.post("/", content=BODY, headers=headers)).status_code == 200


async def test_b16_type_given_twice_is_none(client: httpx.AsyncClient) -> None:
    headers = [*GOOD.items(), ("content-type", "application/json")]

    assert (await client.post("/", content=BODY, headers=headers)).status_code == 415


async def test_signature_is_judged_before_type_size_and_body(
    house: House, client: httpx.AsyncClient
) -> None:
    garbage = b"\xff" * 2 * MEGABYTE
    wrong = {"sign": "wrong", "content-encoding": "gzip"}

    unsigned = await client.post("/", content=garbage, headers={**GOOD, **wrong})
    wrong_type = await client.post(
        "/", content=garbage, headers={**GOOD, "content-type": "text/plain"}
    )
    too_large = await client.post("/", content=garbage, headers=GOOD)

    statuses = [one.status_code for one in (unsigned, wrong_type, too_large)]
    assert statuses == [401, 415, 413]
    assert house.doorstep.knocks == 0


async def test_signature_is_judged_before_the_body_has_come(address: Address) -> None:
    async with address.line() as line:
        head, _, _ = request_bytes(headers={**GOOD, "sign": "x"}).partition(b"\r\n\r\n")
        await line.send(head + b"\r\n\r\n")

        assert await line.status() == 401


async def test_b20_who_hangs_up_after_the_body_has_been_heard(
    house: House, address: Address
) -> None:
    async with address.line() as line:
        await line.send(request_bytes())
    async with address.line() as line:
        await line.send(request_bytes(callback("half"))[:-1])

    async with address.client() as client:
        assert (await client.post("/", content=callback("next"), headers=GOOD)).status_code == 200
    assert house.ids == ["msgExample0001==", "next"]


async def test_b21_one_message_on_fifty_lines_is_stored_once(
    house: House, address: Address
) -> None:
    async def knock() -> tuple[int, bytes]:
        async with address.line() as line:
            await line.send(request_bytes())
            status, _, body = await line.answer()
            return status, body

    answers = await asyncio.gather(*(knock() for _ in range(50)))

    assert set(answers) == {(200, NOTHING_TO_SAY)}
    assert len(house.ids) == 1
    assert house.doorstep.knocks == 50


async def test_nothing_is_acknowledged_that_is_not_stored(
    house: House, client: httpx.AsyncClient
) -> None:
    house.doorstep.broken = True
    response = await client.post("/", content=BODY, headers=GOOD)

    assert (response.status_code, response.json()) == (503, {"error": "unavailable"})
    assert not house.bell.is_set()
    house.doorstep.broken = False
    assert (await client.post("/", content=BODY, headers=GOOD)).status_code == 200


async def test_storage_that_hangs_is_given_up() -> None:
    house = House(deadlines=Deadlines(store=timedelta(seconds=0.1)))
    house.doorstep.hangs = True

    async with serving(house) as address, address.client() as client:
        response = await client.post("/", content=BODY, headers=GOOD)

    assert (response.status_code, response.json()) == (503, {"error": "unavailable"})
    assert Deadlines().store < timedelta(seconds=2.5)
