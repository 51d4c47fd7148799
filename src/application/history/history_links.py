"""Links to a person's history: given to one administrator, opened for a while, revoked."""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from application.ports import Clock, HistoryLinks
from application.rulebook import CurrentRules, Rulebook
from domain.history import HistoryLink
from domain.message import UserKey

TOKEN_BYTES = 32
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""32 random bytes as they stand in an address."""

ADDRESS = re.compile(
    r"https?://[^\s()<>\[\]]+/(?:history|download)/[A-Za-z0-9_-]{43}(?:\?format=(?:md|csv))?"
)

MOST_DRAWS = 100
"""Of a token without a sensitive word in it; with more in vain the words are in the address itself."""

DrawToken: TypeAlias = Callable[[], str]
"""A random token, another one each time, which nobody can guess."""


def drawn_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str) -> bytes:
    """What is stored of a token. It is random enough to need no salt and no slow hash."""
    return hashlib.sha256(token.encode("ascii")).digest()


def addresses_in(text: str) -> tuple[str, ...]:
    """The addresses of issued links in an answer to an administrator; each once."""
    return tuple(dict.fromkeys(ADDRESS.findall(text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedLink:
    """Where one person's history is found until then. The addresses do not tell whose it is."""

    page: str
    markdown: str
    csv: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueHistoryLink:
    """Gives an administrator a link to one person's history. Only a digest of its token is kept."""

    links: HistoryLinks
    clock: Clock
    service_url: str
    lifetime: timedelta
    draw_token: DrawToken = drawn_token

    async def __call__(self, person: UserKey, asked_by: UserKey, rules: Rulebook) -> IssuedLink:
        token = self._token(rules)
        expires_at = self.clock.now() + self.lifetime
        link = HistoryLink(person=person, asked_by=asked_by, expires_at=expires_at)
        await self.links.keep(digest_of(token), link)
        service = self.service_url.rstrip("/")
        return IssuedLink(
            page=f"{service}/history/{token}",
            markdown=f"{service}/download/{token}?format=md",
            csv=f"{service}/download/{token}?format=csv",
            expires_at=expires_at,
        )

    def _token(self, rules: Rulebook) -> str:
        """A token that says no sensitive word: masked in the chat, the link would lead nowhere."""
        for _ in range(MOST_DRAWS):
            token = self.draw_token()
            if not rules.sensitive_words.found_in(token):
                break
        return token


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHistoryLink:
    """Tells what a token opens at this moment. Whatever it does not open looks the same."""

    links: HistoryLinks
    rules: CurrentRules
    clock: Clock

    async def __call__(self, token: str) -> HistoryLink | None:
        """The link, while it lives and who asked for it is administrator still."""
        if TOKEN.fullmatch(token) is None:
            return None
        link = await self.links.find(digest_of(token), now=self.clock.now())
        if link is None or not self.rules().access.is_still_admin(link.asked_by):
            return None
        return link

    async def revoke(self, token: str) -> None:
        """The token opens nothing any more; one that never did is no error."""
        if TOKEN.fullmatch(token) is not None:
            await self.links.revoke(digest_of(token))
