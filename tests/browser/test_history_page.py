"""The page of conversations as people use it: narrow or wide, by keyboard, page by page."""

import pytest
from litestar import get
from litestar.response.base import ASGIResponse
from playwright.async_api import Page

from domain.history import Record
from tests.browser.watched import Watched
from tests.fakes.numbered_history import NumberedHistory, record
from tests.integration.web.reading import Library

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]

GIF = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)

LONG = "很长的话" * 100 + " " + "x" * 500
WIDE = "|" + "一个很长的列名|" * 12 + "\n" + "|-" * 12 + "|\n" + "|单元格" * 12 + "|\n"
CODE = "```python\n" + "x = " + "1 + " * 200 + "1\n```"


def varied(number: int) -> Record:
    return record(
        number,
        question=LONG if number % 3 == 0 else f"问题 {number}",
        answer=f"{LONG}\n\n{WIDE}\n\n{CODE}",
        room_title=LONG[:300],
        picture="0a1b.png",
    )


@get("/images/{name:str}")
async def image() -> ASGIResponse:
    return ASGIResponse(body=GIF, media_type="image/gif")


def library(count: int = 120) -> Library:
    return Library(history=NumberedHistory(count=count, make=varied))


async def _widest(page: Page) -> int:
    return int(await page.evaluate("document.documentElement.scrollWidth"))


@pytest.mark.parametrize("width", [360, 768, 1920])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_fits_every_screen(watched: Watched, width: int, scheme: str) -> None:
    page, shelf = watched.page, library()
    await page.set_viewport_size({"width": width, "height": 800})
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    async with shelf.open(image) as address:
        await page.goto(
            f"http://{address.host}:{address.port}/history/{shelf.links.issue()}?page=2"
        )

        assert await _widest(page) <= width
        scrolls = "one => one.scrollWidth > one.clientWidth"
        assert await page.locator("pre").first.evaluate(scrolls)
        if width < 800:
            assert await page.locator(".wide").first.evaluate(scrolls)
        assert await watched.evils() == {}


async def test_pictures_come_from_this_service(watched: Watched) -> None:
    page, shelf = watched.page, library(1)
    async with shelf.open(image) as address:
        await page.goto(f"http://{address.host}:{address.port}/history/{shelf.links.issue()}")
        await page.locator(".picture img").scroll_into_view_if_needed()
        await page.wait_for_function("document.querySelector('.picture img').naturalWidth == 1")

        assert watched.requests[1:] == [f"http://{address.host}:{address.port}/images/0a1b.png"]


async def test_everything_to_be_used_has_a_name(watched: Watched) -> None:
    page, shelf = watched.page, library()
    async with shelf.open(image) as address:
        await page.goto(
            f"http://{address.host}:{address.port}/history/{shelf.links.issue()}?q=问题"
        )

        unnamed = """[...document.querySelectorAll('input:not([type=hidden]), button, a, img, summary')]
            .filter(one => !(one.labels?.length || one.textContent.trim() || one.alt ||
                one.querySelector('img')?.alt)).map(one => one.outerHTML)"""
        doubled = """[...document.querySelectorAll('[id]')].map(one => one.id)
            .filter((id, at, all) => all.indexOf(id) !== at)"""
        assert await page.evaluate(unnamed) == []
        assert await page.evaluate(doubled) == []
        assert await page.locator("h1").count() == 1
        assert await page.get_by_role("main").count() == 1
        assert await page.get_by_role("search").count() == 1
        assert await page.get_by_role("navigation").count() == 2
        assert await page.get_by_role("searchbox", name="搜索问题和回答").count() == 1


async def test_the_keyboard_leads_to_the_conversations_first(watched: Watched) -> None:
    page, shelf = watched.page, library(1)
    async with shelf.open(image) as address:
        await page.goto(f"http://{address.host}:{address.port}/history/{shelf.links.issue()}")
        await page.keyboard.press("Tab")
        first = await page.evaluate("document.activeElement.textContent")
        await page.keyboard.press("Enter")

        assert first == "跳到对话内容"
        assert await page.evaluate("document.activeElement.id") == "records"


async def test_pages_are_turned_searched_and_jumped_to(watched: Watched) -> None:
    page, shelf = watched.page, library()
    async with shelf.open(image) as address:
        await page.goto(f"http://{address.host}:{address.port}/history/{shelf.links.issue()}")
        where = page.locator(".where").first

        await page.get_by_role("link", name="下一页").first.click()
        assert await where.inner_text() == "第 2 / 3 页"
        await page.get_by_label("跳到第几页").fill("3")
        await page.get_by_role("button", name="跳转").click()
        assert await where.inner_text() == "第 3 / 3 页"
        await page.get_by_label("搜索问题和回答").fill("问题 11")
        await page.get_by_role("button", name="搜索").click()
        assert await page.locator(".result").inner_text() == "8 条记录含有“问题 11”"
        await page.get_by_role("link", name="清除搜索").click()
        assert await where.inner_text() == "第 1 / 3 页"


async def test_a_conversation_is_downloaded(watched: Watched) -> None:
    page, shelf = watched.page, library(3)
    async with shelf.open(image) as address:
        await page.goto(f"http://{address.host}:{address.port}/history/{shelf.links.issue()}")
        async with page.expect_download() as awaited:
            await page.get_by_role("link", name="下载 CSV").click()
        download = await awaited.value

        assert download.suggested_filename == "张三-conversations-2026-03-01.csv"


async def test_a_link_is_revoked_on_its_page(watched: Watched) -> None:
    page, shelf = watched.page, library(1)
    token = shelf.links.issue()
    async with shelf.open(image) as address:
        await page.goto(f"http://{address.host}:{address.port}/history/{token}")
        assert not await page.get_by_role("button", name="确认撤销").is_visible()
        await page.get_by_text("撤销链接").click()
        await page.get_by_role("button", name="确认撤销").click()

        assert await page.locator("h1").inner_text() == "链接已撤销"
        assert token not in page.url
        assert shelf.links.good == {}


async def test_paper_tells_who_said_it_when_and_who_printed_it_when(watched: Watched) -> None:
    page, shelf = watched.page, library()
    async with shelf.open(image) as address:
        await page.goto(
            f"http://{address.host}:{address.port}/history/{shelf.links.issue()}?page=2"
        )
        on_screen = await page.locator("body").inner_text()
        await page.emulate_media(media="print")
        on_paper = await page.locator("body").inner_text()

    assert "打印于" not in on_screen
    assert (
        "由 boss 申请的链接打开 · 打印于 2026-03-01 20:00（Asia/Shanghai）· 第 2 / 3 页" in on_paper
    )
    assert "张三 2026-03-02" in on_paper
    assert "搜索" not in on_paper
