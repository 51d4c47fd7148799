"""Links to a person's history: given to one administrator, opened for a while, revoked.

A reply is stored before it is sent, and must open nothing to whoever reads the database. So its addresses
hold stand-ins, and the tokens take their places when it is sent.
"""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import TypeAlias

from application.ports import Clock, HistoryLinks
from application.rulebook import CurrentRules, Rulebook
from domain.history import HistoryLink
from domain.message import IncomingMessage, RoomKind, UserKey
from domain.reply import ReplyPart
from domain.sensitive_words import SensitiveWords

TOKEN_BYTES = 32
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""32 random bytes as they stand in an address."""

ADDRESS = re.compile(
    r"https?://[^\s()<>\[\]]+/(?:history|download)/[A-Za-z0-9_-]{43}(?:\?format=(?:md|csv))?"
)

PENDING = "pending "
"""Before the key of the administrator to whom a stand-in is on its way."""

STAND_IN_LIFE = timedelta(days=30)
"""How much longer than its link a stand-in is kept: a reply may wait until its reader writes again."""

MOST_DRAWS = 100
"""Of a token without a sensitive word in it; with more in vain the words are in the address itself."""

DrawToken: TypeAlias = Callable[[], str]
"""A random token, another one each time, which nobody can guess."""


def drawn_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str) -> bytes:
    """What is stored of a token. It is random enough to need no salt and no slow hash."""
    return hashlib.sha256(token.encode("ascii")).digest()


def digest_of_stand_in(stand_in: str) -> bytes:
    """What is stored of a stand-in: never what is looked for when an address is opened."""
    return hashlib.sha256(f"stand-in {stand_in}".encode()).digest()


def drawn_without(words: SensitiveWords, draw_token: DrawToken) -> str:
    """A token that says no sensitive word: masked in the chat, the link would lead nowhere."""
    for _ in range(MOST_DRAWS):
        token = draw_token()
        if not words.found_in(token):
            break
    return token


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
    """Gives an administrator a link to one person's history, which opens nothing until it is sent."""

    links: HistoryLinks
    clock: Clock
    service_url: str
    lifetime: timedelta
    draw_token: DrawToken = drawn_token

    async def __call__(self, person: UserKey, asked_by: UserKey, rules: Rulebook) -> IssuedLink:
        stand_in = drawn_without(rules.sensitive_words, self.draw_token)
        expires_at = self.clock.now() + self.lifetime
        pending = HistoryLink(
            person=person,
            asked_by=UserKey(f"{PENDING}{asked_by}"),
            expires_at=expires_at + STAND_IN_LIFE,
        )
        await self.links.keep(digest_of_stand_in(stand_in), pending)
        service = self.service_url.rstrip("/")
        return IssuedLink(
            page=f"{service}/history/{stand_in}",
            markdown=f"{service}/download/{stand_in}?format=md",
            csv=f"{service}/download/{stand_in}?format=csv",
            expires_at=expires_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteHistoryLinks:
    """Puts tokens in the places of stand-ins, in the part of a reply that is about to be sent.

    Each time it is sent it gets other ones; all of them are good. A stand-in counts in a private reply to the
    administrator whom it was made for, and nowhere else: who reads one in the database gains nothing by
    having it repeated.
    """

    links: HistoryLinks
    rules: CurrentRules
    clock: Clock
    service_url: str
    lifetime: timedelta
    draw_token: DrawToken = drawn_token

    async def __call__(self, part: ReplyPart, message: IncomingMessage) -> ReplyPart:
        """Raises StorageFailed: then nothing may be sent."""
        service = self.service_url.rstrip("/")
        is_private = message.room.kind is RoomKind.PRIVATE and message.authentic
        if not service or service not in part.text or not is_private:
            return part
        text = part.text
        own = re.compile(rf"{re.escape(service)}/(?:history|download)/({TOKEN.pattern})")
        for stand_in in dict.fromkeys(own.findall(text)):
            text = await self._completed(text, stand_in, message.sender.key)
        return replace(part, text=text)

    async def _completed(self, text: str, stand_in: str, reader: UserKey) -> str:
        now, rules = self.clock.now(), self.rules()
        pending = await self.links.find(digest_of_stand_in(stand_in), now=now)
        if pending is None or pending.asked_by != f"{PENDING}{reader}":
            return text
        promised = pending.expires_at - STAND_IN_LIFE
        # A reply that had to wait brings a link that lives as long as any other.
        expires_at = promised if promised - now > self.lifetime / 2 else now + self.lifetime
        token = drawn_without(rules.sensitive_words, self.draw_token)
        link = HistoryLink(person=pending.person, asked_by=reader, expires_at=expires_at)
        await self.links.keep(digest_of(token), link)
        zone = rules.quota.zone
        told, true = local_minute(promised, zone), local_minute(expires_at, zone)
        return text.replace(stand_in, token).replace(told, true)


def local_minute(moment: datetime, zone: tzinfo) -> str:
    """A moment as replies about history tell it."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


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
