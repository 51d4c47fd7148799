"""Injected failures: each kind, for a number of calls, at one endpoint."""

import asyncio
import time

import httpx
import pytest

from dingtalk_simulator.simulator import Simulator
from tests.simulator.integration.conftest import Caller

pytestmark = pytest.mark.anyio

TEXT = {"msgtype": "text", "text": {"content": "好"}}


async def _fail(caller: Caller, **facts: object) -> None:
    answer = await caller.control("POST", "/failures", {"endpoint": "sendBySession", **facts})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("facts", "status", "body"),
    [
        ({"kind": "errcode", "errcode": 130101}, 200, '"errcode":130101'),
        ({"kind": "code", "code": "system.busy", "status": 500}, 500, '"code":"system.busy"'),
        ({"kind": "answer", "status": 502, "body": "<bad gateway>"}, 502, "<bad gateway>"),
        ({"kind": "throttle_page"}, 200, "<html>"),
        ({"kind": "throttle_json", "status": 403}, 403, '"status":1111'),
    ],
)
async def test_a_faked_response_replaces_the_regular_one(
    caller: Caller, simulator: Simulator, facts: dict[str, object], status: int, body: str
) -> None:
    await _fail(caller, **facts)
    path = simulator.webhook("s1")

    failed = await caller.client.post(path, json=TEXT)
    fine = await caller.client.post(path, json=TEXT)

    assert failed.status_code == status
    assert body in failed.text
    assert fine.json()["errcode"] == 0
    assert len(simulator.state.messages) == 1
    first, second = simulator.calls("sendBySession")
    assert (first.failure, second.failure) == (facts["kind"], "")


async def test_a_response_can_redirect(caller: Caller, simulator: Simulator) -> None:
    headers = {"location": "http://127.0.0.1:9/"}
    await _fail(caller, kind="answer", status=302, headers=headers)

    answer = await caller.client.post(simulator.webhook("s1"), json=TEXT)

    assert (answer.status_code, answer.headers["location"]) == (302, headers["location"])


async def test_a_message_can_be_posted_although_its_response_is_lost(
    caller: Caller, simulator: Simulator
) -> None:
    await _fail(caller, kind="close", handled=True)

    with pytest.raises(httpx.TransportError):
        await caller.client.post(simulator.webhook("s1"), json=TEXT)

    assert [message.text for message in simulator.state.messages] == ["好"]
    call = simulator.calls("sendBySession")[0]
    assert (call.status, call.error, call.failure) == (None, "hung_up", "close")


@pytest.mark.parametrize("kind", ["hang", "latency"])
async def test_a_handled_message_is_posted_before_its_delayed_response(
    caller: Caller, simulator: Simulator, kind: str
) -> None:
    await _fail(caller, kind=kind, handled=True, seconds=60)
    call = asyncio.create_task(caller.client.post(simulator.webhook("s1"), json=TEXT))

    async with asyncio.timeout(5):
        while not simulator.state.messages:  # noqa: ASYNC110 - what is outside rings no bell
            await asyncio.sleep(0.01)

    assert not call.done()
    assert [message.text for message in simulator.state.messages] == ["好"]
    call.cancel()


@pytest.mark.parametrize("kind", ["close", "reset"])
async def test_a_connection_can_be_cut(caller: Caller, simulator: Simulator, kind: str) -> None:
    await _fail(caller, kind=kind)

    with pytest.raises(httpx.TransportError):
        await caller.client.post(simulator.webhook("s1"), json=TEXT)

    assert len(simulator.state.messages) == 0


@pytest.mark.parametrize("kind", ["hang", "drip", "flood"])
async def test_a_response_can_be_endless(caller: Caller, simulator: Simulator, kind: str) -> None:
    await _fail(caller, kind=kind)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await caller.client.post(simulator.webhook("s1"), json=TEXT)

    assert (await caller.client.post(simulator.webhook("s2"), json=TEXT)).json()["errcode"] == 0


async def test_a_response_can_be_delayed(caller: Caller, simulator: Simulator) -> None:
    await _fail(caller, kind="latency", seconds=0.2)
    begun = time.monotonic()

    answer = await caller.client.post(simulator.webhook("s1"), json=TEXT)

    assert answer.json()["errcode"] == 0
    assert time.monotonic() - begun >= 0.2
    assert simulator.calls("sendBySession")[0].latency_ms >= 200


async def test_failures_are_queued_until_they_are_cleared(
    caller: Caller, simulator: Simulator
) -> None:
    await _fail(caller, kind="errcode", errcode=-1, times=2)
    await _fail(caller, kind="errcode", errcode=410100, times=None)
    path = simulator.webhook("s1")

    codes = [(await caller.client.post(path, json=TEXT)).json()["errcode"] for _ in range(4)]
    cleared = await caller.control("DELETE", "/failures/sendBySession")
    after = await caller.client.post(path, json=TEXT)

    assert codes == [-1, -1, 410100, 410100]
    assert cleared.json() == {"failures": []}
    assert after.json()["errcode"] == 0


async def test_a_failure_applies_to_one_endpoint(caller: Caller, simulator: Simulator) -> None:
    simulator.fail("accessToken", "code", code="system.busy", status=500)

    answer = await caller.client.post(simulator.webhook("s1"), json=TEXT)

    assert answer.json()["errcode"] == 0
    assert len(simulator.state.failures.all()) == 1


@pytest.mark.parametrize("what", ["sessions", "tokens", "downloads"])
async def test_everything_can_be_expired(caller: Caller, simulator: Simulator, what: str) -> None:
    path = simulator.webhook("s1")
    token = await caller.token()
    await simulator.send(msgtype="picture")

    answer = await caller.control("POST", "/expire", {"what": what})

    assert answer.json()["expired"] >= 1
    sent = (await caller.client.post(path, json=TEXT)).json()["errcode"]
    assert (sent == 300001) is (what == "sessions")
    assert (await caller.token() != token) is (what == "tokens")


async def test_the_simulator_stops_in_time_despite_a_hanging_request(
    caller: Caller, simulator: Simulator
) -> None:
    await _fail(caller, kind="hang")
    call = asyncio.create_task(caller.client.post(simulator.webhook("s1"), json=TEXT))
    await asyncio.sleep(0.1)

    await simulator.close()

    async with asyncio.timeout(2):
        assert (await call).status_code == 504
