"""Many people who talk to the robot at once, and remember what was acknowledged."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

import httpx

from adapters.dingtalk.inbound.signature import sign

SECRET = "crash-canary-secret"
BEHIND = 10 * 60 * 1000
"""Milliseconds that the signatures lie back, so that each may have a timestamp of its own."""

RESET, MULTI_TURN = "重置", "串聊"

AFRESH = 0.02
"""How likely a talk begins anew: one that went on for ever would outgrow what a model takes."""

WEBHOOK_LIFE = 90 * 60 * 1000


@dataclass(slots=True, kw_only=True)
class Said:
    """A message, and what became of its deliveries: a status each, None for a broken connection."""

    nonce: str
    msg_id: str
    text: str
    talk: "Talk"
    outcomes: list[int | None] = field(default_factory=list)
    slowest: float = 0

    @property
    def acknowledged(self) -> bool:
        return 200 in self.outcomes

    @property
    def is_question(self) -> bool:
        return self.nonce in self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One person in one room."""

    number: int
    user: str
    room: str
    in_group: bool
    multi_turn: bool


TALKS = tuple(
    Talk(number=number, user=user, room=room, in_group=room.startswith("group"), multi_turn=multi)
    for number, (user, room, multi) in enumerate(
        [
            ("ann", "ann", True),
            ("ann", "group-1", False),
            ("ann", "group-2", True),
            ("ann", "group-3", False),
            ("ann", "group-4", False),
            ("bob", "bob", False),
            ("bob", "group-1", True),
            ("cy", "cy", True),
            ("dee", "group-2", False),
            ("eve", "group-1", False),
        ]
    )
)
"""Ann talks in more rooms than one person may have in hand at once, and runs into the daily limit."""


@dataclass(slots=True, kw_only=True)
class Crowd:
    """The client. What it says is decided by the seed alone; when, also by the service."""

    seed: int
    services: Sequence[str]
    """The replicas, to which they post in turn."""
    webhook: Callable[[str], str]
    hurry: float = 1
    """How much quicker than usual they talk."""
    history: list[Said] = field(default_factory=list)
    _silent: asyncio.Event = field(default_factory=asyncio.Event)
    _stamps: "itertools.count[int]" = field(
        default_factory=lambda: itertools.count(int(time.time() * 1000) - BEHIND)
    )
    _client: httpx.AsyncClient = field(
        default_factory=lambda: httpx.AsyncClient(trust_env=False, timeout=20)
    )

    @asynccontextmanager
    async def speaking(self, talks: tuple[Talk, ...] = TALKS) -> AsyncIterator[None]:
        """While it is entered they talk; at the end each finishes what they are saying."""
        self._silent.clear()
        async with asyncio.TaskGroup() as people:
            for talk in talks:
                people.create_task(self._speak(talk, Random(f"{self.seed} {talk.number}")))  # noqa: S311 - chance, not a secret
            try:
                yield
            finally:
                self._silent.set()

    async def close(self) -> None:
        await self._client.aclose()

    def phrase(self, talk: Talk, chance: Random, command: str = "") -> Said:
        """The next message of a talk."""
        number = sum(one.talk is talk for one in self.history)
        nonce = f"nonce-{talk.number}-{number}-{chance.getrandbits(32):08x}"
        text = command or f"What about {nonce}?"
        said = Said(nonce=nonce, msg_id=f"msg-{len(self.history)}", text=text, talk=talk)
        self.history.append(said)
        return said

    async def ask(self, talk: Talk) -> Said:
        """Say one thing once."""
        said = self.phrase(talk, Random(len(self.history)))  # noqa: S311 - chance, not a secret
        await self.deliver(said)
        return said

    async def deliver(self, said: Said) -> int | None:
        """Post it once; the status, or None if there was no answer."""
        number = next(self._stamps)
        stamp, service = str(number), self.services[number % len(self.services)]
        headers = {"timestamp": stamp, "sign": sign(stamp, SECRET)}
        began = time.monotonic()
        status: int | None
        try:
            body = self._callback(said)
            status = (await self._client.post(service, json=body, headers=headers)).status_code
        except httpx.HTTPError:
            status = None
        else:
            said.slowest = max(said.slowest, time.monotonic() - began)
        said.outcomes.append(status)
        return status

    async def _speak(self, talk: Talk, chance: Random) -> None:
        if talk.multi_turn and not any(one.talk is talk for one in self.history):
            await self._insist(self.phrase(talk, chance, MULTI_TURN), chance, patience=1)
        while not self._silent.is_set():
            if talk.multi_turn and chance.random() < AFRESH:
                for command in (RESET, MULTI_TURN):
                    await self._insist(self.phrase(talk, chance, command), chance, patience=1)
            said = self.phrase(talk, chance, "用量" if chance.random() < 0.05 else "")
            if chance.random() < 0.1:
                await asyncio.gather(self.deliver(said), self.deliver(said))
            await self._insist(said, chance, patience=0.9)
            if chance.random() < 0.15:
                earlier = [one for one in self.history if one.talk is talk and one.acknowledged]
                if earlier:
                    await self.deliver(chance.choice(earlier))
            await asyncio.sleep(chance.uniform(0.05, 0.5) / self.hurry)

    async def _insist(self, said: Said, chance: Random, *, patience: float) -> None:
        """DingTalk delivers again what was not acknowledged, mostly."""
        while not said.acknowledged and await self.deliver(said) != 200:
            if chance.random() > patience or (self._silent.is_set() and patience < 1):
                return
            await asyncio.sleep(chance.uniform(0.05, 0.3))

    def _callback(self, said: Said) -> dict[str, object]:
        talk, now = said.talk, int(time.time() * 1000)
        return {
            "msgtype": "text",
            "text": {"content": said.text},
            "msgId": said.msg_id,
            "createAt": now,
            "conversationType": "2" if talk.in_group else "1",
            "conversationId": f"cid-{talk.room}",
            "senderId": f"$:LWCP_v1:${talk.user}",
            "senderStaffId": talk.user,
            "senderNick": talk.user,
            "sessionWebhook": self.webhook(said.nonce),
            "sessionWebhookExpiredTime": now + WEBHOOK_LIFE,
        }
