"""A real browser, found or installed, and a page in it that keeps a record of what it does."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.browser.watched import Watched

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")
INSTALLING = 500
"""Seconds that installing may take."""


def found() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> str:
    """Install it where that is possible; returns why it is not there, or nothing."""
    if os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        return "no Chromium: set CHROMIUM to its path, or install it (Debian: apt install chromium)"
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        [*apt, "update"],
        [*apt, "install", "-y", "--no-install-recommends", *PACKAGES],
    ):
        try:
            subprocess.run(  # noqa: S603 - our own words
                command, env=environment, check=True, capture_output=True, timeout=INSTALLING
            )
        except (OSError, subprocess.SubprocessError) as error:
            return f"no Chromium, and it could not be installed: {error}"
    return ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whichever test comes first may have to wait for the installation."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(2 * INSTALLING))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium. Without one these tests are skipped, on CI they fail."""
    reason = "" if found() else install()
    if path := found():
        return path
    reason = reason or "no Chromium, although its package is installed"
    print(reason)  # noqa: T201 - for who runs the tests
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


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
