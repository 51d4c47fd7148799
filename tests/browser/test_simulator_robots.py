"""Robots on the simulator's page: new ones, and what one in stream mode does on the wire."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace
from playwright.async_api import expect
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from dingtalk_simulator.entities import ReceiveMode
from dingtalk_simulator.simulator import Simulator
from tests.browser.simulator_robot import SECRET, talking_simulator
from tests.browser.visit import PANEL_BESIDE, Visit
from tests.browser.watched import Watched
from tests.simulator.integration.gateway.raw_client import acknowledge, joined

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]


@pytest.fixture
async def visit(watched: Watched) -> AsyncIterator[Visit]:
    async with talking_simulator() as (simulator, robot):
        yield Visit(watched, simulator, robot)
        await watched.page.goto("about:blank")


def _set_to_stream_mode(simulator: Simulator) -> None:
    robot = replace(simulator.robot, mode=ReceiveMode.STREAM)
    simulator.state.robots.put(robot.id, robot)
    simulator.state.emit_change()


async def _acknowledging(socket: ClientConnection) -> None:
    try:
        async for frame in socket:
            if "disconnect" not in str(frame):
                await acknowledge(socket, frame)
    except ConnectionClosed:
        return


@asynccontextmanager
async def stream_robot(simulator: Simulator) -> AsyncIterator[ClientConnection]:
    """The robot of the seed, in stream mode and connected; it acknowledges everything."""
    _set_to_stream_mode(simulator)
    async with joined(simulator, SECRET) as socket:
        answering = asyncio.create_task(_acknowledging(socket))
        yield socket
        answering.cancel()


async def test_a_message_to_a_stream_robot_is_shown_as_it_went_over_the_wire(visit: Visit) -> None:
    page = visit.page
    async with stream_robot(visit.simulator):
        await visit.open()
        await visit.say("走长连接")
        await expect(page.locator(".delivery").last).to_contain_text("机器人已接收")

        await visit.bubbles("person").click()
        await expect(page.locator("#panel .exchange .status")).to_have_text("200")
        frame, brought, told = await page.locator("#panel .fold[open] .wire").all_text_contents()
        await page.get_by_role("tab", name="日志").click()

        await expect(page.locator(".call", has_text="gatewayOpen")).to_contain_text("200")
        await expect(page.locator(".call", has_text="streamConnect")).to_contain_text("101")
        await page.locator(".call", has_text="gatewayOpen").click()
        await expect(page.locator("#panel .wire", has_text="clientSecret")).to_contain_text("***")

    (call,) = visit.simulator.calls("stream")
    assert json.loads(frame)["headers"]["connectionId"] == call.connection
    assert json.loads(brought)["text"] == {"content": "走长连接"}
    assert json.loads(told)["code"] == 200
    assert visit.clean()


async def test_a_frame_in_the_log_waits_and_is_acknowledged_where_it_stands(visit: Visit) -> None:
    visit.simulator.switch(stream_ping_interval=0.0)
    _set_to_stream_mode(visit.simulator)
    async with joined(visit.simulator, SECRET) as socket:
        await visit.open()
        await visit.page.get_by_role("tab", name="日志").click()
        await visit.say("慢一点")
        frame = await socket.recv()
        row = visit.page.locator(".call").first
        await expect(row).to_contain_text("等待确认")
        await expect(row).not_to_have_class("call bad")

        await acknowledge(socket, frame)

        await expect(row).to_contain_text("200")
        await expect(visit.page.locator(".call", has_text="PUSH")).to_have_count(1)


async def test_the_connections_of_a_stream_robot_are_rotated_and_dropped(visit: Visit) -> None:
    visit.simulator.switch(stream_rotation_silence=0.2)
    page = visit.page
    await visit.open()
    await page.get_by_role("tab", name="设置").click()
    await expect(page.get_by_role("button", name="轮换连接")).to_have_count(0)

    for button, said in (("轮换连接", "已通知 1 个连接"), ("直接断开", "断开了 1 个连接")):
        async with stream_robot(visit.simulator) as socket:
            await expect(page.locator(".connections")).to_contain_text("Stream 连接：1")
            await page.get_by_role("button", name=button).click()
            await expect(page.locator(".toast", has_text=said)).to_be_visible()
            async with asyncio.timeout(5):
                await socket.wait_closed()
        await expect(page.locator(".connections")).to_contain_text("还没有连上来")
        await expect(page.get_by_role("button", name=button)).to_be_disabled()

    assert len(visit.simulator.calls("streamDisconnect")) == 1
    assert visit.clean()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_new_stream_robot_is_made_and_its_secret_shown_once(
    visit: Visit, width: int, scheme: str
) -> None:
    page = visit.page
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await visit.open(width=width, language="en")
    if width < PANEL_BESIDE:
        await page.get_by_role("button", name="Developer panel").click()
    await page.get_by_role("tab", name="Set-up").click()

    await page.get_by_role("button", name="New robot").press("Enter")
    await page.keyboard.type("周报机器人")
    await page.locator("dialog [name=shape]").select_option("stream")
    await expect(page.locator("dialog").get_by_label("Callback address")).to_be_hidden()
    await page.get_by_label("Client id").fill("dingmine0001")
    await page.get_by_role("button", name="Create").press("Enter")
    await expect(page.locator("dialog h2")).to_have_text("“周报机器人” is made")
    shown = dict(
        zip(
            await page.locator("dialog .key > span").all_text_contents(),
            await page.locator("dialog .key > code").all_text_contents(),
            strict=True,
        )
    )
    fits = await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.get_by_role("button", name="Talk to it").press("Enter")

    await expect(page.locator(".chat-title h1")).to_have_text("周报机器人")
    await page.locator(".composer textarea").click()
    keys = visit.simulator.state.keys.get("dingmine0001")
    robot = visit.simulator.state.robots.get("dingmine0001")
    assert keys is not None
    assert robot is not None
    assert shown == {
        "Client ID": "dingmine0001",
        "Client Secret": keys.secret,
        "API address": visit.simulator.origin,
    }
    assert robot.mode is ReceiveMode.STREAM
    assert keys.secret not in await page.content()
    assert fits
    assert visit.clean()


async def test_a_new_outgoing_robot_shows_its_token_and_comes_with_a_group(visit: Visit) -> None:
    page = visit.page
    await visit.open()
    await page.get_by_role("tab", name="设置").click()
    await page.get_by_role("button", name="新建机器人").click()
    await page.get_by_label("机器人名称").fill("群里的机器人")
    await page.locator("dialog [name=shape]").select_option("outgoing")
    await page.locator("dialog").get_by_label("回调地址").fill(visit.robot.url)
    await page.get_by_role("button", name="创建").click()
    await expect(page.locator("dialog .key")).to_contain_text(["Token", "API 地址"])
    token = await page.locator("dialog .key > code").first.text_content()
    await page.get_by_role("button", name="建一个有它的群").click()
    await expect(page.locator(".chat-title h1")).to_have_text("群里的机器人 的群")

    await visit.say("你好")

    await expect(visit.bubbles("robot")).to_have_text(["收到：你好"])
    assert visit.robot.posted[-1].headers["token"] == token
    assert visit.clean()


async def test_a_robot_that_cannot_be_made_keeps_the_dialog_and_says_why(visit: Visit) -> None:
    page = visit.page
    await visit.open()
    await page.get_by_role("tab", name="设置").click()
    await page.get_by_role("button", name="新建机器人").click()
    await page.get_by_label("机器人名称").fill("重名")
    await page.get_by_label("Client ID").fill("dingsimulated0001")
    await page.get_by_role("button", name="创建").click()

    await expect(page.locator("dialog .warning")).to_contain_text("there is a robot with this id")
    await page.keyboard.press("Escape")

    await expect(page.locator("dialog")).to_have_count(0)
    await expect(page.get_by_role("button", name="新建机器人")).to_be_focused()


async def test_a_stream_robot_that_is_away_is_said_to_be_until_it_connects(visit: Visit) -> None:
    await visit.open()
    _set_to_stream_mode(visit.simulator)
    await expect(visit.page.locator(".banner")).to_contain_text("还没有用 Stream 模式连上来")
    await visit.say("你在吗")
    await expect(visit.page.locator(".delivery").last).to_contain_text("已排队")

    async with stream_robot(visit.simulator):
        await expect(visit.page.locator(".banner")).to_have_count(0)
        await expect(visit.page.locator(".delivery").last).to_contain_text("机器人已接收")
        await visit.page.get_by_role("tab", name="设置").click()
        await expect(visit.page.locator("#panel").get_by_label("回调地址")).to_be_hidden()

    await expect(visit.page.locator(".banner")).to_be_visible()
    assert visit.clean()


async def test_on_a_phone_being_somebody_else_leaves_one_in_the_list(visit: Visit) -> None:
    await visit.open(width=390)
    await visit.page.get_by_role("button", name="返回会话列表").click()

    await visit.page.locator("#me").select_option("李静")

    await expect(visit.page.locator(".who")).to_contain_text("同事")
    await expect(visit.page.locator(".room").first).to_be_visible()
    await expect(visit.page.locator("#chat")).to_be_hidden()


async def test_every_tab_of_the_panel_begins_at_its_top(visit: Visit) -> None:
    await visit.open()
    await visit.page.get_by_role("tab", name="故障").click()
    body = visit.page.locator(".panel-body")
    await visit.page.locator("details", has_text="Stream 模式").last.scroll_into_view_if_needed()
    before = await body.evaluate("node => node.scrollTop")

    await visit.page.get_by_role("tab", name="设置").click()

    await expect(visit.page.get_by_role("button", name="新建机器人")).to_be_visible()
    assert before > 0
    assert await body.evaluate("node => node.scrollTop") == 0
