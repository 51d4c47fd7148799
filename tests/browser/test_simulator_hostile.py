"""What people, robots and names bring to the simulator's page stays text, and asks nobody anything."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from dingtalk_simulator.simulator import Simulator
from tests.browser.corpus import CORPUS, RUN
from tests.browser.simulator_robot import Talker, markdown, talking_simulator
from tests.browser.watched import Watched

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

STRANGE = """() => [...document.querySelectorAll('#shell *')].flatMap(one => [
    ...(['script', 'iframe', 'object', 'embed', 'base', 'meta', 'link', 'style', 'video', 'audio']
        .includes(one.tagName.toLowerCase()) ? [one.tagName] : []),
    ...[...one.attributes].filter(({name, value}) => name.startsWith('on') || name === 'srcdoc'
        || (name === 'href' && !/^https?:/.test(value))
        || (name === 'src' && !/^[/](_simulator[/]media|page)[/]/.test(value)))
        .map(({name, value}) => `${name}=${value}`),
])"""

NAME = f'<img src=x onerror="{RUN}">'
SLOWEST = 2000
"""Milliseconds that drawing a message may take, whatever it consists of."""


@pytest.fixture
async def talking() -> AsyncIterator[tuple[Simulator, Talker]]:
    async with talking_simulator() as both:
        yield both


def hostile_replies(words: str) -> list[dict[str, object]]:
    card = {"title": words, "text": words, "singleTitle": words, "singleURL": f"javascript:{RUN}"}
    link = {"title": words, "messageURL": words, "picURL": "https://evil.test/p.png"}
    return [
        markdown(words, words),
        {"msgtype": "text", "text": {"content": words}},
        {"msgtype": "actionCard", "actionCard": card},
        {"msgtype": "feedCard", "feedCard": {"links": [link]}},
    ]


async def test_hostile_words_and_names_do_nothing(
    watched: Watched, talking: tuple[Simulator, Talker]
) -> None:
    simulator, robot = talking
    page = watched.page
    await page.add_init_script("localStorage['simulator.language'] = 'en'")
    await page.goto(f"{simulator.origin}/")
    await page.wait_for_selector("[data-ready]", state="attached")
    await page.evaluate(
        """([name]) => fetch('/_simulator/people', {method: 'POST',
            headers: {'content-type': 'application/json'},
            body: JSON.stringify({name, staff_id: 'evil'})})""",
        [NAME],
    )
    private = await simulator.send(NAME, person="evil")
    for words in CORPUS:
        robot.replies[words.strip()] = hostile_replies(words)
        await simulator.send(words, person="evil", room=private.room)

    await page.locator("#me").select_option("evil")
    await expect(page.locator("article.message")).not_to_have_count(0)
    await page.wait_for_timeout(500)
    older = page.locator(".messages > .older:first-child")
    while await older.count() and "older" in await older.inner_text():
        assert await page.evaluate(STRANGE) == []
        await older.click()
    await expect(page.locator("article.message").first).to_contain_text(NAME)
    for author in ("robot", "person"):
        await page.locator(f"article.by-{author}").last.press("Enter")
        await expect(page.locator("#panel .exchange").first).to_be_visible()
    await page.get_by_role("tab").nth(1).click()
    await expect(page.locator(".call").first).to_be_visible()

    assert await page.evaluate(STRANGE) == []
    assert watched.hits == []
    assert watched.violations == []
    assert watched.dialogs == []
    assert [
        one for one in watched.requests if not one.startswith((simulator.origin, "data:"))
    ] == []
    assert watched.complaints == []


@pytest.mark.parametrize(
    "words", ["`" * 15_000, "*" * 15_000, "[" * 15_000, "![" * 7_000, "> " * 7_000, "**a" * 5_000,
              "\n".join(["- " * 200] * 20), "|" * 15_000 + "\n" + "|-" * 4_000, "<font color=" * 1_200,
              "\n".join(["[a](" * 400] * 9)]
)  # fmt: skip
async def test_no_message_stops_the_page(
    watched: Watched, talking: tuple[Simulator, Talker], words: str
) -> None:
    simulator, _ = talking
    await watched.page.goto(f"{simulator.origin}/")

    taken = await watched.page.evaluate(
        """async (words) => {
            const {markdown} = await import('/page/markdown.js');
            const begun = performance.now();
            document.createElement('div').append(...markdown(words, {isCard: true}));
            return performance.now() - begun;
        }""",
        words,
    )

    assert taken < SLOWEST
