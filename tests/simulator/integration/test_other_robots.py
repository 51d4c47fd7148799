"""Requests of other robots and SDKs are accepted; each row is the text on the wire.

The shapes are those of eryajf/chatgpt-dingtalk and the Go SDK (null for what is not set), of the Python and
Node SDKs, LangBot and AstrBot.
"""

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dingtalk_simulator.endpoints.bot_messages import parse_message
from dingtalk_simulator.endpoints.protocol import ApiError
from dingtalk_simulator.simulator import Simulator
from dingtalk_simulator.wire import without_nulls
from tests.simulator.integration.conftest import Caller

pytestmark = pytest.mark.anyio

REPLIES = {
    "chatgpt-dingtalk, text": (
        (
            '{"msgtype":"text","at":{"atUserIds":["manager1001"],"atMobiles":null,"isAtAll":false},'
            '"text":{"content":"好的"}}'
        ),
        ["manager1001"],
    ),
    "chatgpt-dingtalk, Markdown": (
        (
            '{"msgtype":"markdown","at":{"atUserIds":["manager1001"],"atMobiles":null,"isAtAll":false},'
            '"markdown":{"title":"Markdown Msg","text":"好的\\n\\n@manager1001"}}'
        ),
        ["manager1001"],
    ),
    "chatgpt-dingtalk, nobody known": (
        (
            '{"msgtype":"text","at":{"atUserIds":[""],"atMobiles":null,"isAtAll":false},'
            '"text":{"content":"好的\\n\\n@陈外部"}}'
        ),
        [],
    ),
    "Go, nothing mentioned": ('{"msgtype":"text","at":null,"text":{"content":"好的"}}', []),
    "Go, nothing in at": (
        '{"msgtype":"text","at":{"atUserIds":null,"atMobiles":null,"isAtAll":null},"text":{"content":"好的"}}',
        [],
    ),
    "Go, every kind in one struct": (
        (
            '{"msgtype":"text","text":{"content":"好的"},"markdown":null,"link":null,"actionCard":null,'
            '"feedCard":null,"at":null,"msgUuid":null}'
        ),
        [],
    ),
    "Go, link": (
        '{"msgtype":"link","link":{"title":"t","text":"好的","messageUrl":"http://a","picUrl":null}}',
        [],
    ),
    "Go, one button": (
        (
            '{"msgtype":"actionCard","actionCard":{"title":"t","text":"好的","singleTitle":"s",'
            '"singleURL":"http://a","btnOrientation":"0","hideAvatar":null,"btns":null}}'
        ),
        [],
    ),
    "Go, several buttons": (
        (
            '{"msgtype":"actionCard","actionCard":{"title":"t","text":"好的","singleTitle":null,"singleURL":null,'
            '"btns":[null,{"title":"A","actionURL":"http://a"}]}}'
        ),
        [],
    ),
    "Go SDK, text": ('{"msgtype":"text","text":{"content":"好的"}}', []),
    "Go SDK, Markdown": ('{"markdown":{"text":"好的","title":"t"},"msgtype":"markdown"}', []),
    "Python SDK": (
        (
            '{"msgtype": "markdown", "markdown": {"title": "t", "text": "\\u597d\\u7684"}, '
            '"at": {"atUserIds": ["manager1001"]}}'
        ),
        [],
    ),
    "Python SDK, people from outside": (
        '{"msgtype": "text", "text": {"content": "\\u597d\\u7684"}, "at": {"atUserIds": [null]}}',
        [],
    ),
    "AstrBot, title and text alike": (
        (
            '{"msgtype": "markdown", "markdown": {"title": "\\u597d\\u7684", "text": "\\u597d\\u7684"}, '
            '"at": {"atUserIds": [null]}}'
        ),
        [],
    ),
    "LangBot": (
        (
            '{"msgtype":"markdown","markdown":{"title":"@王小明 好的","text":"@王小明 好的"},'
            '"at":{"atUserIds":["manager1001"]}}'
        ),
        [],
    ),
    "Node SDK": (
        '{"at":{"atUserIds":["manager1001"],"isAtAll":false},"text":{"content":"好的"},"msgtype":"text"}',
        ["manager1001"],
    ),
    "telephone numbers as numbers": (
        '{"msgtype":"text","text":{"content":"好的"},"at":{"atMobiles":[13800000000],"isAtAll":"false"}}',
        [],
    ),
    "everybody": ('{"msgtype":"text","text":{"content":"好的"},"at":{"isAtAll":"true"}}', ["@all"]),
}


