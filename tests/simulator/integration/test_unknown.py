"""Unknown URLs are refused and recorded."""

import httpx
import pytest

from dingtalk_simulator.simulator import Simulator
from tests.simulator.integration.conftest import SECRET, Caller

pytestmark = pytest.mark.anyio

TOPAPI = "/topapi/v2/user%2Fget//x"


async def test_an_unknown_url_is_refused_and_recorded(caller: Caller, simulator: Simulator) -> None:
    answer = await caller.client.post(f"{TOPAPI}?key={SECRET}", json={"userid": "u"})

    assert (answer.status_code, answer.json()["code"]) == (404, "InvalidAction.NotFound")
    (call,) = simulator.calls("unknown")
    assert (call.method, call.path, call.query) == ("POST", TOPAPI, {"key": "***"})
    assert (call.status, call.code, call.billed) == (404, "InvalidAction.NotFound", "free")
    assert call.request_size == len(b'{"userid":"u"}')


async def test_a_wrong_method_is_recorded(caller: Caller, simulator: Simulator) -> None:
    answer = await caller.client.get("/v1.0/oauth2/accessToken")

    assert answer.status_code == 405
    assert [call.status for call in simulator.calls("unknown")] == [405]


async def test_requests_of_browsers_are_not_recorded(caller: Caller, simulator: Simulator) -> None:
    headers = {"sec-fetch-site": "same-origin"}

    answer: httpx.Response = await caller.client.get("/favicon.ico", headers=headers)

    assert answer.status_code == 404
    assert simulator.calls() == []
