"""What stands on a page of conversations, and what may be asked of it."""

import asyncio
import logging
import re
from dataclasses import replace
from html.parser import HTMLParser

import httpx
import pytest

from application.wording import ENGLISH
from domain.history import Record
from domain.inbox import State
from domain.message import RoomKind, UserKey
from entrypoints.web.history.routes import LONGEST_SEARCH
from tests.fakes.numbered_history import NumberedHistory, record
from tests.integration.web.reading import Library

pytestmark = pytest.mark.anyio

MEBIBYTE = 1024 * 1024


async def page(library: Library, asked: str = "", *, person: UserKey | None = None) -> str:
    """The page as it is sent."""
    token = library.links.issue(person) if person else library.links.issue()
    async with library.open() as address, address.client() as client:
        response = await client.get(f"/history/{token}{asked}", timeout=60)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response.text.replace(token, "TOKEN")


def questions(html: str) -> list[int]:
    """The numbers of the questions on it."""
    return [int(number) for number in re.findall(r"问题 (\d+)</p>", html)]


def of(count: int, **changes: object) -> Library:
    """A library with so many records that have these fields."""

    def make(number: int) -> Record:
        return replace(record(number), **changes)  # type: ignore[arg-type] # each test names real fields

    return Library(history=NumberedHistory(count=count, make=make))


async def test_the_newest_come_first_fifty_at_a_time() -> None:
    library = of(120)

    assert questions(await page(library)) == list(range(120, 70, -1))
    assert questions(await page(library, "?page=3")) == list(range(20, 0, -1))


@pytest.mark.parametrize(
    ("asked", "newest"),
    [
        ("?page=4", 20),
        ("?page=999999999", 20),
        ("?page=0", 120),
        ("?page=-1", 120),
        ("?page=1e3", 120),
        ("?page=٣", 120),
        ("?page=" + "9" * 5000, 120),
        ("?page=", 120),
        ("?page=2&page=3", 70),
        ("?page=%00", 120),
        ("?page[]=2", 120),
    ],
    ids=lambda asked: ascii(asked)[:16],
)
async def test_a_page_that_is_not_there_becomes_one_that_is(asked: str, newest: int) -> None:
    assert questions(await page(of(120), asked))[0] == newest


async def test_a_search_finds_in_questions_and_answers() -> None:
    library = of(120)

    html = await page(library, "?q=问题 11")

    assert questions(html) == [119, 118, 117, 116, 115, 114, 113, 112, 111, 110, 11]
    assert "11 条记录含有“问题 11”" in html
    assert 'value="问题 11"' in html
    assert 'href="?"' in html


async def test_a_search_without_result_says_so() -> None:
    html = await page(of(3), "?q=<b>没有</b>%00")

    assert questions(html) == []
    assert "没有找到含有“&lt;b&gt;没有&lt;/b&gt;”的问题或回答。" in html


async def test_pages_of_a_search_keep_it() -> None:
    html = await page(of(120), "?q=问题&page=2")

    assert 'href="?q=%E9%97%AE%E9%A2%98&amp;page=3"' in html
    assert '<input type="hidden" name="q" value="问题">' in html


@pytest.mark.parametrize("asked", ["?q=%ff%fe", "?q=%", "?q=%ED%A0%80", "?&&=&q", "?q=a&q=b"])
async def test_any_search_is_answered(asked: str) -> None:
    await page(of(1), asked)


async def test_a_search_is_no_longer_than_anybody_types() -> None:
    library = of(1)

    html = await page(library, "?q=" + "x" * 5000)

    assert "x" * LONGEST_SEARCH in html
    assert "x" * (LONGEST_SEARCH + 1) not in html


async def test_everything_known_of_a_question_is_told() -> None:
    html = await page(of(1, room_kind=RoomKind.GROUP, room_title="设计组"))

    for told in (
        '<html lang="zh-CN">',
        "张三 的对话",
        "工号 zhang01",
        "1 个问题",
        "时区 Asia/Shanghai",
        "2026-03-02 20:00",
        '<time datetime="2026-03-01T20:00:00+08:00">20:00:00</time>',
        "群聊 <bdi>设计组</bdi>",
        "<code>systemctl restart</code>",
        "已送达",
        "default · some-model",
        "提问 120 + 回答 345 token",
        "首字 0.8 秒",
        "用时 4.2 秒",
        'href="../download/TOKEN?format=md"',
        'href="../download/TOKEN?format=csv"',
        'action="TOKEN/revoke"',
    ):
        assert told in html, told


async def test_a_picture_is_shown_from_this_service() -> None:
    html = await page(of(1, picture="0a1b.png", answer=""))

    assert '<img src="../images/0a1b.png" alt="按“问题 1”生成的图片"' in html
    assert "没有回答" not in html


