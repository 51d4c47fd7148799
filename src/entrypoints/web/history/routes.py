"""The routes behind a link: read, download, revoke. Whoever has the link may do all three."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias
from zoneinfo import ZoneInfo

from litestar import Request, post, route
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from litestar.types import Method

from application.errors import StorageFailed
from application.ports import Clock, History
from application.rate_limited_logger import RateLimitedLogger
from application.wording.pages import PageWording
from domain.history import HistoryLink, HistoryPage
from entrypoints.web.history.download import Download, Formats
from entrypoints.web.history.templates import HERE, PRIVATE, Templates
from entrypoints.web.history.view import SIZE, Kept, Sought, View, pages_of
from entrypoints.web.transfers import Transfers

logger = logging.getLogger(__name__)

OFFERED: Mapping[str, str] = {"Markdown": "md", "CSV": "csv"}
LONGEST_SEARCH = 200
PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
LOOKING: Sequence[Method] = ("GET", "HEAD")
ICON = (HERE / "icon.svg").read_bytes()
OF_ICON = {
    "cache-control": "public, max-age=86400",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
}

AT_A_TIME = 2
"""Pages that are laid out at the same moment; it is work for the processor, of which others need some."""

Asked: TypeAlias = Request[None, None, State]
OpenLink: TypeAlias = Callable[[str], Awaitable[HistoryLink | None]]
RevokeLink: TypeAlias = Callable[[str], Awaitable[object]]
Serve: TypeAlias = Callable[[Asked, HistoryLink], Awaitable[ASGIResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRoom:
    """Everything that reading needs. `open_link` tells whether a token is good, and for whose history."""

    open_link: OpenLink
    revoke_link: RevokeLink
    history: History
    formats: Formats
    words: Callable[[], PageWording]
    zone: Callable[[], ZoneInfo]
    clock: Clock
    service_url: str
    templates: Templates = field(default_factory=Templates)
    logger: RateLimitedLogger = field(default_factory=partial(RateLimitedLogger, logger))
    transfers: Transfers = field(default_factory=Transfers)
    desks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_A_TIME))

    async def serve(self, asked: Asked, serve: Serve) -> ASGIResponse:
        """What `serve` makes of a good token. All that are not good hear the same."""
        try:
            link = await self.open_link(_token_of(asked))
            if link is None:
                reason = "the link is none of ours, has ended or was revoked"
                self.logger.warning("history_link_refused", reason=reason)
                return self.dead()
            return await serve(asked, link)
        except StorageFailed:
            self.logger.error("history_not_read")  # noqa: TRY400 - the cause is logged where it happened
            return self._notice(self.words().away_title, self.words().away, status=503)

    async def conversation(self, asked: Asked, link: HistoryLink) -> ASGIResponse:
        kept = await self._kept(link, _sought(asked))
        logger.info("history_shown", extra={"page": kept.sought.number})
        async with self.desks:
            return await asyncio.to_thread(self._page, kept, _token_of(asked))

    async def _kept(self, link: HistoryLink, sought: Sought) -> Kept:
        """The page asked for, or the last one if there are not so many."""
        person = await self.history.person(link.person)
        page = await self._found(link, sought)
        count = pages_of(page.total)
        if sought.number > count:
            sought = replace(sought, number=count)
            page = await self._found(link, sought)
        return Kept(link=link, person=person, sought=sought, page=page)

    async def _found(self, link: HistoryLink, sought: Sought) -> HistoryPage:
        return await self.history.page(
            link.person, matching=sought.text, number=sought.number, size=SIZE
        )

    def _page(self, kept: Kept, token: str) -> ASGIResponse:
        view = View(words=self.words(), zone=self.zone(), now=self.clock.now())
        more = {"downloads": OFFERED.items(), "longest_search": LONGEST_SEARCH}
        return self.templates.page("conversation", view.values(kept, token) | more)

    async def download(self, asked: Asked, link: HistoryLink) -> ASGIResponse:
        wanted = asked.query_params.get("format", "md")
        person = await self.history.person(link.person)
        words = self.words()
        if wanted not in OFFERED.values():
            offered = ", ".join(OFFERED.values())
            return self._notice(words.no_format, words.formats.format(formats=offered), status=404)
        if person is None:
            return self._notice(words.nothing_kept, "", status=404)
        logger.info("history_downloaded", extra={"format": wanted})
        zone = self.zone()
        download = Download(
            history=self.history,
            person=person,
            format=self.formats[wanted],
            zone=zone,
            pictures=f"{self.service_url}/images" if self.service_url else "",
        )
        today = self.clock.now().astimezone(zone).date()
        return download.response(today, head_only=asked.method == "HEAD")

    async def revoke(self, asked: Asked, _link: HistoryLink) -> ASGIResponse:
        await self.revoke_link(_token_of(asked))
        logger.info("history_link_revoked")
        # The address is relative, as the service may live below a path of another one; and without the token.
        return ASGIResponse(status_code=303, headers={**PRIVATE, "location": "../revoked"})

    def revoked(self) -> ASGIResponse:
        words = self.words()
        return self._notice(words.revoked_title, words.revoked)

    def dead(self) -> ASGIResponse:
        """What a link that opens nothing shows, whyever it does not: what to do about it."""
        words = self.words()
        return self._notice(words.dead_title, words.dead, status=404, command=words.new_link)

    def _notice(
        self, title: str, text: str, *, status: int = 200, command: str = ""
    ) -> ASGIResponse:
        values = {"words": self.words(), "title": title, "text": text, "command": command}
        return self.templates.page("notice", values, status=status)


def history_routes(room: ReadingRoom) -> list[HTTPRouteHandler]:
    """`/history/{token}`, `/history/{token}/revoke`, `/history/revoked`, `/download/{token}` and the icon."""

    @route("/history/{token:str}", http_method=LOOKING, status_code=200, include_in_schema=False)
    async def show(request: Asked) -> ASGIResponse:
        return await room.serve(request, room.conversation)

    @route("/download/{token:str}", http_method=LOOKING, status_code=200, include_in_schema=False)
    async def download(request: Asked) -> ASGIResponse:
        return room.transfers.response(partial(room.serve, request, room.download))

    @post("/history/{token:str}/revoke", status_code=303, include_in_schema=False)
    async def revoke(request: Asked) -> ASGIResponse:
        return await room.serve(request, room.revoke)

    @route("/history/revoked", http_method=LOOKING, status_code=200, include_in_schema=False)
    async def revoked() -> ASGIResponse:
        return room.revoked()

    @route("/history/icon.svg", http_method=LOOKING, status_code=200, include_in_schema=False)
    async def icon() -> ASGIResponse:
        return ASGIResponse(body=ICON, media_type="image/svg+xml", headers=OF_ICON)

    return [show, download, revoke, revoked, icon]


def _token_of(asked: Asked) -> str:
    return str(asked.path_params["token"])


def _sought(asked: Asked) -> Sought:
    """Which page is asked for; what is no number of a page asks for the first."""
    typed = asked.query_params.get("page", "")
    text = asked.query_params.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    number = int(typed) if PAGE_NUMBER.fullmatch(typed) else 1
    return Sought(text=text, number=number)
