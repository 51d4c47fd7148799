"""More clients than there is room for, and clients that do not read: callbacks still come in."""

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

import pytest
from litestar import Litestar

from domain.picture import Picture, PictureKind
from entrypoints.web.app import web_app
from entrypoints.web.connections import Timeouts
from entrypoints.web.images import image_route
from entrypoints.web.transfers import Transfers
from tests.integration.web.service import Address, House, Line, request_bytes, serving

pytestmark = pytest.mark.anyio

GET = b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n"
LARGE = 12 * 1024 * 1024
SOON = timedelta(seconds=0.6)


async def silent(address: Address, opened: AsyncExitStack, first: bytes = b"") -> Line:
    line = await opened.enter_async_context(address.line())
    await line.send(first)
    if first:
        await line.answer()
    return line


async def is_taken(address: Address) -> bool:
    async with address.line() as line:
        await line.send(request_bytes())
        return await line.status() == 200


@pytest.mark.parametrize("first", [b"", GET], ids=["never said anything", "kept alive"])
async def test_idle_connections_do_not_keep_callbacks_out(
    first: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(House(most_connections=5)) as address, AsyncExitStack() as opened:
        lines = [await silent(address, opened, first) for _ in range(12)]

        assert await is_taken(address)
        assert await lines[0].closed()
        assert not await lines[-1].closed(within=0.1)

    events = [one for one in caplog.records if one.msg == "connections_full"]
    assert [one.levelno for one in events] == [logging.WARNING]


async def test_half_a_request_is_no_reason_to_stay() -> None:
    async with serving(House(most_connections=3)) as address, AsyncExitStack() as opened:
        for _ in range(5):
            line = await silent(address, opened)
            await line.send(b"POST / HTTP/1.1\r\nhost: x\r\n")

        assert await is_taken(address)


async def test_a_head_whose_body_does_not_come_is_no_reason_to_stay(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serving(House(most_connections=3)) as address, AsyncExitStack() as opened:
        head = request_bytes().partition(b"\r\n\r\n")[0] + b"\r\n\r\n{"
        lines = [await silent(address, opened) for _ in range(3)]
        for line in lines:
            await line.send(head)
        await asyncio.sleep(0.1)

        assert await is_taken(address)
        assert await lines[0].closed()
        assert not await lines[-1].closed(within=0.1)

    assert {one.msg for one in caplog.records if one.levelno >= logging.WARNING} == {
        "connections_full"
    }


async def test_who_is_being_answered_keeps_the_connection() -> None:
    house = House(most_connections=2)
    house.doorstep.hangs = True
    async with serving(house) as address, AsyncExitStack() as opened:
        asking = [await opened.enter_async_context(address.line()) for _ in range(2)]
        for line in asking:
            await line.send(request_bytes())
        while house.doorstep.knocks < len(asking):  # noqa: ASYNC110 - a fake sets no event
            await asyncio.sleep(0.01)
        one_more = await silent(address, opened)

        assert await one_more.closed()
        assert [await line.status() for line in asking] == [503, 503]


LARGE_PICTURE = Picture(kind=PictureKind.PNG, content=b"\x89PNG" + b"\0" * LARGE, width=1, height=1)
GET_PICTURE = b"GET /images/large.png HTTP/1.1\r\nhost: x\r\n\r\n"


async def large_picture(_name: str) -> Picture:
    return LARGE_PICTURE


@dataclass(kw_only=True)
class LargePictures(House):
    """A service all of whose pictures are large."""

    transfers: Transfers

    def app(self) -> Litestar:
        return web_app(image_route(large_picture, self.transfers), [])


async def test_who_does_not_read_a_picture_is_cut_and_others_get_theirs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    transfers = Transfers(at_a_time=2, patience=SOON)
    house = LargePictures(timeouts=Timeouts(write=SOON), transfers=transfers)
    async with serving(house) as address, AsyncExitStack() as opened:
        for _ in range(2):
            line = await silent(address, opened)
            # Nobody reads: the stream reader stops the transport after twice its own small limit.
            await line.send(GET_PICTURE)
        async with asyncio.timeout(10):
            while True:
                async with address.line() as line:
                    await line.send(GET_PICTURE)
                    status, _, body = await line.answer()
                    if status == 200:
                        break
                    assert status == 503

        assert body == LARGE_PICTURE.content

    assert "client_does_not_read" in caplog.messages


async def test_a_crowd_that_waits_for_pictures_is_bounded() -> None:
    transfers = Transfers(at_a_time=1, most_waiting=1, patience=timedelta(seconds=30))
    async with serving(LargePictures(transfers=transfers)) as address, AsyncExitStack() as opened:
        lines = [await silent(address, opened) for _ in range(3)]
        for line in lines:
            await line.send(GET_PICTURE)
            await asyncio.sleep(0.1)

        status, headers, _ = await lines[-1].answer()

    assert (status, headers["retry-after"]) == (503, "10")
