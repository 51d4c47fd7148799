"""The client and its limits: what it does not do, whatever the other side and the environment say."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from time import monotonic

import httpx
import pytest

from adapters.dingtalk.outbound.exchange import NoAnswer, posted
from adapters.dingtalk.outbound.http_client import dingtalk_client
from adapters.dingtalk.outbound.origins import AllowedOrigins
from tests.fakes.dingtalk_server import (
    SESSION,
    DingTalkServer,
    Respond,
    answer,
    drip,
    flood,
    hang,
    redirect,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    async with dingtalk_client(connections=5) as client:
        yield client


@pytest.fixture
async def server() -> AsyncGenerator[DingTalkServer]:
    async with DingTalkServer() as server:
        yield server


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(
    client: httpx.AsyncClient, server: DingTalkServer, status: int
) -> None:
    async with DingTalkServer() as inside:
        server.will(SESSION, redirect(inside.webhook(), status))

        reply = await posted(client, httpx.URL(server.webhook()), {})

        assert reply.status == status
        assert not inside.received


async def test_a_proxy_in_the_environment_is_not_used(
    server: DingTalkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with DingTalkServer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("NETRC", "/dev/null")
        async with dingtalk_client() as client:
            await posted(client, httpx.URL(server.webhook()), {})

        assert not proxy.received
        assert len(server.received) == 1


async def test_a_cookie_is_never_sent_back(
    client: httpx.AsyncClient, server: DingTalkServer
) -> None:
    server.will(SESSION, answer(200, {"errcode": 0}, headers={"set-cookie": "a=b; Path=/"}))
    # By name: no client keeps cookies of a bare number.
    url = httpx.URL(server.webhook()).copy_with(host="localhost")

    for _ in range(2):
        await posted(client, url, {})

    assert all("cookie" not in request.headers for request in server.received)


async def test_the_request_goes_to_the_host_and_path_of_its_address(
    client: httpx.AsyncClient, server: DingTalkServer
) -> None:
    target = AllowedOrigins.of([server.url]).target(f"{server.url}/a%2Fb//c?session=x%2By&z=1")
    assert target is not None

    await posted(client, target, {})

    (request,) = server.received
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert request.path == "/a%2Fb//c"
    assert request.query == {"session": "x+y", "z": "1"}


async def test_connections_are_kept_and_bounded(
    client: httpx.AsyncClient, server: DingTalkServer
) -> None:
    url = httpx.URL(server.webhook())

    await asyncio.gather(*(posted(client, url, {"n": n}) for n in range(40)))

    assert len(server.received) == 40
    assert server.connections <= 5


@pytest.mark.parametrize("response", [hang, drip])
async def test_a_server_that_takes_its_time_is_given_up(
    client: httpx.AsyncClient, server: DingTalkServer, response: Respond
) -> None:
    server.will(SESSION, response)
    begun = monotonic()

    with pytest.raises(NoAnswer):
        await posted(client, httpx.URL(server.webhook()), {}, deadline=timedelta(milliseconds=300))

    assert monotonic() - begun < 3


async def test_an_endless_answer_is_not_read(
    client: httpx.AsyncClient, server: DingTalkServer
) -> None:
    server.will(SESSION, flood)

    reply = await posted(client, httpx.URL(server.webhook()), {})

    assert reply.body is None
    assert (await posted(client, httpx.URL(server.webhook()), {"a": 1})).body == {
        "errcode": 0,
        "errmsg": "said so",
    }


@pytest.mark.parametrize("text", ["", "[]", "1", '{"errcode": 0', "\ufeff{}", "[" * 50_000, "null"])
async def test_what_is_no_json_object_has_no_body(
    client: httpx.AsyncClient, server: DingTalkServer, text: str
) -> None:
    server.will(SESSION, answer(200, text))

    assert (await posted(client, httpx.URL(server.webhook()), {})).body is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("42", 42), ("99999", 600), ("-1", None), ("2.5", None), ("soon", None), ("9" * 99, None)],
)
async def test_a_retry_after_is_read_within_reason(
    client: httpx.AsyncClient, server: DingTalkServer, value: str, seconds: int | None
) -> None:
    server.will(SESSION, answer(429, {}, headers={"retry-after": value}))

    reply = await posted(client, httpx.URL(server.webhook()), {})

    assert reply.retry_after == (None if seconds is None else timedelta(seconds=seconds))


async def test_an_encrypted_origin_gets_nothing_in_the_clear(client: httpx.AsyncClient) -> None:
    """A name that suddenly leads elsewhere has no certificate for it: nothing is said there."""
    heard = bytearray()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read(4096))
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]

        with pytest.raises(NoAnswer):
            await posted(client, httpx.URL(f"https://127.0.0.1:{port}/x"), {"secret": "x"})

    assert b"POST" not in heard
    assert b"secret" not in heard
