"""The simulator's page in a real browser: people talk, a robot answers, and the wire is there to see."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Route, expect

from dingtalk_simulator.page import POLICY
from tests.browser.simulator_robot import DENIED, markdown, talking_simulator
from tests.browser.visit import GROUP, Visit
from tests.browser.watched import Watched

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]


@pytest.fixture
async def visit(watched: Watched) -> AsyncIterator[Visit]:
    async with talking_simulator() as (simulator, robot):
        yield Visit(watched, simulator, robot)
        await watched.page.goto("about:blank")


async def test_the_page_comes_with_a_strict_policy_and_no_other_file(visit: Visit) -> None:
    async with httpx.AsyncClient(base_url=visit.simulator.origin, trust_env=False) as client:
        document = await client.get("/")
        script = await client.get("/page/app.js")
        other = await client.get("/page/..%2fpage.py")

    assert document.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["x-content-type-options"] == "nosniff"
    assert other.status_code == 404


async def test_a_question_is_answered(visit: Visit) -> None:
    await visit.open()

    await visit.say("今天星期几")

    await expect(visit.bubbles("robot").last).to_have_text("收到：今天星期几")
    await expect(visit.bubbles("robot").last.locator("strong")).to_have_text("今天星期几")
    await expect(visit.page.locator(".delivery").last).to_contain_text("机器人已接收")
    await expect(visit.page.locator("#spoken")).to_contain_text("小助手")
    assert visit.clean()


async def test_a_group_is_heard_only_where_it_mentions_the_robot(visit: Visit) -> None:
    await visit.open()
    await visit.enter(GROUP)

    await visit.page.locator(".mention-chip").click()
    await visit.say("大家好")
    await expect(visit.page.locator(".is-not_delivered")).to_have_count(1)
    await visit.page.locator(".composer textarea").press_sequentially("@小")
    await visit.page.keyboard.press("Enter")
    await visit.page.keyboard.type("总结一下")
    await visit.page.keyboard.press("Enter")

    await expect(visit.bubbles("robot")).to_have_text(["收到：总结一下"])
    await expect(visit.bubbles("person").last.locator(".mention")).to_have_text("@小助手")
    assert [one.body["text"] for one in visit.robot.posted] == [{"content": " 总结一下"}]
    assert visit.clean()


async def test_a_picture_is_sent_and_shown(visit: Visit) -> None:
    await visit.open()

    await visit.page.get_by_role("radio", name="图片").click()
    await visit.page.get_by_text("用示例图片").click()
    await expect(visit.page.locator(".thumb")).to_be_visible()
    await visit.page.keyboard.press("Enter")

    await expect(visit.bubbles("person").locator("img")).to_be_visible()
    await visit.page.wait_for_function("document.querySelector('.bubble img').naturalWidth == 480")
    await expect(visit.bubbles("robot").last).to_have_text("收到：picture")
    assert visit.clean()


async def test_somebody_who_is_denied_sees_the_refusal(visit: Visit) -> None:
    visit.robot.denied.add("李静")
    await visit.open()

    await visit.page.get_by_label("我是").select_option("李静")
    await visit.say("你好")

    await expect(visit.bubbles("robot").last).to_have_text(DENIED)
    await expect(visit.bubbles("person").last).to_have_text("你好")


async def test_a_webhook_that_fails_is_told_with_its_errcode(visit: Visit) -> None:
    await visit.open()
    await visit.page.get_by_role("tab", name="故障").click()
    await visit.page.get_by_role("button", name="关键词不符").click()
    await expect(visit.page.locator(".active-faults")).to_contain_text("310000")

    await visit.say("你好")
    await visit.page.locator(".note", has_text="310000").click()

    await expect(visit.page.locator("#panel .status.bad")).to_have_text("errcode 310000")
    await expect(visit.page.locator("#panel .wire").last).to_contain_text('"errcode": 310000')
    await visit.bubbles("person").click()
    await expect(visit.page.locator("#panel .signature")).to_contain_text("sign:")
    await expect(visit.page.locator("#panel .exchange.bad")).to_contain_text("sendBySession")
    await visit.page.reload()
    await expect(visit.page.locator(".note", has_text="310000")).to_be_visible()
    assert visit.clean()


async def test_a_robot_that_refuses_is_shown_with_its_status(visit: Visit) -> None:
    visit.robot.answers.append((401, b"{}", 0.0))
    await visit.open()

    await visit.say("你好")

    await expect(visit.page.locator(".is-refused")).to_contain_text("401")


async def test_a_card_grows_while_one_looks_on(visit: Visit) -> None:
    await visit.open()

    await visit.say("卡片")

    await expect(visit.page.locator(".card-inputting")).to_be_visible()
    await expect(visit.page.locator(".card-finished .markdown")).to_have_text(
        "床前明月光，疑是地上霜。"
    )
    await expect(visit.page.locator(".card-finished strong")).to_have_text("明月光")
    await expect(visit.page.locator("article.by-robot .card")).to_have_count(1)
    assert visit.clean()


async def test_the_language_can_be_changed_and_is_remembered(visit: Visit) -> None:
    await visit.open()
    await expect(visit.page.locator(".local")).to_have_text("模拟环境")

    await visit.page.get_by_role("button", name="Switch to English").click()

    await expect(visit.page.locator(".local")).to_have_text("Simulated")
    await visit.page.reload()
    await visit.page.get_by_role("button", name="Developer panel").click()
    await expect(visit.page.get_by_role("tab", name="Inspect")).to_be_visible()
    assert await visit.page.title() == "DingTalk simulator"


async def test_everything_can_be_done_by_keyboard_alone(visit: Visit) -> None:
    await visit.open()
    keys, page = visit.page.keyboard, visit.page

    await page.locator('.room[aria-selected="true"]').focus()
    await keys.press("ArrowDown")
    await expect(page.locator(".chat-title h1")).to_have_text(GROUP)
    await page.locator(".composer textarea").focus()
    await keys.type("第一行")
    await keys.press("Shift+Enter")
    await keys.type("第二行")
    await keys.press("Enter")
    await expect(visit.bubbles("robot")).to_have_count(1)
    await expect(visit.bubbles("person")).to_have_text("@小助手 第一行\n第二行")

    for _ in range(40):
        await keys.press("Shift+Tab")
        if await page.evaluate("document.activeElement.matches('article.message')"):
            break
    await keys.press("End")
    await keys.press("ArrowUp")
    await keys.press("Enter")
    await expect(page.locator("#panel .exchange")).not_to_have_count(0)
    await page.get_by_role("tab", name="详情").focus()
    await keys.press("ArrowRight")
    await expect(page.locator(".call").first).to_be_visible()
    await keys.press("Escape")
    await expect(page.locator("#panel")).to_be_hidden()
    assert visit.clean()


async def test_what_was_said_can_be_kept_and_read_in_again(visit: Visit, tmp_path: Path) -> None:
    await visit.open()
    await visit.say("要留下来的话")
    await expect(visit.bubbles("robot")).to_have_count(1)
    await visit.page.get_by_role("tab", name="设置").click()

    async with visit.page.expect_download() as coming:
        await visit.page.get_by_role("button", name="导出全部").click()
    kept = tmp_path / "kept.json"
    await (await coming.value).save_as(kept)
    await visit.page.get_by_role("button", name="重新开始").click()
    await visit.page.locator("dialog .primary").click()
    await expect(visit.bubbles("person")).to_have_count(0)
    await visit.page.locator("#import-file").set_input_files(kept)

    await expect(visit.page.locator(".toast", has_text="导入了 2 条消息")).to_be_visible()
    await visit.page.get_by_label("我是").select_option("王小明")
    await visit.page.locator(".room", has_text="收到").click()
    await expect(visit.bubbles("robot")).to_have_text("收到：要留下来的话")
    assert len(visit.robot.posted) == 1
    assert visit.clean()


async def test_a_message_is_replayed_under_its_id_and_said_again_under_another(
    visit: Visit,
) -> None:
    await visit.open()
    await visit.say("再来")
    await expect(visit.bubbles("robot")).to_have_count(1)
    await visit.bubbles("person").click()

    await visit.page.locator("#panel").get_by_text("重发（同一 ID）").click()
    await expect(visit.page.locator(".delivery")).to_contain_text("2 次投递")
    await visit.page.locator("#panel").get_by_text("再说一遍（新 ID）").click()

    await expect(visit.bubbles("person")).to_have_count(2)
    ids = [one.body["msgId"] for one in visit.robot.posted]
    assert ids[0] == ids[1] != ids[2]


async def test_a_long_conversation_keeps_few_bubbles_in_the_document(visit: Visit) -> None:
    for number in range(260):
        await visit.simulator.send(f"第 {number} 句", room=visit.simulator.group.id, wait=False,
                                  mentions_robot=False)  # fmt: skip
    await visit.open()
    await visit.enter(GROUP)

    await expect(visit.page.locator("article.message")).to_have_count(200)
    await expect(visit.bubbles("person").last).to_contain_text("第 259 句")
    await visit.page.get_by_role("button", name="更早的 60 条消息").click()
    await expect(visit.bubbles("person").first).to_contain_text("第 0 句")
    await expect(visit.page.locator("article.message")).to_have_count(200)


async def test_a_broken_line_is_taken_up_again(visit: Visit) -> None:
    await visit.open()
    await visit.page.route("**/_simulator/events*", lambda route: route.abort())
    await visit.page.evaluate("dispatchEvent(new Event('offline'))")
    await visit.page.reload()
    await expect(visit.page.locator(".line")).to_have_text("正在重新连接…")
    await visit.simulator.send("你不在的时候")

    await visit.page.unroute("**/_simulator/events*")

    await expect(visit.page.locator(".line")).to_have_text("已连接", timeout=15_000)
    await expect(visit.bubbles("person").last).to_have_text("你不在的时候")


async def test_the_panel_begins_closed_and_opens_with_the_first_message_clicked(
    visit: Visit,
) -> None:
    await visit.open(with_panel=False)
    await visit.say("你好")
    await expect(visit.page.locator("#panel")).to_be_hidden()
    chat = await visit.page.locator("#chat").bounding_box()

    await visit.bubbles("person").click()

    assert chat is not None
    assert chat["width"] > 1280 * 0.7
    await expect(visit.page.locator("#panel .exchange").first).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 1280])
async def test_every_suggestion_can_be_reached_without_dragging(
    visit: Visit, width: int, language: str
) -> None:
    await visit.open(width=width, language=language, with_panel=False)
    more = visit.page.locator(".more-suggestions")
    if await more.is_visible():
        await more.click()
        await expect(more).to_have_attribute("aria-expanded", "true")

    boxes = [await one.bounding_box() for one in await visit.page.locator(".suggestion").all()]

    frame = await visit.page.locator(".suggestions").bounding_box()
    assert frame is not None
    assert len(boxes) == 12
    for box in boxes:
        assert box is not None
        assert frame["x"] <= box["x"]
        assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 1
        assert box["y"] + box["height"] <= frame["y"] + frame["height"] + 1


async def test_arrow_keys_walk_over_all_suggestions(visit: Visit) -> None:
    await visit.open(width=390, with_panel=False)
    await visit.page.locator(".suggestion").first.focus()

    await visit.page.keyboard.press("End")

    await expect(visit.page.locator(".suggestion").last).to_be_focused()
    await expect(visit.page.locator(".suggestion").last).to_be_in_viewport(ratio=1)


async def test_in_a_long_talk_the_first_tab_stop_leads_to_the_composer(visit: Visit) -> None:
    for number in range(60):
        await visit.simulator.send(f"第 {number} 句", wait=False)
    await visit.open(with_panel=False)
    await expect(visit.page.locator("article.message").first).to_be_visible()
    keys, focused = visit.page.keyboard, "document.activeElement.closest('.composer textarea')"

    await keys.press("Tab")
    await expect(visit.page.locator(".skip")).to_be_focused()
    await keys.press("Enter")
    first = await visit.page.evaluate(f"Boolean({focused})")
    await visit.page.locator("#me").focus()
    stops = 0
    while not await visit.page.evaluate(f"Boolean({focused})"):
        await keys.press("Tab")
        stops += 1
        assert stops < 30

    assert first


async def test_the_client_that_is_shown_is_chosen_by_its_name(visit: Visit) -> None:
    visit.robot.replies["表"] = [markdown("表", "|a|b|\n|-|-|\n|c|d|")]
    await visit.open(with_panel=False)
    await visit.say("表")
    await expect(visit.bubbles("robot").locator("table")).to_be_visible()

    await visit.page.get_by_role("radio", name="旧手机端").click()

    await expect(visit.page.get_by_role("radio", name="旧手机端")).to_be_checked()
    await expect(visit.page.get_by_role("radio", name="电脑端")).not_to_be_checked()
    await expect(visit.bubbles("robot").locator("table")).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1280])
async def test_short_inline_code_stays_whole_and_long_code_stays_inside(
    visit: Visit, width: int
) -> None:
    words = "随这个问题一起送来的上文有几轮，发送 `串聊` 以后再多问几句，" * 8 + f"`{'x' * 300}`"
    visit.robot.replies["码"] = [markdown("码", words)]
    await visit.open(width=width, with_panel=False)
    await visit.say("码")
    await expect(visit.bubbles("robot").locator("code").last).to_be_visible()

    rows = (
        await visit.bubbles("robot")
        .locator("code")
        .evaluate_all("all => all.slice(0, -1).map(one => one.getClientRects().length)")
    )
    assert rows == [1] * 8
    fits = "n => n.scrollWidth <= n.clientWidth"
    assert await visit.bubbles("robot").evaluate(fits)


async def test_a_table_that_goes_on_beyond_the_edge_shows_it(visit: Visit) -> None:
    wide = "|" + "列名|" * 12 + "\n" + "|-" * 12 + "|\n" + "|单元格" * 12 + "|\n"
    visit.robot.replies["宽"] = [markdown("宽", wide)]
    await visit.open(width=390, with_panel=False)
    await visit.say("宽")
    table = visit.bubbles("robot").locator(".md-table")
    await expect(table).to_be_visible()

    await expect(table).to_have_class("md-table more-right")
    await table.evaluate("one => { one.scrollLeft = one.scrollWidth; }")
    await expect(table).to_have_class("md-table more-left")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_fits_the_screen(visit: Visit, width: int, scheme: str) -> None:
    wide = "|" + "很长的列名|" * 12 + "\n" + "|-" * 12 + "|\n" + "|单元格" * 12 + "|\n"
    visit.robot.replies["长"] = [markdown("长", f"{'x' * 400}\n\n{wide}\n\n```\n{'y ' * 300}\n```")]
    await visit.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await visit.open(width=width)
    await visit.say("长")
    await expect(visit.bubbles("robot").locator("table")).to_be_visible()

    assert await visit.page.evaluate("document.documentElement.scrollWidth") <= width
    chat = "n => n.scrollWidth <= n.clientWidth"
    assert await visit.page.locator(".messages").evaluate(chat)
    if width < 720:
        await visit.bubbles("person").click()
        await expect(visit.page.locator("#panel .exchange").first).to_be_visible()
        await visit.page.keyboard.press("Escape")
        await visit.page.get_by_role("button", name="返回会话列表").click()
        await visit.enter(GROUP)
    assert visit.clean()


async def test_what_the_program_has_to_say_stands_at_the_top(visit: Visit) -> None:
    async def with_notice(route: Route) -> None:
        answer = await route.fetch()
        notice = {"zh": "模型是演示用的", "en": "The model is a demonstration"}
        await route.fulfill(json=await answer.json() | {"notice": notice})

    await visit.page.route("**/_simulator/state", with_notice)
    await visit.open(language="en")

    await expect(visit.page.locator("#notice")).to_have_text("The model is a demonstration")
    await visit.page.get_by_role("button", name="Got it").click()
    await expect(visit.page.locator("#notice")).to_be_hidden()


async def test_a_keyword_of_the_robot_makes_dingtalk_refuse_its_replies(visit: Visit) -> None:
    await visit.open()
    await visit.page.get_by_role("tab", name="设置").click()
    await visit.page.get_by_label("安全关键词").fill("日报，周报")
    await visit.page.get_by_role("button", name="保存").click()
    await expect(visit.page.locator(".toast", has_text="已保存")).to_be_visible()

    await visit.say("你好")
    await expect(visit.page.locator(".note")).to_contain_text("310000")
    await visit.say("周报")

    await expect(visit.bubbles("robot")).to_have_text(["收到：周报"])
    assert visit.clean()
