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
from dingtalk_simulator.server import running_simulator
from dingtalk_simulator.simulator import Simulator
from tests.integration.dingtalk.outbound.dingtalk import (
    DRIP,
    FLOOD,
    HANG,
    SESSION,
    Fault,
    answer,
    redirect,
    will,
)
from tests.integration.dingtalk.stream.relay import relaying
from tests.simulator.integration.gateway.standalone import until

pytestmark = pytest.mark.anyio

WORDS = {"msgtype": "text", "text": {"content": "好"}}


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    async with dingtalk_client(connections=5) as client:
        yield client


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(
    client: httpx.AsyncClient, dingtalk: Simulator, status: int
) -> None:
    async with running_simulator() as inside:
        will(dingtalk, SESSION, redirect(inside.webhook("s1"), status))

        reply = await posted(client, httpx.URL(dingtalk.webhook("s1")), {})

        assert reply.status == status
        assert inside.calls() == []


async def test_a_proxy_in_the_environment_is_not_used(
    dingtalk: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_simulator() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.origin)
        monkeypatch.setenv("NETRC", "/dev/null")
        async with dingtalk_client() as client:
            await posted(client, httpx.URL(dingtalk.webhook("s1")), {})

        assert proxy.calls() == []
        assert len(dingtalk.calls(SESSION)) == 1


async def test_a_cookie_is_never_sent_back(client: httpx.AsyncClient, dingtalk: Simulator) -> None:
    will(dingtalk, SESSION, answer(200, {"errcode": 0}, headers={"set-cookie": "a=b; Path=/"}))
    # By name: no client keeps cookies of a bare number.
    url = httpx.URL(dingtalk.webhook("s1")).copy_with(host="localhost")

    for _ in range(2):
        await posted(client, url, {})

    assert ["cookie" in call.request_headers for call in dingtalk.calls()] == [False, False]


async def test_the_request_goes_to_the_host_and_path_of_its_address(
    client: httpx.AsyncClient, dingtalk: Simulator
) -> None:
    target = AllowedOrigins.of([dingtalk.origin]).target(
        f"{dingtalk.origin}/a%2Fb//c?session=x%2By&z=1"
    )
    assert target is not None

    await posted(client, target, {})

    (call,) = dingtalk.calls()
    assert f"http://{call.request_headers['host']}" == dingtalk.origin
    assert call.path == "/a%2Fb//c"
    assert call.query == {"session": "x+y", "z": "1"}


async def test_connections_are_kept_and_bounded(
    client: httpx.AsyncClient, dingtalk: Simulator
) -> None:
    webhook = httpx.URL(dingtalk.webhook("s1"))

    async with relaying(webhook.port or 0) as relay:
        url = webhook.copy_with(port=relay.port)
        await asyncio.gather(*(posted(client, url, WORDS) for _ in range(40)))

    assert len(dingtalk.tries("s1")) == 40
    assert 1 <= relay.connections <= 5


@pytest.mark.parametrize("fault", [HANG, DRIP])
async def test_a_server_that_takes_its_time_is_given_up(
    client: httpx.AsyncClient, dingtalk: Simulator, fault: Fault
) -> None:
    will(dingtalk, SESSION, fault)
    begun = monotonic()

    with pytest.raises(NoAnswer):
        await posted(
            client, httpx.URL(dingtalk.webhook("s1")), {}, deadline=timedelta(milliseconds=300)
        )

    assert monotonic() - begun < 3
    await until(lambda: [call.failure for call in dingtalk.calls(SESSION)] == [fault["kind"]])


async def test_an_endless_answer_is_not_read(
    client: httpx.AsyncClient, dingtalk: Simulator
) -> None:
    will(dingtalk, SESSION, FLOOD)

    reply = await posted(client, httpx.URL(dingtalk.webhook("s1")), {})

    assert reply.body is None
    assert (await posted(client, httpx.URL(dingtalk.webhook("s1")), WORDS)).body == {
        "errcode": 0,
        "errmsg": "ok",
    }


@pytest.mark.parametrize("text", ["", "[]", "1", '{"errcode": 0', "\ufeff{}", "[" * 50_000, "null"])
async def test_what_is_no_json_object_has_no_body(
    client: httpx.AsyncClient, dingtalk: Simulator, text: str
) -> None:
    will(dingtalk, SESSION, answer(200, text))

    assert (await posted(client, httpx.URL(dingtalk.webhook("s1")), {})).body is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("42", 42), ("99999", 600), ("-1", None), ("2.5", None), ("soon", None), ("9" * 99, None)],
)
async def test_a_retry_after_is_read_within_reason(
    client: httpx.AsyncClient, dingtalk: Simulator, value: str, seconds: int | None
) -> None:
    will(dingtalk, SESSION, answer(429, {}, headers={"retry-after": value}))

    reply = await posted(client, httpx.URL(dingtalk.webhook("s1")), {})

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
