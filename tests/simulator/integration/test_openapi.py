"""The OpenAPI: tokens, messages to people and groups, media, reactions, limits."""

import json

import msgspec
import pytest

from dingtalk_simulator.entities import RobotKeys
from dingtalk_simulator.simulator import Simulator
from dingtalk_simulator.state import make_robot
from tests.simulator.integration.conftest import SECRET, Caller
from tests.simulator.integration.robot import Robot

pytestmark = pytest.mark.anyio

BATCH = "/v1.0/robot/oToMessages/batchSend"
GROUP = "/v1.0/robot/groupMessages/send"
DOWNLOAD = "/v1.0/robot/messageFiles/download"
PNG = ("a.png", b"\x89PNG", "image/png")


def _private(simulator: Simulator, **changes: object) -> dict[str, object]:
    return {
        "robotCode": simulator.robot.robot_code,
        "userIds": ["manager1001"],
        "msgKey": "sampleText",
        "msgParam": '{"content":"你好"}',
    } | changes


async def test_the_same_token_is_issued_until_it_expires(
    caller: Caller, simulator: Simulator
) -> None:
    first, second = await caller.token(), await caller.token()
    simulator.state.tokens.expire(None)

    third = await caller.token()

    assert first == second != third


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"appKey": "dingsimulated0001", "appSecret": "wrong"}, "invalidClientIdOrSecret"),
        ({"appKey": "nobody", "appSecret": SECRET}, "invalidClientIdOrSecret"),
        ({"appKey": "dingsimulated0001"}, "invalidParameter.body"),
        ([], "invalidParameter.body"),
    ],
)
async def test_wrong_credentials_get_no_token(caller: Caller, keys: object, code: str) -> None:
    answer = await caller.client.post("/v1.0/oauth2/accessToken", json=keys)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_secrets_are_not_recorded(caller: Caller, simulator: Simulator) -> None:
    await caller.token()
    await caller.client.get(f"/gettoken?appkey={simulator.robot.client_id}&appsecret={SECRET}")

    seen = (await caller.control("GET", "/calls")).text + (
        await caller.control("GET", "/state")
    ).text

    assert SECRET not in seen
    assert "***" in seen


@pytest.mark.parametrize("status", [400, 401])
async def test_a_valid_token_is_required(caller: Caller, simulator: Simulator, status: int) -> None:
    simulator.switch(invalid_token_status=status)
    ended = await caller.token()
    simulator.state.tokens.expire(ended)

    answers = [
        await caller.call("POST", BATCH, _private(simulator), token=token)
        for token in (ended, "made-up")
    ]

    assert [answer.status_code for answer in answers] == [status] * 2
    assert {answer.json()["code"] for answer in answers} == {"InvalidAuthentication"}


async def test_the_old_api_distinguishes_expired_tokens_from_invalid_ones(
    caller: Caller, simulator: Simulator
) -> None:
    query = f"appkey={simulator.robot.client_id}&appsecret={SECRET}"
    given = (await caller.client.get(f"/gettoken?{query}")).json()
    simulator.state.tokens.expire(None)

    codes = [
        (await caller.client.post(f"/media/upload?access_token={token}")).json()["errcode"]
        for token in (given["access_token"], "made-up")
    ]

    assert (given["errcode"], given["expires_in"]) == (0, 7200)
    assert codes == [42001, 40014]


@pytest.mark.parametrize("are_interchangeable", [False, True])
async def test_tokens_are_interchangeable_if_switched(
    caller: Caller, simulator: Simulator, *, are_interchangeable: bool
) -> None:
    simulator.switch(tokens_are_interchangeable=are_interchangeable)
    path = f"/media/upload?access_token={await caller.token()}&type=image"

    answer = await caller.client.post(path, files={"media": PNG})

    assert answer.json()["errcode"] == (0 if are_interchangeable else 40014)


async def test_a_message_is_posted_to_the_private_chat(
    caller: Caller, simulator: Simulator
) -> None:
    asked = _private(simulator, userIds=["manager1001", "stranger", "user1002"])
    simulator.switch(flow_controlled_staff_ids=["user1002"])

    answer = await caller.call("POST", BATCH, asked)

    assert answer.json()["invalidStaffIdList"] == ["stranger"]
    assert answer.json()["flowControlledStaffIdList"] == ["user1002"]
    (message,) = simulator.state.messages
    chat = simulator.state.chats.get(message.room)
    assert chat is not None
    assert (chat.members, message.text) == (("manager1001",), "你好")


