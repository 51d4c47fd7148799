"""A page in a browser, and all that it did."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.async_api import Dialog, Page

REPORTING = """
document.addEventListener('securitypolicyviolation', event =>
    reportViolation(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
Object.defineProperty(window, 'hit', {set: value => reportHit(String(value))});
"""
"""Reports to the test at once: what a document remembers is gone when the page leaves it."""

OWN_ICON = re.compile(r"http://127\.0\.0\.1:\d+/history/icon\.svg")

LONGEST_WAIT = 30.0
"""Seconds until something that must happen counts as missing, also on a busy machine."""

STRANGE = """() => {
    const known = new Set(%s);
    const found = [];
    for (const one of document.querySelectorAll('*')) {
        if (one.matches('head > link[rel="icon"][href="../history/icon.svg"]')) continue;
        const tag = one.tagName.toLowerCase();
        if (!known.has(tag)) found.push(tag);
        for (const {name, value} of one.attributes) {
            if (name.startsWith('on') || ['style', 'srcdoc', 'srcset', 'background', 'formaction',
                'http-equiv', 'xlink:href', 'target', 'ping'].includes(name)) found.push(`${tag} ${name}`);
            if (name === 'href' && !/^(https?:|mailto:|\\?|#records$|..\\/(download|images)\\/)/.test(value))
                found.push(`${tag} ${name}=${value}`);
            if (name === 'src' && !value.startsWith('../images/')) found.push(`${tag} ${name}=${value}`);
        }
    }
    return found;
}"""
"""Elements and attributes that the page itself does not use: somebody brought them."""

KNOWN = [
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "main",
        "section",
        "footer",
        "nav",
    ),
    *("h1", "h2", "h4", "h5", "h6", "div", "p", "span", "bdi", "br", "hr", "a", "img", "time"),
    *("ul", "ol", "li", "blockquote", "article", "figure", "figcaption", "pre", "code"),
    *("em", "strong", "s", "table", "thead", "tbody", "tr", "th", "td"),
    *("details", "summary", "form", "button", "label", "input"),
]


@dataclass
class Watched:
    """Playwright's page, with what happened on it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    """What a page's policy stopped: an attempt that got into the document."""
    hits: list[str] = field(default_factory=list)
    """What scripts that ran left."""

    def _asked(self, url: str) -> None:
        # The page's own icon, which a browser fetches when it likes.
        if not OWN_ICON.fullmatch(url):
            self.requests.append(url)

    async def begin(self) -> None:
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("dialog", self._dismiss)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console", lambda said: self._heard(said.type, said.text, said.location["url"])
        )
        # Playwright keeps a mark on a function that it exposes; a list's own method takes none.
        await self.page.expose_function("reportViolation", lambda one: self.violations.append(one))  # noqa: PLW0108
        await self.page.expose_function("reportHit", lambda one: self.hits.append(one))  # noqa: PLW0108
        await self.page.add_init_script(REPORTING)

    async def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        await dialog.dismiss()

    def _heard(self, kind: str, text: str, url: str) -> None:
        # Every browser asks for an icon on its own account.
        if kind in {"error", "warning"} and not url.endswith("/favicon.ico"):
            self.complaints.append(text)

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait until these records show it, whatever the page does meanwhile."""
        async with asyncio.timeout(LONGEST_WAIT):
            while not happened():  # noqa: ASYNC110 - the browser's events fill plain lists
                await asyncio.sleep(0.01)

    async def strangers(self) -> list[str]:
        return list(await self.page.evaluate(STRANGE % KNOWN))

    async def evils(self) -> dict[str, object]:
        """Everything that must not have happened so far; empty when nothing did."""
        found: dict[str, object] = {
            # Asking the page comes first: its reports arrive before its answer.
            "strangers": await self.strangers(),
            "dialogs": self.dialogs,
            "complaints": self.complaints,
            "violations": self.violations,
            "hits": self.hits,
        }
        return {name: value for name, value in found.items() if value}
