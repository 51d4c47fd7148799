"""A small company in a simulated DingTalk of its own, with the running service as its robot."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from anyio.from_thread import BlockingPortal

from dingtalk_simulator.callback_bodies import SendRequest
from dingtalk_simulator.entities import ReceiveMode
from dingtalk_simulator.records import Message
from dingtalk_simulator.simulator import Simulator
from dingtalk_simulator.state import make_group, make_person
from tests.fakes.registry import rdap_registry
from tests.service.chat_file import Line
from tests.service.conftest import PROMPTS, config_of
from tests.service.neighbours import (
    CLIENT_ID,
    CLIENT_SECRET,
    FakeModel,
    SimulatedDingTalk,
    simulated_dingtalk,
)
from tests.service.running import RunningService, eventually

STAFF_IDS = {"管理员": "boss", "贵宾": "vip", "停用的人": "denied"}
"""Who is known by name; everybody else is somebody new in each conversation."""

CREDENTIALS = [{"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """People of a small company, in a DingTalk of their own with a robot in it."""

    dingtalk: SimulatedDingTalk
    service: RunningService

    def hears(self, line: Line, *, chat: str) -> Message:
        """Somebody says what stands in that line; returns when it was delivered."""
        staff_id = STAFF_IDS.get(line.who, f"{chat}-{ord(line.who[0]):x}")
        said: Message = self.dingtalk.portal.call(self._said, line, staff_id, chat)
        return said

    def part(self, number: int, said: Message) -> str:
        """That part of the robot's reply, without the mention at its end."""
        parts: list[Message] = self.dingtalk.portal.call(self._parts, number, said)
        return parts[number - 1].text.removesuffix(f"\n\n@{said.author.name}")

    async def _parts(self, count: int, said: Message) -> list[Message]:
        return await self.dingtalk.simulator.replies_to(said, count=count)

    def sends(self, staff_id: str, text: str) -> Message:
        """Somebody says it in private; it returns before it is delivered."""
        said: Message = self.dingtalk.portal.call(self._sent, staff_id, text)
        return said

    def delivery(self, message: Message) -> str:
        """What has become of its delivery."""
        now = self.dingtalk.portal.call(self.dingtalk.simulator.state.messages.get, message.id)
        assert now is not None
        return str(now.delivery)

    def replies(self, message: Message) -> list[str]:
        """What the robot answered to that very message, so far."""
        words = self.dingtalk.portal.call(self.dingtalk.simulator.replies_after, message)
        return [one.text for one in words if one.answers == message.id]

    def answers(self, message: Message) -> list[str]:
        """The same, once there is something."""
        eventually(lambda: self.replies(message))
        return self.replies(message)

    async def _sent(self, staff_id: str, text: str) -> Message:
        simulator = self.dingtalk.simulator
        if simulator.state.people.get(staff_id) is None:
            make_person(simulator.state, staff_id, staff_id=staff_id)
        return await simulator.conversation.send(
            SendRequest(person=staff_id, text=text, wait=False)
        )

    async def _said(self, line: Line, staff_id: str, chat: str) -> Message:
        simulator = self.dingtalk.simulator
        if simulator.state.people.get(staff_id) is None:
            make_person(simulator.state, line.who, staff_id=staff_id)
        room = self._chat(simulator, staff_id, chat, line.group) if line.group else None
        said = SendRequest(person=staff_id, room=room, msgtype=line.msgtype, text=line.words)
        return await simulator.conversation.send(said)

    def _chat(self, simulator: Simulator, staff_id: str, chat: str, title: str) -> str:
        """A group of that title, which everybody of one conversation shares."""
        state, name = simulator.state, f"cid{chat}{title}"
        for room in state.chats:
            if room.id == name:
                members = tuple(dict.fromkeys((*room.members, staff_id)))
                state.chats.put(name, msgspec.structs.replace(room, members=members))
                return name
        made = make_group(
            state, title, simulator.robot, *filter(None, [state.people.get(staff_id)])
        )
        state.chats.put(name, msgspec.structs.replace(made, id=name))
        return name


@contextmanager
def company_in(
    mode: ReceiveMode, portal: BlockingPortal, model: FakeModel, folder: Path
) -> Iterator[Company]:
    (folder / "prompt.yml").write_text(PROMPTS, encoding="utf-8")
    with (
        simulated_dingtalk(portal, mode=mode) as dingtalk,
        portal.wrap_async_context_manager(rdap_registry()) as registry,
    ):
        registry.knows("example.com", registrar="示例注册商", expires="2099-08-13T04:00:00Z")
        config = config_of(
            model,
            dingtalk,
            run_mode=mode.value,
            credentials=CREDENTIALS,
            dingtalk_api_url=dingtalk.url,
            dingtalk_oapi_url=dingtalk.url,
            service_url="http://127.0.0.1",
            admin_users=["boss"],
            vip_users=["vip"],
            deny_users=["denied"],
            max_request=3,
            max_text=100_000,
            rdap_url=registry.url,
            sensitive_words=["机密项目"],
        )
        with RunningService(folder=folder, config=config) as service:
            dingtalk.posts_to(service.url)
            yield Company(dingtalk=dingtalk, service=service)
