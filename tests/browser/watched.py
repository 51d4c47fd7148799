"""A page in a browser, and all that it did."""

from dataclasses import dataclass, field

from playwright.async_api import Dialog, Page

VIOLATIONS = """
window.violations = [];
document.addEventListener('securitypolicyviolation', event =>
    window.violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""

STRANGE = """() => {
    const known = new Set(%s);
    const found = [];
    for (const one of document.querySelectorAll('*')) {
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

    async def begin(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", self._dismiss)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console", lambda said: self._heard(said.type, said.text, said.location["url"])
        )
        await self.page.add_init_script(VIOLATIONS)

    async def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        await dialog.dismiss()

    def _heard(self, kind: str, text: str, url: str) -> None:
        # Every browser asks for an icon on its own account.
        if kind in {"error", "warning"} and not url.endswith("/favicon.ico"):
            self.complaints.append(text)

    async def violations(self) -> list[str]:
        """What the page's policy stopped: an attempt that got into the document."""
        return list(await self.page.evaluate("window.violations"))

    async def strangers(self) -> list[str]:
        return list(await self.page.evaluate(STRANGE % KNOWN))

    async def marker(self) -> object:
        """What a script that ran would have left."""
        return await self.page.evaluate("window.hit ?? null")

    async def evils(self) -> dict[str, object]:
        """Everything that must not have happened so far; empty when nothing did."""
        found: dict[str, object] = {
            "dialogs": self.dialogs,
            "complaints": self.complaints,
            "violations": await self.violations(),
            "strangers": await self.strangers(),
            "marker": await self.marker(),
        }
        return {name: value for name, value in found.items() if value}