@pytest.mark.parametrize(("body", "mentions"), REPLIES.values(), ids=REPLIES)
async def test_a_reply_is_accepted(
    caller: Caller, simulator: Simulator, body: str, mentions: list[str]
) -> None:
    message = await simulator.send("问", room=simulator.group.id)

    answer = await _posted(caller.client, f"/robot/sendBySession?session={message.session}", body)

    assert answer.json() == {"errcode": 0, "errmsg": "ok"}
    (reply,) = simulator.replies_after(message)
    assert "好的" in reply.text
    assert reply.mentions == mentions


async def _posted(client: httpx.AsyncClient, path: str, body: str) -> httpx.Response:
    headers = {"content-type": "application/json"}
    return await client.post(path, content=body.encode(), headers=headers)


SENDS = {
    "LangBot, to one": (
        "/v1.0/robot/oToMessages/batchSend",
        (
            '{"robotCode":"dingsimulated0001","userIds":["manager1001"],"msgKey":"sampleText",'
            '"msgParam":"{\\"content\\": \\"好的\\"}"}'
        ),
    ),
    "AstrBot, to a group": (
        "/v1.0/robot/groupMessages/send",
        (
            '{"msgKey":"sampleMarkdown","msgParam":"{\\"title\\": \\"AstrBot\\", \\"text\\": \\"好的\\"}",'
            '"openConversationId":"{group}","robotCode":"dingsimulated0001"}'
        ),
    ),
    "AstrBot, voice": (
        "/v1.0/robot/oToMessages/batchSend",
        (
            '{"robotCode":"dingsimulated0001","userIds":["manager1001"],"msgKey":"sampleAudio",'
            '"msgParam":"{\\"mediaId\\": \\"@lADP1\\", \\"duration\\": \\"4000\\"}"}'
        ),
    ),
    "AstrBot, video, and nulls": (
        "/v1.0/robot/oToMessages/batchSend",
        (
            '{"robotCode":"dingsimulated0001","userIds":["manager1001"],"msgKey":"sampleVideo","coolAppCode":null,'
            '"msgParam":"{\\"duration\\":\\"4\\",\\"videoMediaId\\":\\"@v\\",\\"videoType\\":\\"mp4\\",'
            '\\"picMediaId\\":\\"@p\\",\\"height\\":null}"}'
        ),
    ),
}


@pytest.mark.parametrize(("path", "body"), SENDS.values(), ids=SENDS)
async def test_a_proactive_message_is_accepted(
    caller: Caller, simulator: Simulator, path: str, body: str
) -> None:
    sent = body.replace("{group}", simulator.group.id)
    answer = await _called(caller, "POST", path, sent)

    assert answer.json()["processQueryKey"].startswith("pqk")
    assert [one.by for one in simulator.state.messages] == ["robot"]


async def _called(caller: Caller, method: str, path: str, body: str) -> httpx.Response:
    headers = {
        "x-acs-dingtalk-access-token": await caller.token(),
        "content-type": "application/json",
    }
    return await caller.client.request(method, path, content=body.encode(), headers=headers)


