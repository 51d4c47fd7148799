"""Callbacks as DingTalk posts them, with invented people."""

import json
from typing import TypeAlias

from adapters.dingtalk.inbound.callback import read_callback
from adapters.dingtalk.inbound.robots import Caller
from domain.message import IncomingMessage, RobotId
from tests.strategies import NOON

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Payload: TypeAlias = dict[str, Json]

CALLER = Caller(robot=RobotId("dingrobot"), signed_at=1)

GROUP_TEXT: Payload = {
    "senderPlatform": "Mac",
    "conversationId": "cidExample0000000000==",
    "conversationType": "2",
    "conversationTitle": "项目讨论群",
    "chatbotCorpId": "ding00000000000000000000",
    "chatbotUserId": "$:LWCP_v1:$BotExample",
    "robotCode": "dingexampleappkey00",
    "msgId": "msgExample0001==",
    "createAt": 1753000000123,
    "senderId": "$:LWCP_v1:$UserExample",
    "senderNick": "小明",
    "senderStaffId": "manager1234",
    "senderCorpId": "ding00000000000000000000",
    "isAdmin": False,
    "isInAtList": True,
    "atUsers": [
        {"dingtalkId": "$:LWCP_v1:$BotExample"},
        {"dingtalkId": "$:LWCP_v1:$Other", "staffId": "user5678"},
    ],
    "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=0123456789abcdef",
    "sessionWebhookExpiredTime": 1753005400123,
    "msgtype": "text",
    "text": {"content": " 你好"},
}


def payload(**changes: Json) -> Payload:
    """The text of a group, with some fields replaced."""
    return {**GROUP_TEXT, **changes}


def without(*fields: str) -> Payload:
    return {name: value for name, value in GROUP_TEXT.items() if name not in fields}


def saying(msgtype: str, content: Json, **others: Json) -> Payload:
    """A message of another kind: its `content` takes the place of `text`."""
    return {**without("text"), "msgtype": msgtype, "content": content, **others}


def read(body: Payload | bytes, caller: Caller = CALLER) -> IncomingMessage:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_callback(raw).to_message(caller, received_at=NOON)
