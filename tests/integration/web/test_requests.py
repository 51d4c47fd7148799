"""Requests of odd shape: each is refused or answered, and the next on the line is answered for itself."""

import pytest

from tests.integration.web.service import (
    BODY,
    NOTHING_TO_SAY,
    Address,
    House,
    request_bytes,
    signed,
)

pytestmark = pytest.mark.anyio

LIVEZ = b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n"
LENGTH = f"content-length: {len(BODY)}"
CHUNKED = "transfer-encoding: chunked"
CHUNKS = b"%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n"


def head(*more: str, first: str = "POST / HTTP/1.1", host: str = "host: x") -> bytes:
    named = [f"{name}: {value}" for name, value in signed().items()]
    return "\r\n".join([first, host, *named, *more, "", ""]).encode("latin-1")


REFUSED: dict[str, bytes] = {
    "length and chunks": head(LENGTH, CHUNKED) + CHUNKS,
    "chunks and length": head(CHUNKED, LENGTH) + CHUNKS,
    "length twice": head(LENGTH, LENGTH) + BODY,
    "two lengths": head(LENGTH, "content-length: 3") + BODY,
    "list of lengths": head(f"{LENGTH}, {len(BODY)}") + BODY,
    "length with a plus": head(f"content-length: +{len(BODY)}") + BODY,
    "negative length": head("content-length: -1") + BODY,
    "length beyond 64 bits": head("content-length: " + "9" * 30) + BODY,
    "nearly chunked": head("transfer-encoding: xchunked") + CHUNKS,
    "chunked, then identity": head("transfer-encoding: chunked, identity") + CHUNKS,
    "blank before the colon": head("transfer-encoding : chunked") + CHUNKS,
    "folded header": head("x-a: b\r\n c", LENGTH) + BODY,
    "folded transfer-encoding": head("transfer-encoding:\r\n chunked", LENGTH) + BODY,
    "bare LF": head(LENGTH).replace(b"\r\n", b"\n") + BODY,
    "bare CR in a header": head("x-a: b\rc", LENGTH) + BODY,
    "NUL in a header": head("x-a: b\0c", LENGTH) + BODY,
    "absolute form without a path": head(LENGTH, first="POST http://evil.example HTTP/1.1") + BODY,
    "absolute form with a wrong port": head(first="POST http://x:99999/ HTTP/1.1") + BODY,
    "HTTP/1.2": head(LENGTH, first="POST / HTTP/1.2") + BODY,
    "preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "start of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 300,
    "bytes in the path": b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
    "method nobody knows": head(LENGTH, first="FOO / HTTP/1.1") + BODY,
    "chunk size that is none": head(CHUNKED) + b"zz\r\n" + BODY,
    "chunk size beyond 64 bits": head(CHUNKED) + b"f" * 20 + b"\r\n" + BODY,
    "negative chunk size": head(CHUNKED) + b"-1\r\n" + BODY,
    "bare LF between chunks": head(CHUNKED) + CHUNKS.replace(b"\r\n", b"\n"),
}


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED)
async def test_b17_request_is_refused_and_its_line_closed(
    house: House, address: Address, raw: bytes
) -> None:
    async with address.line() as line:
        await line.send(raw)
        status, headers, body = await line.answer()

        assert (status, body) == (400, b'{"error":"bad_request"}')
        assert headers["connection"] == "close"
        assert await line.closed()
    assert house.doorstep.knocks == 0


ODD: dict[str, tuple[bytes, int]] = {
    "absolute form": (head(LENGTH, first="POST http://evil.example/ HTTP/1.1") + BODY, 200),
    "asterisk": (b"OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n", 404),
    "no host": (head(LENGTH, host="x-a: b") + BODY, 200),
    "host that is none": (head(LENGTH, host="host: a b<>") + BODY, 400),
    "length with 5000 zeros": (head("content-length: " + "0" * 5000 + str(len(BODY))) + BODY, 400),
    "chunked in capitals": (head("Transfer-Encoding: CHUNKED") + CHUNKS, 200),
    "chunk with an extension": (head(CHUNKED) + CHUNKS.replace(b"\r\n", b";a=b\r\n", 1), 200),
    "line breaks before": (b"\r\n\r\n" + head(LENGTH) + BODY, 200),
    "path that cannot be decoded": (b"GET /%zz%ff HTTP/1.1\r\nhost: x\r\n\r\n", 404),
    "wishes beyond 100-continue": (head("expect: magic", LENGTH) + BODY, 200),
}


@pytest.mark.parametrize(("raw", "status"), ODD.values(), ids=ODD)
async def test_b17_next_request_on_the_line_is_answered_for_itself(
    address: Address, raw: bytes, status: int
) -> None:
    async with address.line() as line:
        await line.send(raw)
        assert await line.status() == status
        await line.send(LIVEZ)
        assert (await line.answer())[2] == b'{"status":"ok"}'


