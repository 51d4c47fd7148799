"""What a newcomer sees: the real service in trial mode, its page in a real browser, and the demo model."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from application.wording import CHINESE
from domain.access import Refusal
from domain.command import Mode
from tests.browser.watched import Watched
from tests.service.running import RunningService, free_port

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]

GROUP = "项目讨论群"
DENIED = "user1003"
PATIENCE = 30_000
"""Milliseconds for what the service does by itself, such as trying a reply again."""

SOME_PLACE = 'article.by-robot img[src^="/_simulator/media/"]'


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    port = free_port()
    with RunningService(
        folder=tmp_path_factory.mktemp("trial"),
        arguments=("--trial",),
        variables={"PORT": str(port), "DENY_USERS": DENIED},
        port=port,
    ) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who has just opened the address that `make run` printed."""

    watched: Watched
    origin: str

    @property
    def page(self) -> Page:
        return self.watched.page

    async def open(self) -> None:
        await self.page.set_viewport_size({"width": 1280, "height": 800})
        await self.page.add_init_script("localStorage['simulator.language'] ??= 'zh'")
        await self.page.goto(f"{self.origin}/")
        await self.page.wait_for_selector("[data-ready]", state="attached")

    async def become(self, name: str) -> None:
        await self.page.locator("#me").select_option(name)

    async def ask(self, words: str) -> Locator:
        """Write it; the robot's next words in this room, once they are there."""
        before = await self.answers.count()
        await self.page.locator(".composer textarea").fill(words)
        await self.page.keyboard.press("Enter")
        await expect(self.answers.nth(before)).to_be_visible(timeout=PATIENCE)
        return self.answers.nth(before)

    @property
    def answers(self) -> Locator:
        return self.page.locator("article.by-robot .bubble")

    def quiet(self) -> bool:
        """Nothing was complained of, and nothing asked of any other host."""
        own = (self.origin, "data:", "blob:", "about:")
        strange = [one for one in self.watched.requests if not one.startswith(own)]
        return not (self.watched.complaints or self.watched.dialogs or strange)


@pytest.fixture
async def newcomer(watched: Watched, trial: RunningService) -> AsyncIterator[Newcomer]:
    """In front of rooms in which nothing has been said yet."""
    visitor = Newcomer(watched, f"http://127.0.0.1:{trial.port + 1}")
    async with httpx.AsyncClient(base_url=visitor.origin, trust_env=False) as client:
        assert (await client.post("/_simulator/reset", json={})).status_code == 200
    await visitor.open()
    yield visitor
    await watched.page.goto("about:blank")


async def test_a_question_is_answered_by_the_demo_model(newcomer: Newcomer) -> None:
    await expect(newcomer.page.locator("#notice")).to_contain_text("演示数据")

    answer = await newcomer.ask("第一次见面，你好")

    await expect(answer.locator("strong", has_text="演示模型")).to_be_visible()
    await expect(answer.locator("blockquote")).to_contain_text("第一次见面，你好")
    await expect(answer.locator("table td").first).to_have_text("代码")
    await expect(newcomer.page.locator(".delivery").last).to_contain_text("机器人已接收")
    assert newcomer.quiet()


async def test_in_chains_a_second_question_brings_the_first_along(newcomer: Newcomer) -> None:
    await newcomer.become("李静")

    switched = await newcomer.ask("串聊")
    await expect(switched).to_contain_text(CHINESE.mode_names[Mode.MULTI_TURN])
    first = await newcomer.ask("记住我喜欢喝茶")
    await expect(first).to_contain_text("上文：0 轮")
    second = await newcomer.ask("我喜欢喝什么")

    await expect(second).to_contain_text("上文：1 轮")
    await expect(second.locator("blockquote")).to_contain_text("我喜欢喝什么")
    assert newcomer.quiet()


async def test_in_a_group_the_robot_answers_whoever_mentions_it(newcomer: Newcomer) -> None:
    await newcomer.page.locator(".room", has_text=GROUP).click()
    await newcomer.page.locator(".mention-chip").click()
    await newcomer.page.locator(".composer textarea").fill("大家下午好")
    await newcomer.page.keyboard.press("Enter")
    await expect(newcomer.page.locator(".is-not_delivered")).to_have_count(1)

    answer = await newcomer.ask("@小助手 总结一下")

    await expect(answer.locator("blockquote")).to_contain_text("总结一下")
    await expect(answer.locator(".mention")).to_have_text("@王小明")
    await expect(newcomer.answers).to_have_count(1)
    assert newcomer.quiet()


