"""A robot with a few answers by heart, and a simulator with its page in front of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from dingtalk_simulator.page import page_routes
from dingtalk_simulator.server import running_simulator
from dingtalk_simulator.simulator import Simulator, SimulatorSettings
from dingtalk_simulator.switches import Switches
from tests.simulator.integration.robot import Robot

SECRET = "client-secret-for-test"
TEMPLATE = "02fcf2f4-5e02-4a85-b672-46d1f715543e.schema"
DENIED = "您还没有使用机器人的权限，请联系管理员开通。"


@dataclass
class Talker(Robot):
    """`replies` by the words that were said: messages for the session; `{text}` says what was asked."""

    origin: str = ""
    replies: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    tasks: "set[asyncio.Task[None]]" = field(default_factory=set)

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await super()._answer_one(reader, writer)
        task = asyncio.create_task(self._reply(dict(self.last)))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _reply(self, body: dict[str, object]) -> None:
        said = body.get("text")
        words = str(said["content"]).strip() if isinstance(said, dict) else str(body["msgtype"])
        async with httpx.AsyncClient(trust_env=False) as client:
            if words == "卡片":
                return await self._card(client, str(body["senderStaffId"]))
            for reply in self._replies(words, str(body["senderNick"])):
                await client.post(str(body["sessionWebhook"]), json=reply)
        return None

    def _replies(self, words: str, nick: str) -> list[dict[str, object]]:
        if nick in self.denied:
            return [text(DENIED)]
        return self.replies.get(words) or [markdown("收到", f"收到：**{words or '空消息'}**")]

    async def _card(self, client: httpx.AsyncClient, staff_id: str) -> None:
        """A card that is written in four steps."""
        keys = {"appKey": "dingsimulated0001", "appSecret": SECRET}
        token = (await client.post(f"{self.origin}/v1.0/oauth2/accessToken", json=keys)).json()
        client.headers["x-acs-dingtalk-access-token"] = token["accessToken"]
        cards = f"{self.origin}/v1.0/card"
        made = {
            "cardTemplateId": TEMPLATE,
            "outTrackId": "card-1",
            "callbackType": "STREAM",
            "cardData": {"cardParamMap": {"msgContent": "", "flowStatus": "1"}},
            "openSpaceId": f"dtv1.card//IM_ROBOT.{staff_id}",
            "imRobotOpenSpaceModel": {"supportForward": True},
            "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": "dingsimulated0001"},
        }
        await client.post(f"{cards}/instances/createAndDeliver", json=made)
        for step, content in enumerate(GROWING, start=1):
            await asyncio.sleep(0.25)
            is_last = step == len(GROWING)
            frame = {"outTrackId": "card-1", "guid": f"guid-{step}", "key": "msgContent"}
            more = {"content": content, "isFull": True, "isFinalize": is_last, "isError": False}
            await client.put(f"{cards}/streaming", json=frame | more)


GROWING = (
    "床前",
    "床前**明月光**，",
    "床前**明月光**，\n\n疑是",
    "床前**明月光**，\n\n疑是地上霜。",
)


def text(words: str) -> dict[str, object]:
    return {"msgtype": "text", "text": {"content": words}}


def markdown(title: str, words: str) -> dict[str, object]:
    return {"msgtype": "markdown", "markdown": {"title": title, "text": words}}


@asynccontextmanager
async def talking_simulator() -> AsyncIterator[tuple[Simulator, Talker]]:
    """A simulator with its page, and the robot that answers in it."""
    robot = Talker()
    server = await asyncio.start_server(robot.serve, "127.0.0.1", 0)
    robot.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    settings = SimulatorSettings(
        target=robot.url, secret=SECRET, switches=Switches(callback_time_limit=8.0)
    )
    try:
        async with running_simulator(settings, extras=[page_routes]) as simulator:
            robot.origin = simulator.origin
            yield simulator, robot
            for task in tuple(robot.tasks):
                task.cancel()
    finally:
        server.close()
