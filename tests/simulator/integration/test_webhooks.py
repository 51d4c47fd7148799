"""Webhooks: accepted messages, and the errcode of everything else."""

import json
import time
from urllib.parse import quote

import pytest

from adapters.dingtalk.inbound.signature import sign
from dingtalk_simulator.entities import Robot as Inhabitant
from dingtalk_simulator.entities import RobotKeys, RobotKind
from dingtalk_simulator.simulator import Simulator
from dingtalk_simulator.state import make_group, make_robot
from tests.simulator.integration.conftest import Caller

pytestmark = pytest.mark.anyio

TEXT = {"msgtype": "text", "text": {"content": "好"}}
LARGEST = 20_000


def _of_size(size: int) -> bytes:
    frame = json.dumps({"msgtype": "text", "text": {"content": ""}}).encode()
    return frame.replace(b'""', b'"' + b"x" * (size - len(frame)) + b'"')


TAKEN = [
    (TEXT, "好"),
    ({"msgtype": "markdown", "markdown": {"title": "t", "text": "**b**"}}, "**b**"),
    ({"msgtype": "link", "link": {"title": "t", "text": "x", "messageUrl": "http://a"}}, "x"),
    (
        {
            "msgtype": "actionCard",
            "actionCard": {"title": "t", "text": "x", "singleTitle": "s", "singleURL": "http://a"},
        },
        "x",
    ),
    (
        {
            "msgtype": "actionCard",
            "actionCard": {
                "title": "t",
                "text": "x",
                "btns": [{"title": "A", "actionURL": "http://a"}],
            },
        },
        "x",
    ),
    (
        {
            "msgtype": "feedCard",
            "feedCard": {"links": [{"title": "f", "messageURL": "http://a", "picURL": "http://b"}]},
        },
        "f",
    ),
]


@pytest.mark.parametrize(("body", "shown"), TAKEN)
async def test_every_documented_kind_is_accepted(
    caller: Caller, simulator: Simulator, body: object, shown: str
) -> None:
    message = await simulator.send("问")

    answer = await caller.client.post(str(_webhook(simulator)), json=body)

    assert answer.json() == {"errcode": 0, "errmsg": "ok"}
    (reply,) = simulator.replies_after(message)
    assert reply.text.startswith(shown)
    assert reply.answers == message.id


def _webhook(simulator: Simulator) -> str:
    """The session of the last message."""
    message = list(simulator.state.messages)[-1]
    return f"/robot/sendBySession?session={message.session}"


JSON_TYPE = "application/json; charset=utf-8"
REFUSED = [
    (JSON_TYPE, b"", 40035),
    (JSON_TYPE, b"{", 43009),
    (JSON_TYPE, b'"\xff"', 43009),
    (JSON_TYPE, b"[" * 100_000, 460101),
    (JSON_TYPE, b"[" * 10_000, 43009),
    (JSON_TYPE, b"{}", 40035),
    ("text/plain", json.dumps(TEXT).encode(), 43004),
    ("", json.dumps(TEXT).encode(), 43004),
    (JSON_TYPE, b'{"msgtype":"image","image":{}}', 400105),
    (JSON_TYPE, b'{"msgtype":"interactiveCard"}', 400105),
    (JSON_TYPE, b'{"msgtype":"text"}', 40035),
    (JSON_TYPE, b'{"msgtype":"text","text":{"content":""}}', 40035),
    (JSON_TYPE, b'{"msgtype":"text","text":{"content":1}}', 40035),
    (JSON_TYPE, b'{"msgtype":"markdown","markdown":{"text":"x"}}', 40035),
    (JSON_TYPE, b'{"msgtype":"markdown","markdown":{"title":"","text":"x"}}', 40035),
    (JSON_TYPE, b'{"msgtype":"actionCard","actionCard":{"title":"t","text":"x"}}', 40035),
    (JSON_TYPE, b'{"msgtype":"feedCard","feedCard":{"links":[]}}', 40035),
    (JSON_TYPE, b'{"msgtype":null}', 40035),
    (JSON_TYPE, b'{"msgtype":"text","text":null}', 40035),
    (JSON_TYPE, b'{"msgtype":"text","text":{"content":null}}', 40035),
    (JSON_TYPE, b'{"msgtype":"text","text":{"content":"x"},"at":{"atUserIds":[1]}}', 40035),
    (JSON_TYPE, b"null", 43009),
    (JSON_TYPE, _of_size(LARGEST + 1), 460101),
    (JSON_TYPE, _of_size(LARGEST), 0),
    (JSON_TYPE, b'{"msgtype":"empty"}', 0),
]


@pytest.mark.parametrize(("kind", "body", "errcode"), REFUSED)
async def test_everything_else_has_its_errcode(
    caller: Caller, simulator: Simulator, kind: str, body: bytes, errcode: int
) -> None:
    path = simulator.webhook("s1")

    answer = await caller.client.post(path, content=body, headers={"content-type": kind})

    assert (answer.status_code, answer.json()["errcode"]) == (200, errcode)
    assert simulator.calls("sendBySession")[-1].errcode == errcode