REFUSED = [
    ({"robotCode": "another"}, "invalidParameter.robotCode.auth"),
    ({"msgKey": "sampleNothing"}, "invalidParameter.msgKey"),
    ({"msgParam": {"content": "x"}}, "invalidParameter.body"),
    ({"msgParam": "no JSON"}, "invalidParameter.msgParam"),
    ({"msgParam": '{"content": 1}'}, "invalidParameter.msgParam"),
    ({"msgParam": "{}"}, "invalidParameter.msgParam"),
    ({"msgParam": json.dumps({"content": "x" * 15_000})}, "invalidParameter.msgParam"),
    ({"msgKey": "sampleMarkdown"}, "invalidParameter.msgParam"),
    ({"userIds": []}, "invalidParameter.body"),
    ({"userIds": ["u"] * 21}, "invalidParameter.body"),
    ({"userIds": "manager1001"}, "invalidParameter.body"),
]


@pytest.mark.parametrize(("changes", "code"), REFUSED)
async def test_a_bad_message_is_refused(
    caller: Caller, simulator: Simulator, changes: dict[str, object], code: str
) -> None:
    answer = await caller.call("POST", BATCH, _private(simulator, **changes))

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert len(simulator.state.messages) == 0


@pytest.mark.parametrize("size", [15_000, 15_001])
async def test_parameters_are_measured_in_bytes(
    caller: Caller, simulator: Simulator, size: int
) -> None:
    frame = '{"content":""}'
    words = f'{{"content":"{"x" * (size - len(frame))}"}}'

    answer = await caller.call("POST", BATCH, _private(simulator, msgParam=words))

    assert answer.is_success is (size == 15_000)


@pytest.mark.parametrize(
    ("chat", "code"),
    [("", "miss.openConversationId"), ("cid-nowhere", "invalid.openConversationId")],
)
async def test_a_group_message_needs_a_group(
    caller: Caller, simulator: Simulator, chat: str, code: str
) -> None:
    asked = _private(simulator, openConversationId=chat)

    answer = await caller.call("POST", GROUP, asked)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_a_disbanded_group_refuses_messages(caller: Caller, simulator: Simulator) -> None:
    asked = _private(simulator, openConversationId=simulator.group.id)
    taken = await caller.call("POST", GROUP, asked)
    await caller.control("PATCH", f"/rooms/{simulator.group.id}", {"is_disbanded": True})

    refused = await caller.call("POST", GROUP, asked)

    assert taken.json()["processQueryKey"]
    assert refused.json()["code"] == "group.disbanded"


async def test_more_than_twenty_calls_a_second_are_refused(
    caller: Caller, simulator: Simulator
) -> None:
    simulator.switch(api_calls_a_second=3)
    token = await caller.token()

    answers = [await caller.call("POST", BATCH, _private(simulator), token=token) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200] * 3 + [403]
    assert answers[-1].json()["code"] == "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"
    assert simulator.state.billing.bill().by_endpoint == {"batchSend": 3}


UPLOADS = [
    ("image", PNG, 0),
    ("image", ("a.txt", b"x", "text/plain"), 40004),
    ("file", ("a.pdf", b"x", "application/pdf"), 0),
    ("file", ("a.md", b"x", "text/plain"), 40004),
    ("music", ("a.mp3", b"x", "audio/mpeg"), 40004),
    ("voice", ("a.mp3", b"x" * (2 * 1024 * 1024 + 1), "audio/mpeg"), 40004),
    ("image", ("a.png", b"", "image/png"), 40004),
    ("", PNG, 40035),
]


@pytest.mark.parametrize(("kind", "file", "errcode"), UPLOADS)
async def test_an_upload_needs_a_known_type_and_size(
    caller: Caller, kind: str, file: tuple[str, bytes, str], errcode: int
) -> None:
    path = f"/media/upload?access_token={await caller.token()}"

    answer = await caller.client.post(path, data={"type": kind}, files={"media": file})

    assert answer.json()["errcode"] == errcode