CARDS = {
    "chatgpt-dingtalk, in private": (
        (
            '{"cardTemplateId":"d70f026e-7148-4479-b089-8dcf60289b9d.schema","outTrackId":"c1",'
            '"cardData":{"cardParamMap":{"content":""}},"callbackType":"STREAM","userIdType":1,'
            '"imGroupOpenSpaceModel":{"supportForward":true},"imRobotOpenSpaceModel":{"supportForward":true},'
            '"openSpaceId":"dtv1.card//IM_ROBOT.manager1001","imRobotOpenDeliverModel":{"spaceType":"IM_GROUP"}}'
        ),
        "content",
    ),
    "chatgpt-dingtalk, in a group": (
        (
            '{"cardTemplateId":"d70f026e-7148-4479-b089-8dcf60289b9d.schema","outTrackId":"c1",'
            '"cardData":{"cardParamMap":{"content":""}},"callbackType":"STREAM","userIdType":1,'
            '"imGroupOpenSpaceModel":{"supportForward":true},"imRobotOpenSpaceModel":{"supportForward":true},'
            '"openSpaceId":"dtv1.card//IM_GROUP.{group}",'
            '"imGroupOpenDeliverModel":{"robotCode":"dingsimulated0001","atUserIds":null,"extension":null}}'
        ),
        "content",
    ),
    "LangBot": (
        (
            '{"cardTemplateId":"11111111-2222-3333-4444-555555555555.schema","outTrackId":"c1",'
            '"cardData":{"cardParamMap":{"content":"","answer":"","reasoning":"","flowStatus":"1",'
            '"brand":"**LangBot**","hasReasoning":"","query":"问","config":"{\\"autoLayout\\": true}",'
            '"autoLayout":"true"}},"callbackType":"STREAM","openSpaceId":"dtv1.card//IM_ROBOT.manager1001",'
            '"imGroupOpenSpaceModel":{"supportForward":true},"imRobotOpenSpaceModel":{"supportForward":true},'
            '"imRobotOpenDeliverModel":{"spaceType":"IM_ROBOT"}}'
        ),
        "answer",
    ),
    "a template with nothing set": (
        (
            '{"cardTemplateId":"11111111-2222-3333-4444-555555555555.schema","outTrackId":"c1",'
            '"cardData":{"cardParamMap":null},"callbackRouteKey":null,"privateData":null,'
            '"openSpaceId":"dtv1.card//IM_ROBOT.manager1001","imGroupOpenSpaceModel":null,'
            '"imRobotOpenDeliverModel":{"spaceType":"IM_ROBOT","robotCode":null}}'
        ),
        "whatever",
    ),
    "Python SDK, carousel": (
        (
            '{"cardTemplateId":"a438d39a-b404-487f-9871-7a2347ab5b10.schema","outTrackId":"c1",'
            '"cardData":{"cardParamMap":{"markdown":"","actionName":"more","actionData":{"key":"value"}}},'
            '"callbackType":"STREAM","openSpaceId":"dtv1.card//IM_ROBOT.manager1001",'
            '"imRobotOpenDeliverModel":{"spaceType":"IM_ROBOT"}}'
        ),
        "markdown",
    ),
}


@pytest.mark.parametrize(("body", "key"), CARDS.values(), ids=CARDS)
async def test_a_card_is_accepted_and_shows_the_streamed_text(
    caller: Caller, simulator: Simulator, body: str, key: str
) -> None:
    created = await _called(
        caller,
        "POST",
        "/v1.0/card/instances/createAndDeliver",
        body.replace("{group}", simulator.group.id),
    )
    update = {"outTrackId": "c1", "guid": "g", "key": key, "content": "好的", "isFull": True}
    streamed = await _called(
        caller, "PUT", "/v1.0/card/streaming", json.dumps(update | {"isFinalize": True})
    )

    assert created.json()["result"]["deliverResults"][0]["success"] is True
    assert streamed.json() == {"success": True, "result": True}
    (message,) = simulator.state.messages
    assert message.text == "好的"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=12,
)


@given(value=json_values)
def test_nulls_are_removed(value: object) -> None:
    assert "null" not in json.dumps(without_nulls([value]))


WHOLE = {
    "msgtype": "actionCard",
    "actionCard": {
        "title": "t",
        "text": "x",
        "btns": [{"title": "A", "actionURL": "http://a"}, {"title": "B", "actionURL": "http://b"}],
        "hideAvatar": "0",
    },
    "at": {"atUserIds": ["u1"], "atMobiles": [], "isAtAll": False},
    "msgUuid": "1",
}


@given(data=st.data())
def test_null_counts_as_absent(data: st.DataObject) -> None:
    """A null anywhere in a message counts as absent."""
    with_null = json.loads(json.dumps(WHOLE))
    without = json.loads(json.dumps(WHOLE))
    for path in data.draw(st.lists(st.sampled_from(PATHS), max_size=3, unique=True)):
        *way, last = path
        for body, change in ((with_null, _set_to_null), (without, _taken_out)):
            place = body
            for step in way:
                place = place.get(step) if isinstance(place, dict) else None
            if isinstance(place, dict):
                change(place, last)

    assert _read(with_null) == _read(without)


PATHS = [
    *[("actionCard", name) for name in ("title", "text", "btns", "hideAvatar")],
    *[("at", name) for name in ("atUserIds", "atMobiles", "isAtAll")],
    *[("at",), ("actionCard",), ("msgtype",), ("msgUuid",)],
]


def _set_to_null(place: dict[str, object], name: str) -> None:
    place[name] = None


def _taken_out(place: dict[str, object], name: str) -> None:
    place.pop(name, None)


def _read(body: object) -> object:
    try:
        said = parse_message(json.dumps(body).encode())
    except ApiError as refused:
        return refused.answer
    return (said.msgtype, said.title, said.text, said.at, said.msg_uuid)