@pytest.mark.parametrize("version", ["1.0", "0.9"])
async def test_b17_old_versions_get_one_answer(address: Address, version: str) -> None:
    async with address.line() as line:
        await line.send(head(LENGTH, first=f"POST / HTTP/{version}") + BODY)

        assert await line.status() == 200
        assert await line.closed()


@pytest.mark.parametrize("protocol", ["h2c", "websocket", "TLS/1.0"])
async def test_b17_nobody_smuggles_a_request_behind_an_upgrade(
    house: House, address: Address, protocol: str
) -> None:
    upgrade = ("connection: upgrade", f"upgrade: {protocol}")
    async with address.line() as line:
        await line.send(head(*upgrade, f"content-length: {len(LIVEZ)}"))
        await line.send(LIVEZ)
        status, headers, _ = await line.answer()

        assert (status, headers["connection"]) == (400, "close")
        assert await line.closed()
    assert house.doorstep.knocks == 0


async def test_b17_pipelined_requests_are_answered_in_their_order(address: Address) -> None:
    async with address.line() as line:
        await line.send(request_bytes() + LIVEZ + request_bytes(b"{}"))

        answers = [await line.answer() for _ in range(3)]
    assert [status for status, _, _ in answers] == [200, 200, 400]
    assert [body for _, _, body in answers[:2]] == [NOTHING_TO_SAY, b'{"status":"ok"}']


@pytest.mark.parametrize(
    "garbage", [b"\0\1\r\n\r\n", b"GET / HTTP/1.1\r\n bad\r\n\r\n", b"x" * 50], ids=ascii
)
async def test_b17_garbage_behind_a_request_does_not_take_its_answer(
    address: Address, garbage: bytes
) -> None:
    async with address.line() as line:
        await line.send(request_bytes() + garbage)
        status, _, body = await line.answer()

        assert (status, body) == (200, NOTHING_TO_SAY)
        assert await line.closed()


async def test_b17_broken_body_of_a_refused_request_gets_no_second_answer(
    address: Address,
) -> None:
    async with address.line() as line:
        chunked = {"transfer-encoding": "chunked"}
        await line.send(request_bytes(b"", headers=chunked, length=False))
        assert await line.status() == 401
        await line.send(b"zz\r\n")

        assert await line.closed()


async def test_b17_trailers_are_no_headers(house: House, address: Address) -> None:
    unsigned = {"content-type": "application/json", "transfer-encoding": "chunked"}
    trailers = "".join(f"{name}: {value}\r\n" for name, value in signed().items()).encode()
    body = CHUNKS.removesuffix(b"\r\n") + trailers + b"\r\n"
    async with address.line() as line:
        await line.send(request_bytes(body, headers=unsigned, length=False))
        assert await line.status() == 401
        await line.send(head(CHUNKED) + body)

        assert await line.status() == 200
    assert house.doorstep.knocks == 1


LARGE_HEADS: dict[str, dict[str, str]] = {
    "B18 header of 100 KB": {"x-a": "a" * 100_000},
    "B18 2000 headers": {f"x-{number}": "a" for number in range(2000)},
    "B18 101 headers": {f"x-{number}": "" for number in range(101)},
    "B18 34 headers of a kilobyte": {f"x-{number}": "a" * 1000 for number in range(34)},
}


@pytest.mark.parametrize("more", LARGE_HEADS.values(), ids=LARGE_HEADS)
async def test_b18_large_heads_are_refused(
    house: House, address: Address, more: dict[str, str]
) -> None:
    async with address.line() as line:
        await line.send(request_bytes(headers={**signed(), **more}))

        assert (await line.answer())[::2] == (431, b'{"error":"headers_too_large"}')
    assert house.doorstep.knocks == 0


async def test_b18_large_target_is_refused(address: Address) -> None:
    async with address.line() as line:
        await line.send(request_bytes(first=f"POST /?{'a' * 40_000} HTTP/1.1"))

        assert await line.status() == 431


@pytest.mark.parametrize("start", [b"POST /", b"POST / HTTP/1.1\r\nx: "], ids=["target", "header"])
async def test_b18_head_without_an_end_is_cut(address: Address, start: bytes) -> None:
    async with address.line() as line:
        await line.send(start)

        assert await line.status_while_sending(b"a" * 2048, pause=0.005) == 431


async def test_b18_head_of_a_reasonable_client_is_taken(address: Address) -> None:
    more = {f"x-{number}": "a" * 300 for number in range(80)}
    async with address.line() as line:
        await line.send(request_bytes(headers={**signed(), **more}))

        assert await line.status() == 200