async def test_an_expired_or_unknown_session_is_refused(
    caller: Caller, simulator: Simulator
) -> None:
    simulator.switch(session_life=0.0)
    ended = simulator.webhook("ended")

    answers = [
        await caller.client.post(path, json=TEXT)
        for path in (ended, "/robot/sendBySession?session=never", "/robot/sendBySession")
    ]

    assert [answer.json()["errcode"] for answer in answers] == [300001] * 3


@pytest.mark.parametrize(
    ("what", "change", "errcode"),
    [
        ("rooms", {"is_disbanded": True}, 400013),
        ("robots", {"is_disabled": True}, 400102),
        ("rooms", {"has_robot": False}, 400106),
        ("robots", {"keywords": ["天气"]}, 310000),
        ("robots", {"keywords": ["好"]}, 0),
    ],
)
async def test_disbanded_chats_and_disabled_robots_refuse_messages(
    caller: Caller, simulator: Simulator, what: str, change: object, errcode: int
) -> None:
    path = simulator.webhook("s1")
    name = simulator.group.id if what == "rooms" else simulator.robot.id
    changed = await caller.control("PATCH", f"/{what}/{name}", change)

    answer = await caller.client.post(path, json=TEXT)

    assert changed.status_code == 200
    assert answer.json()["errcode"] == errcode


async def test_sessions_can_have_a_limit_a_minute(caller: Caller, simulator: Simulator) -> None:
    simulator.switch(session_sends_a_minute=2)
    path = simulator.webhook("s1")

    codes = [(await caller.client.post(path, json=TEXT)).json()["errcode"] for _ in range(3)]

    assert codes == [0, 0, 130101]


@pytest.mark.parametrize("is_honoured", [False, True])
async def test_a_repeated_uuid_is_posted_once_if_switched(
    caller: Caller, simulator: Simulator, *, is_honoured: bool
) -> None:
    simulator.switch(session_honours_msg_uuid=is_honoured)
    path = simulator.webhook("s1")

    for _ in range(2):
        await caller.client.post(path, json=TEXT | {"msgUuid": "u1"})

    assert len(simulator.state.messages) == (1 if is_honoured else 2)


@pytest.mark.parametrize(
    ("msgtype", "text", "shown", "mentions"),
    [
        ("markdown", "好 @user1002", "好 @李静", ["user1002"]),
        ("markdown", "好", "好", []),
        ("text", "好", "好 @李静", ["user1002"]),
        ("text", "@user1002 好", "@李静 好", ["user1002"]),
    ],
)
async def test_a_mention_needs_its_placeholder_except_in_text(  # noqa: PLR0913, PLR0917 - fixtures and a table
    caller: Caller, simulator: Simulator, msgtype: str, text: str, shown: str, mentions: list[str]
) -> None:
    content = {"content": text} if msgtype == "text" else {"title": "t", "text": text}
    body = {"msgtype": msgtype, msgtype: content, "at": {"atUserIds": ["user1002", "stranger"]}}

    await caller.client.post(simulator.webhook("s1"), json=body)

    (message,) = simulator.state.messages
    assert (message.text, message.mentions) == (shown, mentions)


def _custom_robot(simulator: Simulator, secret: str = "") -> Inhabitant:
    keys = RobotKeys(token="custom-token", secret=secret)
    robot = make_robot(simulator.state, "告警", keys, kind=RobotKind.OUTGOING)
    make_group(simulator.state, "告警群", robot, next(iter(simulator.state.people)))
    return robot


async def test_a_custom_robot_sends_by_its_token(caller: Caller, simulator: Simulator) -> None:
    _custom_robot(simulator)

    codes = [
        (await caller.client.post(f"/robot/send{query}", json=TEXT)).json()["errcode"]
        for query in ("?access_token=custom-token", "?access_token=wrong", "")
    ]

    assert codes == [0, 300001, 400101]
    assert [one.text for one in simulator.state.messages] == ["好"]
    assert simulator.calls("robotSend")[0].query == {"access_token": "***"}


async def test_a_custom_robot_with_a_secret_must_sign(caller: Caller, simulator: Simulator) -> None:
    _custom_robot(simulator, "SEC-of-the-custom-robot")
    now = int(time.time() * 1000)

    async def code(timestamp: int, secret: str) -> int:
        signature = quote(sign(str(timestamp), secret), safe="")
        query = f"access_token=custom-token&timestamp={timestamp}&sign={signature}"
        answer = await caller.client.post(f"/robot/send?{query}", json=TEXT)
        return int(answer.json()["errcode"])

    good = "SEC-of-the-custom-robot"
    assert await code(now, good) == 0
    assert await code(now, "another") == 310000
    assert await code(now - 3_700_000, good) == 310000
    assert await code(now // 1000, good) == 310000


async def test_a_custom_robot_is_blocked_after_twenty_messages(
    caller: Caller, simulator: Simulator
) -> None:
    _custom_robot(simulator)
    path = "/robot/send?access_token=custom-token"

    codes = [(await caller.client.post(path, json=TEXT)).json()["errcode"] for _ in range(22)]

    assert codes == [0] * 20 + [130101] * 2
