"""The callbacks: the fields of every kind of message, and the ids that they contain."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.dingtalk.inbound.callback import read_callback
from adapters.dingtalk.inbound.robots import UNSIGNED
from adapters.dingtalk.inbound.signature import matches
from dingtalk_simulator.callback_sender import signed_headers
from dingtalk_simulator.conversation import SendError
from dingtalk_simulator.entities import RobotKeys, RobotKind
from dingtalk_simulator.records import Delivery
from dingtalk_simulator.signature import card_signature
from dingtalk_simulator.simulator import Simulator
from dingtalk_simulator.state import State, make_group, make_person, make_robot
from domain.message import ContentKind
from tests.simulator.integration.conftest import SECRET, Caller
from tests.simulator.integration.robot import Robot

pytestmark = pytest.mark.anyio

VECTORS = [
    (1684493546276, "client-secret-for-test", "nwBJQmaBLv9+5/sSS/66jcFc1/kGY5wo38L88LOGfRU="),
    (1577262236757, "this is a secret", "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA="),
    (1700000000000, f"SEC{'0' * 63}1", "3Z80WEt+gAXjJkC6/C1n2IlZqrbfBcv7XycF2382f64="),
    (1753000000000, "密钥-secret_✓", "njQPOqoY/UMGiq2laI7HAYIhTqLNAA3BWJQuZH/yBAc="),
]


@pytest.mark.parametrize(("now", "secret", "sign"), VECTORS)
def test_a_callback_is_signed_as_dingtalk_signs_it(now: int, secret: str, sign: str) -> None:
    state = State(now=lambda: now)
    robot = make_robot(state, "助手", RobotKeys(secret=secret))

    headers = signed_headers(state, robot)

    assert (headers["timestamp"], headers["sign"]) == (str(now), sign)


def test_clicks_on_cards_are_signed_by_another_scheme() -> None:
    signature = card_signature("1700000000000", "card-api-secret")

    assert signature == "w5yasVoE0C5W/x7zrNW8ReAk8FfqvWC8eTrZdsewFR4="


async def test_a_private_message_names_its_sender_and_chat(
    simulator: Simulator, robot: Robot
) -> None:
    message = await simulator.send("你好")

    posted = robot.posted[0]
    assert matches(posted.headers["timestamp"], posted.headers["sign"], SECRET)
    assert posted.headers["content-type"] == "application/json; charset=utf-8"
    assert posted.body["text"] == {"content": "你好"}
    assert posted.body["conversationType"] == "1"
    assert posted.body["senderStaffId"] == "manager1001"
    assert posted.body["robotCode"] == simulator.robot.robot_code
    assert posted.body["msgId"] == message.id
    assert posted.body["sessionWebhookExpiredTime"] == message.at + 5_400_000
    assert not {"conversationTitle", "atUsers", "isInAtList", "content"} & set(posted.body)
    assert message.delivery is Delivery.ACKNOWLEDGED
    assert [frame.status for frame in message.frames] == [200]


async def test_a_mention_in_a_group_leaves_a_leading_space(
    simulator: Simulator, robot: Robot
) -> None:
    await simulator.send("看看", room=simulator.group.id, mentions=["user1002"])

    assert robot.last["text"] == {"content": " 看看 @李静"}
    assert robot.last["isInAtList"] is True
    assert robot.last["conversationTitle"] == simulator.group.title
    mentioned = robot.last["atUsers"]
    assert isinstance(mentioned, list)
    assert mentioned[0] == {"dingtalkId": robot.last["chatbotUserId"]}
    assert mentioned[1]["staffId"] == "user1002"


@pytest.mark.parametrize(
    "facts",
    [{"mentions_robot": False}, {"msgtype": "audio"}, {"msgtype": "video"}, {"msgtype": "file"}],
    ids=str,
)
async def test_some_group_messages_are_not_delivered(
    simulator: Simulator, robot: Robot, facts: dict[str, object]
) -> None:
    message = await simulator.send("悄悄话", room=simulator.group.id, **facts)  # type: ignore[arg-type] # a table of facts

    assert message.delivery is Delivery.NOT_DELIVERED
    assert not robot.posted


async def test_external_people_have_no_staff_id(simulator: Simulator, robot: Robot) -> None:
    stranger = next(one for one in simulator.state.people if one.is_external)

    await simulator.send("在吗", person=stranger.id, room=simulator.group.id)

    assert robot.last["senderId"] == stranger.sender_id
    assert not {"senderStaffId", "senderCorpId", "isAdmin"} & set(robot.last)


async def test_an_unpublished_robot_gets_no_staff_ids(simulator: Simulator, robot: Robot) -> None:
    simulator.switch(is_published=False)

    await simulator.send("你好")

    assert not {"senderStaffId", "isAdmin"} & set(robot.last)


@pytest.mark.parametrize("is_signed", [False, True])
async def test_callbacks_of_outgoing_robots_carry_their_token(
    simulator: Simulator, robot: Robot, *, is_signed: bool
) -> None:
    state = simulator.state
    keys = RobotKeys(token="outgoing-token", secret="SEC-outgoing")
    outgoing = make_robot(state, "群助手", keys, kind=RobotKind.OUTGOING, target=robot.url)
    chat = make_group(state, "外面的群", outgoing, make_person(state, "孙"))
    simulator.switch(outgoing_callbacks_are_signed=is_signed)

    await simulator.send("你好", person=chat.members[0], room=chat.id)

    posted = robot.posted[0]
    assert posted.headers["token"] == "outgoing-token"
    assert ("sign" in posted.headers) is is_signed
    assert posted.body["robotCode"] == "normal"
    assert "senderStaffId" not in posted.body


KINDS = [
    ("text", ContentKind.TEXT, "一句话"),
    ("richText", ContentKind.RICH_TEXT, "一句话"),
    ("picture", ContentKind.PICTURE, None),
    ("audio", ContentKind.VOICE, "一句话"),
    ("video", ContentKind.VIDEO, None),
    ("file", ContentKind.FILE, None),
    ("unknownMsgType", ContentKind.OTHER, None),
]


@pytest.mark.parametrize("as_string", [False, True])
@pytest.mark.parametrize(("msgtype", "kind", "text"), KINDS)
async def test_every_kind_of_message_is_read_by_our_own_reader(  # noqa: PLR0913, PLR0917 - fixtures and a table
    simulator: Simulator,
    caller: Caller,
    msgtype: str,
    kind: ContentKind,
    text: str | None,
    as_string: bool,  # noqa: FBT001 - a column of the table
) -> None:
    simulator.switch(content_as_string=as_string)

    message = await simulator.send("一句话", msgtype=msgtype)

    body = message.frames[0].request_body.encode()
    read = read_callback(body).to_message(UNSIGNED, received_at=datetime.now(UTC))
    assert (read.content.kind, read.content.text) == (kind, text)
    assert caller.simulator is simulator


async def test_a_rich_text_keeps_the_order_of_its_pieces(
    simulator: Simulator, robot: Robot
) -> None:
    medium = simulator.state.media.keep(b"x", file_name="a.png", content_type="image/png")
    pieces = [{"text": "看"}, {"media": medium.id}, {"at": "user1002"}]

    message = await simulator.send(msgtype="richText", pieces=pieces)

    content = robot.last["content"]
    assert isinstance(content, dict)
    shown, picture, mention = content["richText"]
    assert shown == {"text": "看"}
    assert picture["type"] == "picture"
    assert picture["downloadCode"] != picture["pictureDownloadCode"]
    assert mention == {"type": "at", "atName": "李静", "atUserId": "user1002"}
    assert [one.id for one in message.media] == [medium.id]


@pytest.mark.parametrize("is_legacy", [False, True])
async def test_a_quotation_is_read_by_our_own_reader(
    simulator: Simulator, *, is_legacy: bool
) -> None:
    simulator.switch(quotes_in_legacy_form=is_legacy)
    first = await simulator.send("被引用的话")

    second = await simulator.send("这个怎么看", quotes=first.id)

    body = second.frames[0].request_body.encode()
    read = read_callback(body).to_message(UNSIGNED, received_at=datetime.now(UTC))
    assert (read.content.text, read.content.quoted) == ("这个怎么看", "被引用的话")


@pytest.mark.parametrize("name", ["text", "content"])
async def test_quoted_text_has_both_field_names(
    simulator: Simulator, robot: Robot, name: str
) -> None:
    first = await simulator.send("被引用的话")

    await simulator.send("这个怎么看", quotes=first.id)

    text = robot.last["text"]
    assert isinstance(text, dict)
    assert text["repliedMsg"]["content"][name] == "被引用的话"


async def test_a_quoted_card_contains_only_its_key(
    simulator: Simulator, caller: Caller, robot: Robot
) -> None:
    sent = await caller.call(
        "POST",
        "/v1.0/robot/oToMessages/batchSend",
        {
            "robotCode": simulator.robot.robot_code,
            "userIds": ["manager1001"],
            "msgKey": "sampleMarkdown",
            "msgParam": '{"title":"t","text":"**粗**"}',
        },
    )
    quoted = next(one for one in simulator.state.messages if one.by == "robot")

    await simulator.send("再说说", quotes=quoted.id)

    text = robot.last["text"]
    assert isinstance(text, dict)
    assert text["repliedMsg"]["msgType"] == "interactiveCard"
    assert text["repliedMsg"]["senderId"] == robot.last["chatbotUserId"]
    assert robot.last["originalProcessQueryKey"] == sent.json()["processQueryKey"]


async def test_callback_fields_can_be_overridden_or_removed(
    simulator: Simulator, robot: Robot
) -> None:
    await simulator.send("你好", more={"senderNick": "别名", "senderStaffId": None, "new": [1]})

    assert (robot.last["senderNick"], robot.last["new"]) == ("别名", [1])
    assert "senderStaffId" not in robot.last


@pytest.mark.parametrize("as_string", [False, True])
async def test_a_used_up_allowance_removes_the_content(
    simulator: Simulator, robot: Robot, *, as_string: bool
) -> None:
    simulator.switch(monthly_messages=1, quota_code_as_string=as_string)

    await simulator.send("第一句")
    await simulator.send("第二句")

    assert robot.posted[0].body["text"] == {"content": "第一句"}
    assert robot.last["errorCode"] == ("20001" if as_string else 20001)
    assert not {"text", "content"} & set(robot.last)


@pytest.mark.parametrize(
    "facts",
    [
        {"person": "nobody"},
        {"room": "cid-nowhere"},
        {"robot": "nobody"},
        {"quotes": "msg-never"},
        {"media": "nothing"},
        {"mentions": ["nobody"]},
        {"more": {"big": 2**70, "odd": "\ud800"}},
    ],
    ids=str,
)
async def test_unknown_ids_are_refused(simulator: Simulator, facts: dict[str, object]) -> None:
    with pytest.raises(SendError):
        await simulator.send("你好", **facts)  # type: ignore[arg-type] # a table of facts

    assert len(simulator.state.messages) == 0


@pytest.mark.parametrize(
    ("msgtype", "switches", "beginning"),
    [
        ("picture", {}, b"\x89PNG\r\n"),
        ("audio", {}, b"#!AMR\n"),
        ("audio", {"voice_format": "ogg"}, b"OggS"),
        ("video", {}, b"\x00\x00\x00 ftypisom"),
        ("file", {}, "示例文件".encode()),
    ],
)
async def test_sample_media_can_be_downloaded_by_their_code(  # noqa: PLR0913, PLR0917 - fixtures and a table
    simulator: Simulator,
    caller: Caller,
    robot: Robot,
    msgtype: str,
    switches: dict[str, object],
    beginning: bytes,
) -> None:
    simulator.switch(**switches)
    await simulator.send(msgtype=msgtype)
    content = robot.last["content"]
    assert isinstance(content, dict)
    asked = {
        "downloadCode": content["downloadCode"],
        "robotCode": simulator.robot.robot_code,
    }

    answer = await caller.call("POST", "/v1.0/robot/messageFiles/download", asked)
    async with httpx.AsyncClient(trust_env=False) as client:
        file = await client.get(answer.json()["downloadUrl"])

    assert file.content.startswith(beginning)
    assert len(file.content) < 10_000


async def test_an_existing_reply_is_returned_at_once(simulator: Simulator, robot: Robot) -> None:
    said = await simulator.send("你好")
    session = str(robot.last["sessionWebhook"])
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.post(session, json={"msgtype": "text", "text": {"content": "早到了"}})
    await asyncio.sleep(0.1)

    (reply,) = await simulator.replies_to(said, within=timedelta(seconds=5))

    assert reply.text == "早到了"
