"""The control API: what it shows and changes, and which requests it refuses."""

import asyncio
import json

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dingtalk_simulator.server import running_simulator
from dingtalk_simulator.simulator import Simulator, SimulatorSettings
from dingtalk_simulator.switches import Switches
from tests.simulator.integration.conftest import SECRET, Caller
from tests.simulator.integration.robot import Robot

pytestmark = pytest.mark.anyio

JSON = {"content-type": "application/json"}


async def test_the_state_lists_all_entities(caller: Caller, simulator: Simulator) -> None:
    state = (await caller.control("GET", "/state")).json()

    assert [one["name"] for one in state["people"]] == ["王小明", "李静", "赵磊", "陈外部"]
    assert [one["is_external"] for one in state["people"]] == [False, False, False, True]
    assert [one["kind"] for one in state["rooms"]] == ["private"] * 3 + ["group"]
    assert state["robots"][0]["client_id"] == simulator.robot.client_id
    assert state["switches"]["callback_time_limit"] == 5.0
    assert SECRET not in json.dumps(state)


async def test_people_robots_and_chats_can_be_created(caller: Caller, robot: Robot) -> None:
    person = (await caller.control("POST", "/people", {"name": "周"})).json()
    made = (
        await caller.control(
            "POST", "/robots", {"name": "第二个", "client_id": "dingsecond", "target": robot.url}
        )
    ).json()
    asked = {"kind": "group", "title": "新群", "robot": made["id"], "members": [person["id"]]}
    chat = (await caller.control("POST", "/rooms", asked)).json()

    said = {"person": person["id"], "room": chat["id"], "text": "你好"}
    message = (await caller.control("POST", "/messages", said)).json()

    assert made["secret"]
    assert (message["delivery"], robot.last["robotCode"]) == ("acknowledged", "dingsecond")
    shown = (await caller.control("GET", f"/rooms/{chat['id']}/messages")).json()
    assert [one["id"] for one in shown["messages"]] == [message["id"]]
    assert shown["cursor"] == message["sequence"]


async def test_a_message_can_be_replayed(caller: Caller, robot: Robot) -> None:
    message = (await caller.control("POST", "/messages", _said("你好"))).json()
    path = f"/messages/{message['id']}/replay"

    same = (await caller.control("POST", path, {"same_id": True})).json()
    new = (await caller.control("POST", path, {"same_id": False})).json()

    assert same["id"] == message["id"] != new["id"]
    assert len(same["frames"]) == 2
    assert [one.body["msgId"] for one in robot.posted] == [message["id"], message["id"], new["id"]]
    sessions = {one.body["sessionWebhook"] for one in robot.posted}
    assert len(sessions) == 2


def _said(text: str, **more: object) -> dict[str, object]:
    return {"person": "manager1001", "text": text, **more}


async def test_calls_are_paginated(caller: Caller) -> None:
    for text in "一二三":
        await caller.control("POST", "/messages", _said(text))

    first = (await caller.control("GET", "/calls?limit=2")).json()
    rest = (await caller.control("GET", f"/calls?after={first['cursor']}")).json()
    none = (await caller.control("GET", "/calls?endpoint=sendBySession")).json()

    texts = [json.loads(one["request_body"])["text"]["content"] for one in first["calls"]]
    assert texts == ["一", "二"]
    assert len(rest["calls"]) == 1
    assert none["calls"] == []


async def test_a_transcript_can_be_imported_by_another_simulator(
    caller: Caller, simulator: Simulator
) -> None:
    await caller.control("POST", "/messages", _said("你好"))
    await caller.client.post(
        simulator.webhook("s1"), json={"msgtype": "text", "text": {"content": "好"}}
    )
    document = (await caller.control("GET", "/transcript")).json()

    async with (
        running_simulator(SimulatorSettings(client_id="dinganother")) as other,
        httpx.AsyncClient(base_url=other.origin, trust_env=False) as client,
    ):
        taken = await client.post("/_simulator/transcript", json=document)
        again = await client.post("/_simulator/transcript", json=document)
        texts = [message.text for message in other.state.messages]

    assert SECRET not in json.dumps(document)
    assert (taken.json(), again.json()) == ({"imported": 2}, {"imported": 0})
    assert texts == ["你好", "好"]


