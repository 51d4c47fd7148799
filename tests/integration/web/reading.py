"""The reading room on a real socket, with fakes behind it."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from litestar.handlers import HTTPRouteHandler

from adapters.transcripts import FORMATS
from application.wording import CHINESE, Wording
from domain.history import HistoryLink
from domain.message import UserKey
from entrypoints.web.history.routes import ReadingRoom, history_routes
from tests.fakes.clock import ManualClock
from tests.fakes.numbered_history import ZHANG, NumberedHistory
from tests.integration.web.service import Address, House, serving
from tests.strategies import NOON

SHANGHAI = ZoneInfo("Asia/Shanghai")
BOSS = UserKey("staff:boss")


@dataclass
class Links:
    """Links by their tokens."""

    good: dict[str, HistoryLink] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)

    def issue(self, person: UserKey = ZHANG) -> str:
        token = secrets.token_urlsafe(32)
        ends = NOON + timedelta(days=1)
        self.good[token] = HistoryLink(person=person, asked_by=BOSS, expires_at=ends)
        return token

    async def open(self, token: str) -> HistoryLink | None:
        self.tried.append(token)
        return self.good.get(token)

    async def revoke(self, token: str) -> None:
        self.good.pop(token, None)


@dataclass(kw_only=True)
class Library:
    """All that stands behind the pages, to be set and looked at by a test."""

    history: NumberedHistory = field(default_factory=NumberedHistory)
    links: Links = field(default_factory=Links)
    clock: ManualClock = field(default_factory=ManualClock)
    wording: Wording = CHINESE
    zone: ZoneInfo = SHANGHAI

    def room(self) -> ReadingRoom:
        return ReadingRoom(
            open_link=self.links.open,
            revoke_link=self.links.revoke,
            history=self.history,
            formats=FORMATS,
            words=lambda: self.wording.pages,
            zone=lambda: self.zone,
            clock=self.clock,
            service_url="https://robot.example",
        )

    @asynccontextmanager
    async def open(self, *more: HTTPRouteHandler) -> AsyncIterator[Address]:
        """Serve the pages, and what else there is."""
        routes = [*history_routes(self.room()), *more]
        async with serving(House(clock=self.clock, more=routes)) as address:
            yield address
