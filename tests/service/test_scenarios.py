"""Every conversation in `tests/scenarios`, held in the simulator with the running service, in both modes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from anyio.from_thread import BlockingPortal

from entrypoints.simulator.callbacks.say import Say
from entrypoints.simulator.simulator import Simulator
from entrypoints.simulator.world.inhabitants import ReceiveMode
from entrypoints.simulator.world.seed import make_group, make_person
from tests.service.chat_file import lines_of
from tests.service.conftest import PROMPTS, config_of
from tests.service.neighbours import (
    CLIENT_ID,
    CLIENT_SECRET,
    FakeModel,
    SimulatedDingTalk,
    simulated_dingtalk,
)
from tests.service.running import RunningService

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.chat"))

STAFF_IDS = {"管理员": "boss", "贵宾": "vip", "停用的人": "denied"}
"""Who is known by name; everybody else is somebody new in each conversation."""

CREDENTIALS = [{"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """People of a small company, in a DingTalk of their own with a robot in it."""

    dingtalk: SimulatedDingTalk

    def hears(self, who: str, text: str, *, chat: str, group: str) -> str:
        """What the robot replies to somebody, without the mention at its end."""
        staff_id = STAFF_IDS.get(who, f"{chat}-{ord(who[0]):x}")
        reply: str = self.dingtalk.portal.call(self._said, who, staff_id, text, chat, group)
        return reply.removesuffix(f"\n\n@{who}") if group else reply

    async def _said(self, who: str, staff_id: str, text: str, chat: str, group: str) -> str:
        simulator = self.dingtalk.simulator
        if simulator.world.people.get(staff_id) is None:
            make_person(simulator.world, who, staff_id=staff_id)
        room = self._room(simulator, staff_id, chat, group) if group else None
        said = await simulator.talk.say(Say(person=staff_id, room=room, text=text))
        return (await simulator.replies_to(said))[0].text

    def _room(self, simulator: Simulator, staff_id: str, chat: str, title: str) -> str:
        """A group of that title, which everybody of one conversation shares."""
        world, name = simulator.world, f"cid{chat}{title}"
        for room in world.rooms:
            if room.id == name:
                members = tuple(dict.fromkeys((*room.members, staff_id)))
                world.rooms.put(name, msgspec.structs.replace(room, members=members))
                return name
        made = make_group(
            world, title, simulator.robot, *filter(None, [world.people.get(staff_id)])
        )
        world.rooms.put(name, msgspec.structs.replace(made, id=name))
        return name


@contextmanager
def company_in(
    mode: ReceiveMode, portal: BlockingPortal, model: FakeModel, folder: Path
) -> Iterator[Company]:
    (folder / "prompt.yml").write_text(PROMPTS, encoding="utf-8")
    with simulated_dingtalk(portal, mode=mode) as dingtalk:
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
            sensitive_words=["机密项目"],
        )
        with RunningService(folder=folder, config=config) as service:
            dingtalk.posts_to(service.url)
            yield Company(dingtalk=dingtalk)


@pytest.fixture(scope="module", params=[*ReceiveMode], ids=lambda mode: mode.value)
def company(
    request: pytest.FixtureRequest,
    portal: BlockingPortal,
    shared_model: FakeModel,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Company]:
    """The service as a small company might run it; its model echoes."""
    shared_model.forget()
    folder = tmp_path_factory.mktemp("company")
    with company_in(request.param, portal, shared_model, folder) as opened:
        yield opened


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_the_conversation_goes_as_it_is_written(file: Path, company: Company) -> None:
    reply: str | None = None

    for line in lines_of(file):
        if line.who:
            chat = f"s{SCENARIOS.index(file)}"
            reply = company.hears(line.who, line.text, chat=chat, group=line.group)
        else:
            assert reply is not None, "the robot speaks first"
            assert line.fits(reply), f"{file.name}:{line.number}: the robot said: {reply}"


def test_there_are_conversations_to_play() -> None:
    assert len(SCENARIOS) >= 14