async def test_a_reset_restores_the_initial_state(
    caller: Caller, simulator: Simulator, robot: Robot
) -> None:
    await caller.control("POST", "/messages", _said("你好"))
    await caller.control("PATCH", "/switches", {"session_life": 1})
    simulator.fail("sendBySession", "hang")

    await caller.control("POST", "/reset", {})

    state = (await caller.control("GET", "/state")).json()
    assert (state["failures"], state["billing"]["webhook_and_stream"]) == ([], 0)
    assert state["switches"]["session_life"] == 5400.0
    assert (await caller.control("GET", "/calls")).json()["calls"] == []
    await simulator.send("再来")
    assert len(robot.posted) == 2


async def test_switches_can_be_changed_and_reset(caller: Caller) -> None:
    changed = await caller.control("PATCH", "/switches", {"is_published": False})
    back = await caller.control("DELETE", "/switches")

    assert (changed.json()["is_published"], back.json()["is_published"]) == (False, True)
    assert set(back.json()) == set(Switches.__struct_fields__)


async def test_events_are_streamed(caller: Caller, simulator: Simulator) -> None:
    begun = simulator.state.events.cursor
    await simulator.send("第一句")
    kinds: list[str] = []

    path = f"/_simulator/events?after={begun}"
    async with caller.client.stream("GET", path) as stream, asyncio.timeout(5):
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                kinds.append(line.removeprefix("event: "))
                if len(kinds) == 3:
                    await simulator.send("第二句")
            if len(kinds) == 6:
                break

    assert stream.headers["content-type"].startswith("text/event-stream")
    assert kinds == ["message", "call", "delivery"] * 2


async def test_a_disconnected_subscriber_is_removed(caller: Caller, simulator: Simulator) -> None:
    async with caller.client.stream("GET", "/_simulator/events") as stream:
        await anext(stream.aiter_lines())
        assert simulator.state.events.listeners == 1

    async with asyncio.timeout(5):
        while simulator.state.events.listeners:  # noqa: ASYNC110 - the server notices it by itself
            await asyncio.sleep(0.05)


FOREIGN: list[dict[str, str]] = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://localhost:1"},
    {"host": "evil.example"},
    {"host": "evil.example:8091", "origin": "http://evil.example:8091"},
    {"host": ""},
    {"host": "[::1"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_pages_of_other_sites_are_refused(
    caller: Caller, method: str, headers: dict[str, str]
) -> None:
    path = "/_simulator/state" if method == "GET" else "/_simulator/reset"

    answer = await caller.client.request(method, path, headers=JSON | headers)

    assert answer.status_code in {400, 403}, answer.text


async def test_the_own_page_is_accepted(caller: Caller, simulator: Simulator) -> None:
    headers = JSON | {"origin": simulator.origin, "sec-fetch-site": "same-origin"}

    answer = await caller.client.post("/_simulator/reset", headers=headers, content=b"{}")

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/reset"),
        ("POST", "/messages"),
        ("PATCH", "/switches"),
        ("DELETE", "/failures"),
        ("POST", "/transcript"),
    ],
)
async def test_changes_have_to_be_json(caller: Caller, method: str, path: str, kind: str) -> None:
    answer = await caller.client.request(
        method, f"/_simulator{path}", content=b"{}", headers={"content-type": kind}
    )

    assert answer.status_code == 415


