"""People who write to the robot through DingTalk, and hear what it replies."""

import base64
import hashlib
import hmac
import itertools
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import uuid4

import httpx

from tests.service.neighbours import CLIENT_SECRET, Received, SimulatedDingTalk
from tests.service.running import RunningService, eventually

SECRET = CLIENT_SECRET
OTHER_SECRET = "the-second-robot-s-secret"
NUMBERED = re.compile(r"\((\d+)/(\d+)\)\n\n")

_moments = itertools.count(int(time.time() * 1000))
"""Every message is signed in a millisecond of its own, as one signature vouches for few."""


def signature(timestamp: int, secret: str) -> dict[str, str]:
    """DingTalk's headers."""
    mac = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": str(timestamp), "sign": base64.b64encode(mac).decode()}


def next_signature(secret: str) -> dict[str, str]:
    """Headers that no other message had."""
    return signature(next(_moments), secret)


def session_of(body: Mapping[str, object]) -> str:
    """What tells the replies to a message from all others."""
    return str(body.get("sessionWebhook", "")).rpartition("session=")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message that was acknowledged, and what comes back for it."""

    service: RunningService
    dingtalk: SimulatedDingTalk
    body: Mapping[str, object]
    session: str

    @property
    def msg_id(self) -> str:
        return str(self.body["msgId"])

    def tries(self) -> list[Received]:
        return self.dingtalk.tries(self.session)

    def parts(self, count: int = 1) -> list[Received]:
        """The first so many posts to its webhook, once they are there."""
        eventually(lambda: len(self.tries()) >= count)
        return self.tries()

    def reply(self) -> str:
        """The text of the first reply."""
        return self.parts()[0].text()

    def decision(self) -> tuple[object, object]:
        """What became of it, and why, once that is settled."""
        eventually(self._decided)
        decided = self._decided()[0]
        return decided["state"], decided["reason"]

    def _decided(self) -> list[dict[str, object]]:
        events = self.service.events("message_decided")
        return [event for event in events if event["msg_id"] == self.msg_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in a private chat with the robot, or in a group."""

    service: RunningService
    dingtalk: SimulatedDingTalk
    staff_id: str
    group: str = ""
    secret: str = SECRET
    more: Mapping[str, object] = field(default_factory=dict)

    def within(self, group: str) -> "Person":
        """The same person in a group."""
        return replace(self, group=group)

    def with_robot(self, secret: str) -> "Person":
        """The same person with another robot."""
        return replace(self, secret=secret)

    def bringing(self, **more: object) -> "Person":
        """The same person, whose messages have these fields besides, or without those that are None."""
        return replace(self, more={**self.more, **more})

    def message(self, text: str) -> dict[str, object]:
        """A callback as DingTalk posts it."""
        now = int(time.time() * 1000)
        body: dict[str, object] = {
            "msgtype": "text",
            "text": {"content": text},
            "msgId": f"msg{uuid4().hex}",
            "createAt": now,
            "conversationType": "2" if self.group else "1",
            "conversationId": f"cid{self.group or self.staff_id}",
            "senderId": f"$:LWCP_v1:${self.staff_id}",
            "senderStaffId": self.staff_id,
            "senderNick": f"{self.staff_id} 同学",
            "chatbotUserId": "$:LWCP_v1:$robot",
            "sessionWebhook": self.dingtalk.webhook(uuid4().hex),
            "sessionWebhookExpiredTime": now + 5_400_000,
        }
        if self.group:
            body |= {"conversationTitle": f"{self.group}的群", "isInAtList": True}
        body |= self.more
        return {name: value for name, value in body.items() if value is not None}

    def post(self, body: Mapping[str, object], **headers: str) -> httpx.Response:
        signed = next_signature(self.secret) | headers
        return self.service.post(body, signed)

    def say(self, words: str, **more: object) -> Said:
        """Say something; it is acknowledged."""
        body = self.message(words) | more
        body = {name: value for name, value in body.items() if value is not None}
        acknowledged = self.post(body)
        assert (acknowledged.status_code, acknowledged.json()) == (200, {"msgtype": "empty"})
        session = session_of(body)
        return Said(service=self.service, dingtalk=self.dingtalk, body=body, session=session)

    def ask(self, text: str) -> str:
        """Say something and wait for the reply."""
        return self.say(text).reply()


@dataclass(slots=True)
class People:
    """As many different people as a test needs, none of whom another test has met."""

    service: RunningService
    dingtalk: SimulatedDingTalk

    def stranger(self) -> Person:
        return self.named(f"user-{uuid4().hex[:10]}")

    def named(self, staff_id: str) -> Person:
        return Person(service=self.service, dingtalk=self.dingtalk, staff_id=staff_id)


def some_group() -> str:
    return f"group-{uuid4().hex[:10]}"
