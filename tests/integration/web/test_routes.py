"""What is served beside the door, and what is not."""

import logging
from datetime import timedelta
from importlib import metadata

import httpx
import pytest

from entrypoints import readiness
from entrypoints.secret import Secret
from tests.integration.web.service import BODY, Address, House, request_bytes, serving, signed

pytestmark = pytest.mark.anyio

METHODS = ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "QUERY"]


@pytest.mark.parametrize("method", METHODS)
async def test_a18_door_takes_no_other_method(
    house: House, client: httpx.AsyncClient, method: str
) -> None:
    response = await client.request(method, "/", content=BODY, headers=signed())

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"
    assert response.headers["content-type"] == "application/json"
    if method != "HEAD":
        assert response.json() == {"error": "method_not_allowed"}
    assert house.doorstep.knocks == 0


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE"])
async def test_health_is_only_looked_at(client: httpx.AsyncClient, method: str, path: str) -> None:
    response = await client.request(method, path)

    assert (response.status_code, response.headers["allow"]) == (405, "GET")


async def test_a18_connect_is_no_tunnel(address: Address) -> None:
    async with address.line() as line:
        await line.send(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n")

        assert await line.status() in {400, 404, 405}


UNKNOWN = [
    "/schema",
    "/schema/openapi.json",
    "/docs",
    "/metrics",
    "/.git/config",
    "/favicon.ico",
    "/livez/x",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/%00",
    "/%ff%fe",
    "/钉钉",
    "/" + "x" * 5000,
    "/{path}",
]


@pytest.mark.parametrize("path", UNKNOWN, ids=lambda path: ascii(path)[:20])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_j10_nothing_else_is_there(client: httpx.AsyncClient, method: str, path: str) -> None:
    response = await client.request(method, path, headers=signed(), content=BODY)

    assert (response.status_code, response.json()) == (404, {"error": "not_found"})


async def test_status_is_json_for_people_and_programs(client: httpx.AsyncClient) -> None:
    response = await client.get("/", headers={"accept": "text/html"})

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json().keys() == {"status", "message"}
    assert response.json()["status"] == "ok"
    assert "chatgpt-dingtalk" in response.json()["message"]


async def test_it_lives_while_the_database_does_not(
    house: House, client: httpx.AsyncClient
) -> None:
    house.inbox.fails = True

    response = await client.get("/livez")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_it_is_ready(house: House, client: httpx.AsyncClient) -> None:
    house.problems = ("`port` takes effect after a restart",)

    response = await client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"ready": True, "reasons": [], "warnings": [*house.problems]}


async def test_it_is_not_ready_while_the_database_fails(
    house: House, client: httpx.AsyncClient
) -> None:
    house.inbox.fails = True

    response = await client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["ready"] is False
    assert response.json()["reasons"] == ["the database does not answer"]
    assert "password" not in response.text


async def test_it_is_not_ready_while_the_database_hangs(
    house: House, client: httpx.AsyncClient
) -> None:
    house.inbox.hangs = True

    response = await client.get("/readyz")

    assert (response.status_code, readiness.DEADLINE) == (503, timedelta(seconds=1))
    assert response.json()["reasons"] == ["the database does not answer"]


async def test_it_is_not_ready_while_it_stops_and_still_takes_callbacks(
    house: House, client: httpx.AsyncClient
) -> None:
    house.readiness.stopping = True

    response = await client.get("/readyz")
    callback = await client.post("/", content=BODY, headers=signed())

    assert (response.status_code, callback.status_code) == (503, 200)
    assert response.json()["reasons"] == ["the service is stopping"]


@pytest.mark.parametrize("headers", [{"via": "x"}, {"host": "robot.example.com"}])
async def test_strangers_learn_only_whether_it_is_ready(
    house: House, headers: dict[str, str]
) -> None:
    house.problems = ("credentials takes effect after a restart",)
    house.metrics_token = Secret("a-token-of-metrics")
    bearer = {"authorization": "Bearer a-token-of-metrics"}

    async with serving(house) as address, address.client() as other:
        anonymous = await other.get("/readyz", headers=headers)
        wrong = await other.get("/readyz", headers={**headers, "authorization": "Bearer x"})
        operator = await other.get("/readyz", headers={**headers, **bearer})
        here = await other.get("/readyz")

        greetings = [
            (await other.get("/", headers=one)).text for one in (headers, {**headers, **bearer})
        ]

    assert anonymous.json() == wrong.json() == {"ready": True}
    version = metadata.version("chatgpt-dingtalk")
    assert [version in greeting for greeting in greetings] == [False, True]
    assert operator.json() == here.json()
    assert here.json()["warnings"] == list(house.problems)


@pytest.mark.parametrize("path", ["/", "/livez", "/readyz", "/nothing"])
async def test_j10_no_answer_tells_what_serves_it(client: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "POST", "PUT"):
        response = await client.request(method, path)

        assert "server" not in response.headers
        assert "x-powered-by" not in response.headers
        assert not {"litestar", "uvicorn", "python"} & set(str(response.headers).lower().split())


async def test_j10_broken_program_tells_the_client_nothing(
    house: House, address: Address, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> tuple[str, ...]:
        raise RuntimeError("secret detail")

    house.readiness.configuration_problems = broken
    async with address.client() as client:
        response = await client.get("/readyz")

    assert (response.status_code, response.json()) == (500, {"error": "internal"})
    assert [one.msg for one in caplog.records if one.levelno >= logging.ERROR] == [
        "request_broke_the_program"
    ]


@pytest.mark.parametrize("host", ["evil.example", "localhost:1", "[::1]:1", "127.0.0.1"])
async def test_b17_foreign_host_is_answered_like_any(address: Address, host: str) -> None:
    async with address.line() as line:
        await line.send(request_bytes(headers={**signed(), "host": host}))

        assert await line.status() == 200