MISTAKES = [
    ("POST", "/messages", b"", 400),
    ("POST", "/messages", b"{", 400),
    ("POST", "/messages", b'"\xff"', 400),
    ("POST", "/messages", b"[" * 50_000, 400),
    ("POST", "/messages", b'{"person":"manager1001","unheard_of":1}', 400),
    ("POST", "/messages", b'{"person":"manager1001","msgtype":"poem"}', 400),
    ("POST", "/messages", b'{"person":"manager1001","more":{"n":1e400}}', 400),
    ("POST", "/messages", b'{"person":"manager1001","text":"\\ud800"}', 400),
    ("POST", "/people", b'{"name":""}', 400),
    ("POST", "/people", b'{"name":"x","staff_id":"manager1001"}', 409),
    ("POST", "/people", b'{"name":"x","staff_id":"a/b"}', 400),
    ("POST", "/robots", b'{"name":"x","target":"file:///etc/passwd"}', 400),
    ("POST", "/robots", b'{"name":"x","client_id":"dingsimulated0001"}', 409),
    ("POST", "/robots", b'{"name":"x","kind":"outgoing","mode":"stream"}', 400),
    ("PATCH", "/robots/nobody", b"{}", 404),
    ("PATCH", "/robots/dingsimulated0001", b'{"target":"ftp://x"}', 400),
    ("PATCH", "/robots/dingsimulated0001", b'{"client_id":"x"}', 400),
    ("POST", "/rooms", b'{"kind":"private","robot":"dingsimulated0001","members":[]}', 400),
    ("POST", "/rooms", b'{"kind":"group","robot":"nobody","members":["manager1001"]}', 404),
    ("GET", "/rooms/nowhere/messages", b"", 404),
    ("GET", "/messages/never", b"", 404),
    ("POST", "/messages/never/replay", b"{}", 404),
    ("GET", "/calls?after=x", b"", 400),
    ("GET", "/calls?after=-1", b"", 400),
    ("GET", "/calls?limit=99999999999999999999", b"", 400),
    ("GET", "/events?after=x", b"", 400),
    ("GET", "/transcript?room=nowhere", b"", 404),
    ("POST", "/transcript", b'{"version":2}', 400),
    ("PATCH", "/switches", b'{"unheard_of":1}', 400),
    ("PATCH", "/switches", b'{"session_life":-1}', 400),
    ("PATCH", "/switches", b'{"session_life":1e300}', 400),
    ("PATCH", "/switches", b'{"is_published":"yes"}', 400),
    ("PATCH", "/switches", b"[]", 400),
    ("POST", "/failures", b'{"endpoint":"nothing","kind":"hang"}', 400),
    ("POST", "/failures", b'{"endpoint":"callback","kind":"hang"}', 400),
    ("POST", "/failures", b'{"endpoint":"sendBySession","kind":"duplicate"}', 400),
    ("POST", "/failures", b'{"endpoint":"sendBySession","kind":"hang","seconds":1e9}', 400),
    (
        "POST",
        "/failures",
        b'{"endpoint":"sendBySession","kind":"answer","headers":{"a\\r\\nb":"c"}}',
        400,
    ),
    ("POST", "/expire", b'{"what":"everything"}', 400),
    ("POST", "/stream", b'{"robot":"nobody","how":"drop"}', 404),
    ("GET", "/cards/never", b"", 404),
    ("POST", "/cards/never/click", b"{}", 404),
    ("POST", "/media", b'{"file_name":"x","content_type":"image/png","content":"?"}', 400),
    ("POST", "/media", b'{"file_name":"x","content_type":"bad\\r\\n","content":""}', 400),
    ("GET", "/media/never", b"", 404),
    ("GET", "/nothing", b"", 404),
    ("PUT", "/state", b"{}", 405),
    ("POST", "/messages", b'"' + b"x" * 2_000_000 + b'"', 413),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), MISTAKES)
async def test_an_invalid_request_is_explained(  # noqa: PLR0913, PLR0917 - fixtures and a table
    caller: Caller, simulator: Simulator, method: str, path: str, body: bytes, status: int
) -> None:
    answer = await caller.client.request(method, f"/_simulator{path}", content=body, headers=JSON)

    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error", "detail"}
    assert len(simulator.state.messages) == 0


FIELDS = st.sampled_from(
    ["person", "room", "robot", "msgtype", "text", "pieces", "mentions", "quotes", "more", "kind"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["manager1001", "text", "audio", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["messages", "people", "robots", "rooms", "failures", "transcript"]),
    body=VALUES | st.dictionaries(FIELDS, VALUES, max_size=5),
)
async def test_no_json_causes_a_server_error(caller: Caller, path: str, body: object) -> None:
    content = msgspec.json.encode(body) if not _is_too_large(body) else b"0"

    answer = await caller.client.post(f"/_simulator/{path}", content=content, headers=JSON)

    assert answer.status_code < 500, answer.text


def _is_too_large(body: object) -> bool:
    try:
        msgspec.json.encode(body)
    except (OverflowError, msgspec.MsgspecError):
        return True
    return False
