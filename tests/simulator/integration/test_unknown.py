"""What a robot calls that is not served here is refused, and can be seen in the log."""

import httpx
import pytest

from dingtalk_simulator.simulator import Simulator
from tests.simulator.integration.conftest import SECRET, Caller

pytestmark = pytest.mark.anyio

TOPAPI = "/topapi/v2/user%2Fget//x"


async def test_an_address_that_is_not_served_is_refused_and_noted(
    caller: Caller, simulator: Simulator
) -> None:
    answer = await caller.client.post(f"{TOPAPI}?key={SECRET}", json={"userid": "u"})

    assert (answer.status_code, answer.json()["code"]) == (404, "InvalidAction.NotFound")
    (call,) = simulator.calls("unknown")
    assert (call.method, call.path, call.query) == ("POST", TOPAPI, {"key": "***"})
    assert (call.status, call.code, call.billed) == (404, "InvalidAction.NotFound", "free")
    assert call.request_size == len(b'{"userid":"u"}')


async def test_a_wrong_method_is_noted_too(caller: Caller, simulator: Simulator) -> None:
    answer = await caller.client.get("/v1.0/oauth2/accessToken")

    assert answer.status_code == 405
    assert [call.status for call in simulator.calls("unknown")] == [405]


async def test_what_a_browser_looks_for_is_no_call_of_a_robot(
    caller: Caller, simulator: Simulator
) -> None:
    headers = {"sec-fetch-site": "same-origin"}

    answer: httpx.Response = await caller.client.get("/favicon.ico", headers=headers)

    assert answer.status_code == 404
    assert simulator.calls() == []