async def test_a_failure_is_told_in_words() -> None:
    html = await page(of(1, answer="", state=State.FAILED, reason="ModelUnavailable"))

    assert "失败：模型没有响应" in html
    assert "没有回答" in html


async def test_somebody_imported_is_shown_as_such() -> None:
    library, person = of(1, provider="", model=""), UserKey("imported:张三")
    library.history.key = person

    html = await page(library, person=person)

    assert "昵称来自导入的记录" in html
    assert "导入的记录</span>" in html
    assert "已送达" not in html


async def test_the_page_speaks_the_operators_language() -> None:
    library = of(1)
    library.wording = ENGLISH

    html = await page(library)

    assert '<html lang="en">' in html
    assert "Conversations of 张三" in html
    assert not re.search("[\u4e00-\u9fff]", re.sub("张三|问题 1|运行.*即可。", "", html))


async def test_every_word_of_people_is_escaped() -> None:
    evil = "<img src=x onerror=alert(1)>\"'{{7*7}}"
    library = of(1, question=evil, answer=evil, room_title=evil, picture=evil)
    library.history.nick = evil

    html = await page(library, f"?q={evil}")

    assert "<img src=x" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;&#34;&#39;{{7*7}}" in html
    assert "49" not in re.sub(r"#\d+|\d\d:\d\d|\d{4}-\d\d-\d\d", "", html)


async def test_the_page_needs_no_other_file_and_no_script() -> None:
    html = await page(of(120))

    class Finder(HTMLParser):
        found: set[str] = set()  # noqa: RUF012 - one finder, one test

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.found |= {tag, *(f"@{name}" for name, _ in attrs)}

    finder = Finder()
    finder.feed(html)
    assert not finder.found & {"script", "base", "iframe", "object", "img", "@style"}
    assert re.findall(r"<link [^>]*", html) == [
        '<link rel="icon" type="image/svg+xml" href="../history/icon.svg"'
    ]
    assert [name for name in finder.found if name.startswith("@on")] == []


async def test_head_is_like_get_without_a_body() -> None:
    library = of(3)
    token = library.links.issue()
    async with library.open() as address, address.client() as client:
        got = await client.get(f"/history/{token}")
        head = await client.head(f"/history/{token}")

    assert head.status_code == 200
    assert head.content == b""
    assert {**head.headers, "date": ""} == {**got.headers, "date": ""}


async def test_x7_a_hundred_thousand_records_are_as_light_as_fifty() -> None:
    library = of(100_000)

    html = await page(library, "?page=1999")

    assert questions(html) == list(range(100, 50, -1))
    assert "第 1999 / 2000 页" in html
    assert len(html.encode()) < MEBIBYTE // 2
    assert library.history.most_at_once == 50


@pytest.mark.parametrize(
    "answer",
    ["长" * MEBIBYTE, "[" * 30_000, "|a" * 300 + "\n" + "|-" * 300 + "\n" + "|\n" * 10_000],
    ids=["long", "nested", "sparse"],
)
async def test_x7_no_answer_makes_a_page_that_explodes_or_stops_the_others(answer: str) -> None:
    library = of(50, answer=answer)
    token = library.links.issue()
    async with library.open() as address, address.client() as client:
        asked = asyncio.create_task(client.get(f"/history/{token}", timeout=60))
        answered_meanwhile = 0
        while not asked.done():
            assert (await client.get("/livez")).status_code == 200
            answered_meanwhile += 1
        response = await asked

    assert response.status_code == 200
    assert len(response.content) < 12 * MEBIBYTE
    # In the loop itself there would be time for one or two.
    assert answered_meanwhile > 5


async def test_pages_at_the_same_time_are_all_served(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    library = of(50)
    token = library.links.issue()
    async with library.open() as address, address.client() as client:
        responses = await asyncio.gather(*(client.get(f"/history/{token}") for _ in range(20)))

    assert {one.status_code for one in responses} == {200}
    assert isinstance(responses[0], httpx.Response)


async def test_every_page_has_the_icon_that_is_served() -> None:
    library = of(1)
    async with library.open() as address, address.client() as client:
        token = library.links.issue()
        paths = [f"/history/{token}", "/history/revoked", "/history/gone", "/download/gone"]
        pages = [(path, await client.get(path)) for path in paths]
        icons = {
            str(response.url.join(found[1]))
            for _, response in pages
            if (found := re.search(r'<link rel="icon"[^>]* href="([^"]*)"', response.text))
        }
        (icon,) = icons
        served = await client.get(icon)

    assert len(pages) == 4
    assert (served.status_code, served.headers["content-type"]) == (200, "image/svg+xml")
