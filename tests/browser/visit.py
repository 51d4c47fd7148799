"""Somebody at the simulator's page, with the robot behind it and the world that it shows."""

import json
from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from dingtalk_simulator.simulator import Simulator
from tests.browser.simulator_robot import Talker
from tests.browser.watched import Watched

GROUP = "项目讨论群"
PANEL_BESIDE = 1180
"""Pixels from which on the panel stands beside the conversation and not over it."""


@dataclass(frozen=True, slots=True)
class Visit:
    """The page, the robot behind it, and the world that it shows."""

    watched: Watched
    simulator: Simulator
    robot: Talker

    @property
    def page(self) -> Page:
        return self.watched.page

    async def open(
        self, *, width: int = 1280, language: str = "zh", with_panel: bool = True
    ) -> None:
        """Open the page, and on a wide screen the developer's panel with it."""
        await self.page.set_viewport_size({"width": width, "height": 800})
        await self.page.add_init_script(
            f"localStorage['simulator.language'] ??= {json.dumps(language)}"
        )
        await self.page.goto(f"{self.simulator.origin}/")
        await self.page.wait_for_selector("[data-ready]", state="attached")
        if with_panel and width >= PANEL_BESIDE:
            await self.page.locator(".panel-switch").click()

    async def say(self, words: str) -> None:
        await self.page.locator(".composer textarea").fill(words)
        await self.page.keyboard.press("Enter")

    async def enter(self, room: str) -> None:
        await self.page.locator(".room", has_text=room).click()
        await expect(self.page.locator(".chat-title h1")).to_have_text(room)

    def bubbles(self, by: str) -> Locator:
        return self.page.locator(f"article.by-{by} .bubble")

    def clean(self) -> bool:
        """Nothing was complained of, and nothing asked of anybody but the simulator."""
        asked = [one for one in self.watched.requests if not _is_here(one, self.simulator.origin)]
        return not (self.watched.complaints or self.watched.dialogs or asked)


def _is_here(address: str, origin: str) -> bool:
    return address.startswith((origin, "data:", "blob:"))