async def test_an_upload_is_recorded_without_its_content(
    caller: Caller, simulator: Simulator
) -> None:
    path = f"/media/upload?access_token={await caller.token()}"

    await caller.client.post(path, files={"media": PNG}, data={"type": "image"})

    name, content, kind = PNG
    (call,) = simulator.calls("mediaUpload")
    assert msgspec.json.decode(call.request_body) == {
        "type": "image",
        "media": {"file_name": name, "content_type": kind, "size": len(content)},
    }
    assert call.request_size > len(content)


async def test_an_upload_can_be_shown_on_the_page(caller: Caller) -> None:
    path = f"/media/upload?access_token={await caller.token()}&type=image"
    media_id = (await caller.client.post(path, files={"media": PNG})).json()["media_id"]

    shown = await caller.control("GET", f"/media/{media_id}")

    assert (shown.content, shown.headers["content-type"]) == (PNG[1], "image/png")
    assert shown.headers["x-content-type-options"] == "nosniff"


async def test_a_download_code_is_limited_to_its_robot_and_its_life(
    caller: Caller, simulator: Simulator, robot: Robot
) -> None:
    make_robot(simulator.state, "别的", RobotKeys(secret="other"), client_id="dingother")
    await simulator.send(msgtype="picture")
    content = robot.last["content"]
    assert isinstance(content, dict)

    async def code(
        name: object, robot_code: str = simulator.robot.robot_code
    ) -> tuple[int, object]:
        asked = {"downloadCode": name, "robotCode": robot_code}
        answer = await caller.call("POST", DOWNLOAD, asked)
        return answer.status_code, answer.json().get("code")

    assert await code(content["downloadCode"]) == (200, None)
    assert await code(content["pictureDownloadCode"]) == (500, "unknownError")
    assert await code("made-up") == (400, "invalidParameter.robotCode.downloadCode")
    assert await code(content["downloadCode"], "dingother") == (
        400,
        "invalidParameter.robotCode.auth",
    )
    simulator.state.media.expire_grants(None)
    assert await code(content["downloadCode"]) == (400, "invalidParameter.robotCode.downloadCode")


async def test_a_reaction_can_be_added_and_recalled(caller: Caller, simulator: Simulator) -> None:
    message = await simulator.send("你好")
    asked = {
        "robotCode": simulator.robot.robot_code,
        "openMsgId": message.id,
        "openConversationId": message.room,
        "emotionType": 2,
        "emotionName": "思考中",
    }

    await caller.call("POST", "/v1.0/robot/emotion/reply", asked)
    shown = list(message.reactions)
    await caller.call("POST", "/v1.0/robot/emotion/recall", asked)
    unknown = await caller.call("POST", "/v1.0/robot/emotion/reply", asked | {"openMsgId": "never"})

    assert (shown, message.reactions) == (["思考中"], [])
    assert unknown.status_code == 400


async def test_calls_and_messages_are_billed_separately(
    caller: Caller, simulator: Simulator
) -> None:
    await simulator.send("你好")
    await caller.client.post(simulator.webhook("s1"), json={"msgtype": "empty"})
    await caller.call("POST", BATCH, _private(simulator))

    bill = (await caller.control("GET", "/billing")).json()

    assert bill == {
        "api": 1,
        "webhook_and_stream": 2,
        "by_endpoint": {"callback": 1, "sendBySession": 1, "batchSend": 1},
    }


async def test_a_used_up_allowance_refuses_billed_calls(
    caller: Caller, simulator: Simulator
) -> None:
    simulator.switch(monthly_api_calls=1, monthly_messages=1)
    path = simulator.webhook("s1")
    text = {"msgtype": "text", "text": {"content": "x"}}

    api = [await caller.call("POST", BATCH, _private(simulator)) for _ in range(2)]
    sent = [await caller.client.post(path, json=text) for _ in range(2)]
    upload = await caller.client.post(f"/media/upload?access_token={await caller.token()}")

    assert [answer.status_code for answer in api] == [200, 403]
    assert api[1].json()["code"] == "Forbidden.AccessDenied.ApiCountLimitForOrg"
    assert [answer.json()["errcode"] for answer in sent] == [0, 90030]
    assert upload.json()["errcode"] == 90020
