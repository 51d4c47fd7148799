"""How long the service waits for slow clients, and that nobody else waits with it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from entrypoints.web.connections import TIMEOUTS, Timeouts
from entrypoints.web.door import Deadlines
from entrypoints.web.server import listening_socket, web_server
from tests.integration.web.service import (
    BODY,
    Address,
    House,
    callback,
    request_bytes,
    serving,
    signed,
)

pytestmark = pytest.mark.anyio

SOON = timedelta(seconds=1)
"""Long enough for what a test sends in one go, however slow the machine is."""

HEAD = request_bytes().partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
UNSIGNED_HEAD = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n"
CHUNKED_HEAD = request_bytes(
    b"", headers={**signed(), "transfer-encoding": "chunked"}, length=False
)


def chunk(piece: bytes) -> bytes:
    return b"%x\r\n" % len(piece) + piece + b"\r\n"


@pytest.fixture
def house() -> House:
    return House(timeouts=Timeouts(head=SOON), deadlines=Deadlines(body=SOON))


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - the server sets no event for it
            await asyncio.sleep(0.01)


@pytest.fixture
async def patient() -> AsyncIterator[Address]:
    """A server with the deadlines of every day."""
    async with serving(House()) as address:
        yield address


async def test_b13_body_that_does_not_come_is_given_up(house: House, address: Address) -> None:
    async with address.line() as line:
        await line.send(HEAD + b"{..")
        status, headers, body = await line.answer()

        assert (status, body) == (408, b'{"error":"timeout"}')
        assert headers["connection"] == "close"
        assert await line.closed()
    assert house.doorstep.knocks == 0


async def test_b13_body_that_comes_too_slowly_is_given_up(address: Address) -> None:
    async with address.line() as line:
        await line.send(CHUNKED_HEAD)

        assert await line.status_while_sending(chunk(b" "), pause=0.05) == 408


async def test_b13_rest_of_a_refused_request_is_not_awaited_for_ever(address: Address) -> None:
    async with address.line() as line:
        await line.send(UNSIGNED_HEAD)
        assert await line.status() == 401
        await line.send(b"{..")

        assert await line.closed()


@pytest.mark.parametrize(
    "start",
    [b"", b"\r\n", b"POST / HTT", HEAD[:-2]],
    ids=["nothing", "a line break", "half a line", "headers without an end"],
)
async def test_b19_headers_that_do_not_come_are_given_up(address: Address, start: bytes) -> None:
    async with address.line() as line:
        await line.send(start)

        assert await line.closed()


async def test_b19_headers_of_a_later_request_are_given_up_as_well(address: Address) -> None:
    async with address.line() as line:
        await line.send(request_bytes())
        assert await line.status() == 200
        for piece in (b"POST", b" / ", b"HTTP", b"/1.1", b"\r\nx:"):
            await line.send(piece)
            await asyncio.sleep(0.05)

        assert await line.closed()


async def test_b19_many_slow_clients_do_not_hold_up_others(patient: Address) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(300):
            slow = await stack.enter_async_context(patient.line())
            await slow.send(b"POST / HTT")
        async with asyncio.timeout(10), patient.line() as line:
            await line.send(request_bytes())

            assert await line.status() == 200


@pytest.mark.parametrize("between", [b"", b"\r\n"], ids=["silence", "a line break"])
async def test_idle_line_is_kept_for_the_next_request(address: Address, between: bytes) -> None:
    async with address.line() as line:
        await line.send(request_bytes(callback("msg1")))
        assert await line.status() == 200
        await line.send(between)
        await asyncio.sleep(1.5 * SOON.total_seconds())
        await line.send(request_bytes(callback("msg2")))

        assert await line.status() == 200


@pytest.mark.parametrize("last", [b"", b"\r\n"], ids=["silence", "a line break"])
async def test_idle_line_is_closed_in_the_end(last: bytes) -> None:
    async with (
        serving(House(timeouts=Timeouts(keep_alive=SOON))) as address,
        address.line() as line,
    ):
        await line.send(request_bytes())
        assert await line.status() == 200
        await line.send(last)

        assert await line.closed()


async def test_refused_request_that_is_sent_to_its_end_keeps_its_line(address: Address) -> None:
    async with address.line() as line:
        await line.send(UNSIGNED_HEAD)
        assert await line.status() == 401
        await line.send(b"x" * 50)
        await asyncio.sleep(0.05)
        await line.send(b"x" * 50)
        await asyncio.sleep(1.5 * SOON.total_seconds())
        await line.send(request_bytes())

        assert await line.status() == 200


async def test_b14_chunks_of_twelve_megabytes_are_too_large(house: House, address: Address) -> None:
    async with address.line() as line:
        await line.send(CHUNKED_HEAD, *[chunk(b"x" * 65_536)] * 192, b"0\r\n\r\n")

        assert (await line.answer())[::2] == (413, b'{"error":"too_large"}')
        await line.send(request_bytes())
        assert await line.status() == 200
    assert house.doorstep.knocks == 1


async def test_b14_what_never_ends_is_cut(patient: Address) -> None:
    piece = chunk(b"x" * 262_144)
    async with patient.line() as line:
        with pytest.raises(OSError, match=r"reset|Broken pipe|lost"):
            await line.send(CHUNKED_HEAD, *[piece] * 400)


async def test_b14_chunks_of_one_byte_are_one_body(patient: Address) -> None:
    async with patient.line() as line:
        await line.send(CHUNKED_HEAD)
        for number in range(len(BODY)):
            await line.send(chunk(BODY[number : number + 1]))
            await asyncio.sleep(0)
        await line.send(b"0\r\n\r\n")

        assert await line.status() == 200


async def test_request_sent_byte_by_byte_is_taken(patient: Address) -> None:
    async with patient.line() as line:
        for byte in request_bytes():
            await line.send(bytes([byte]))

        assert await line.status() == 200


async def test_server_finishes_what_is_under_way_when_it_stops() -> None:
    house = House()
    with listening_socket("127.0.0.1", 0) as listening:
        server = web_server(house.app())
        running = asyncio.create_task(server.serve(sockets=[listening]))
        address = Address(host="127.0.0.1", port=listening.getsockname()[1])
        async with address.line() as line:
            await line.send(HEAD)
            await until(lambda: server.server_state.tasks)
            server.stop()
            await until(lambda: not any(one.is_serving() for one in server.servers))
            await line.send(BODY)

            assert await line.status() == 200
            assert await line.closed()
        await running
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(address.host, address.port)


def test_answers_do_not_wait_for_acknowledgements() -> None:
    with (
        listening_socket("127.0.0.1", 0) as listening,
        socket.create_connection(listening.getsockname()),
    ):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_deadlines_fit_one_another() -> None:
    assert Deadlines().body + Deadlines().store < TIMEOUTS.head < TIMEOUTS.keep_alive