async def test_a_picture_is_drawn_and_shown(newcomer: Newcomer) -> None:
    await newcomer.ask("#图片 一只戴眼镜的猫")

    picture = newcomer.page.locator(SOME_PLACE)
    await expect(picture).to_be_visible()
    await newcomer.page.wait_for_function(
        "place => document.querySelector(place).naturalWidth > 100", arg=SOME_PLACE
    )
    assert newcomer.quiet()


async def test_somebody_who_is_denied_hears_so_and_gets_no_answer(newcomer: Newcomer) -> None:
    await newcomer.become("赵磊")

    refusal = await newcomer.ask("我可以问吗")

    await expect(refusal).to_contain_text(CHINESE.refusals[Refusal.SENDER_DENIED])
    await expect(newcomer.answers).to_have_count(1)
    assert newcomer.quiet()


async def test_a_reply_that_dingtalk_refuses_is_shown_and_comes_when_it_is_well_again(
    newcomer: Newcomer,
) -> None:
    page = newcomer.page
    await page.get_by_role("button", name="开发者面板").click()
    await page.get_by_role("tab", name="故障").click()
    await page.locator("summary", has_text="自定义").click()
    custom = page.locator("details", has_text="自定义")
    await custom.locator("[name=errcode]").fill("-1")
    await custom.get_by_role("checkbox", name="一直").check()
    await custom.get_by_role("button", name="生效").click()
    await expect(page.locator(".active-faults")).to_contain_text("-1")
    before = await newcomer.answers.count()
    await page.locator(".composer textarea").fill("钉钉忙的时候")
    await page.keyboard.press("Enter")

    await page.locator(".note", has_text="-1").first.click(timeout=PATIENCE)
    await expect(page.locator("#panel .status.bad")).to_have_text("errcode -1")
    await expect(page.locator("#panel .wire").last).to_contain_text('"errcode": -1')
    refused = await newcomer.answers.count()
    await page.get_by_role("tab", name="故障").click()
    await page.locator(".active-faults").get_by_role("button", name="清除").click()

    await expect(newcomer.answers.nth(before)).to_contain_text("钉钉忙的时候", timeout=PATIENCE)
    assert refused == before
    assert newcomer.quiet()


async def test_what_was_said_is_still_there_after_a_reload(newcomer: Newcomer) -> None:
    await newcomer.ask("刷新以后还在吗")
    said = await newcomer.page.locator("article.message .bubble").all_text_contents()

    await newcomer.page.reload()

    await expect(newcomer.page.locator("article.message .bubble")).to_have_text(said)
    assert "刷新以后还在吗" in "".join(said)
    assert newcomer.quiet()


async def test_over_a_websocket_the_newcomer_sees_the_frames(
    watched: Watched, tmp_path_factory: pytest.TempPathFactory
) -> None:
    port = free_port()
    with RunningService(
        folder=tmp_path_factory.mktemp("stream"),
        arguments=("--trial",),
        variables={"PORT": str(port), "RUN_MODE": "stream"},
        port=port,
    ) as running:
        newcomer = Newcomer(watched, f"http://127.0.0.1:{running.port + 1}")
        await newcomer.open()
        page = newcomer.page

        await newcomer.ask("走长连接")
        await page.locator("article.by-person .bubble").click()
        frame = await page.locator("#panel .fold[open] .wire").first.text_content()
        await page.get_by_role("tab", name="设置").click()
        await page.get_by_role("button", name="轮换连接").click()
        await expect(page.locator(".toast", has_text="已通知 1 个连接")).to_be_visible()
        again = await newcomer.ask("换过连接以后")

        await expect(again).to_contain_text("换过连接以后")
        assert json.loads(frame or "")["headers"]["topic"] == "/v1.0/im/bot/messages/get"
        assert newcomer.quiet()
        await page.goto("about:blank")
        assert await asyncio.to_thread(running.stop) == 0
