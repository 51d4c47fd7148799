"""`/metrics`: who may read it."""

import logging
from collections.abc import AsyncIterator

import httpx
import pytest

from application.rate_limited_logger import RateLimitedLogger
from entrypoints.secret import Secret
from entrypoints.web.metrics import OperatorAccess, metrics_route
from tests.integration.web.service import House, serving

pytestmark = pytest.mark.anyio


class Numbers:
    content_type = "text/plain; version=1.0.0; charset=utf-8"

    async def text(self) -> bytes:
        return b"answers_total 42\n"


@pytest.fixture(params=["", "a-token-of-metrics"], ids=["without a token", "with a token"])
def token(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def client(house: House, token: str) -> AsyncIterator[httpx.AsyncClient]:
    access = OperatorAccess(token=Secret(token) if token else None)
    logger = RateLimitedLogger(logging.getLogger("metrics"))
    house.more = [metrics_route(Numbers(), access, logger)]
    async with serving(house) as address, address.client() as client:
        yield client


async def test_this_machine_reads_where_no_token_is_set(
    client: httpx.AsyncClient, token: str
) -> None:
    response = await client.get("/metrics")

    assert response.status_code == (401 if token else 200)
    assert ("answers_total 42" in response.text) == (not token)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"])
async def test_what_a_proxy_passes_on_needs_the_token(
    client: httpx.AsyncClient, token: str, header: str
) -> None:
    refused = await client.get("/metrics", headers={header: "127.0.0.1"})
    given = {header: "127.0.0.1", "Authorization": f"Bearer {token or 'anything'}"}
    shown = await client.get("/metrics", headers=given)

    assert (refused.status_code, refused.json()) == (401, {"error": "unauthorized"})
    assert shown.status_code == (200 if token else 401)


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer a-token-of-metric", "Basic {}.", "{}.", "bearer é"]
)
async def test_nothing_but_the_token_opens(
    client: httpx.AsyncClient, token: str, given: str
) -> None:
    authorization = given.format(token).encode("latin-1")

    response = await client.get(
        "/metrics", headers=[(b"authorization", authorization), (b"via", b"x")]
    )

    assert response.status_code == 401


async def test_it_is_read_as_prometheus_wants_it(client: httpx.AsyncClient, token: str) -> None:
    response = await client.get("/metrics", headers={"Authorization": f"Bearer {token or 0}"})

    assert response.status_code == 200
    assert response.headers["content-type"] == Numbers.content_type
    assert response.headers["cache-control"] == "no-store"


async def test_it_is_only_read(client: httpx.AsyncClient) -> None:
    assert (await client.post("/metrics")).status_code == 405
