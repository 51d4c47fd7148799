"""A real browser, found or installed, and a page in it that keeps a record of what it does."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.browser.watched import LONGEST_WAIT, Watched
from tests.missing import INSTALLING, install, missing

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")

# Playwright's five seconds are too few where the other tests keep the machine busy.
expect.set_options(timeout=LONGEST_WAIT * 1000)


def found() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whichever test comes first may have to wait for the installation."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(2 * INSTALLING))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium. Without one these tests are skipped, on CI they fail."""
    reason = "" if found() else install(*PACKAGES)
    path = found()
    if path is None:
        missing(reason or "no Chromium, although its package is installed")
    return path


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for a module, as its tests share a browser."""
    return "asyncio"


@pytest.fixture(scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    # Chromium's own sandbox refuses to run for root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield opened
        await opened.close()


@pytest.fixture
async def watched(browser: Browser) -> AsyncIterator[Watched]:
    """A page whose every request, dialog, complaint and attempt is written down."""
    page = await browser.new_page()
    seen = Watched(page)
    await seen.begin()
    yield seen
    await page.close()
