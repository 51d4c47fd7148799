"""Bounded stores that expire: sessions, access tokens, and what rate limits count."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from enum import StrEnum, auto
from typing import Generic, TypeVar
from uuid import uuid4

import msgspec

SECOND = 1000
MINUTE = 60 * SECOND

MOST_TOKENS = 1000
MOST_RATE_KEYS = 2000

Key = TypeVar("Key")
Thing = TypeVar("Thing")


class Shelf(Generic[Key, Thing]):
    """Things by their keys, in the order in which they came; at most `most` of them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._things: OrderedDict[Key, Thing] = OrderedDict()

    def put(self, key: Key, thing: Thing) -> Thing:
        self._things[key] = thing
        while len(self._things) > self.most:
            self._things.popitem(last=False)
        return thing

    def get(self, key: Key) -> Thing | None:
        return self._things.get(key)

    def take(self, key: Key) -> Thing | None:
        """Remove and return it, if it is here."""
        return self._things.pop(key, None)

    def newest_first(self) -> Iterator[Thing]:
        return reversed(self._things.values())

    def keys(self) -> Iterator[Key]:
        return iter(self._things)

    def __iter__(self) -> Iterator[Thing]:
        return iter(self._things.values())

    def __len__(self) -> int:
        return len(self._things)

    def __contains__(self, key: object) -> bool:
        return key in self._things


class Session(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    room: str
    message: str | None
    expires_at: int


class Sessions:
    """The newest sessions; older ones are unknown, as those of yesterday are to DingTalk."""

    def __init__(self, now: Callable[[], int], most: int) -> None:
        self._now = now
        self._sessions: Shelf[str, Session] = Shelf(most)

    def open(
        self, room: str, *, message: str | None, life_ms: int, session: str | None = None
    ) -> Session:
        """A new session, with an id of the caller's choice if it has one."""
        opened = Session(
            id=session or uuid4().hex,
            room=room,
            message=message,
            expires_at=self._now() + life_ms,
        )
        return self._sessions.put(opened.id, opened)

    def find(self, session: str) -> Session | None:
        """The session if it is still open."""
        found = self._sessions.get(session)
        return found if found is not None and self._now() < found.expires_at else None

    @property
    def alive(self) -> int:
        return sum(self._now() < one.expires_at for one in self._sessions)

    def expire(self, session: str | None) -> int:
        """End that session, or all of them; returns how many."""
        ended = [
            one
            for one in self._sessions
            if session in {None, one.id} and self._now() < one.expires_at
        ]
        for one in ended:
            self._sessions.put(one.id, msgspec.structs.replace(one, expires_at=self._now()))
        return len(ended)


class TokenSource(StrEnum):
    """Where it was issued: by the new API, or by the old one's `gettoken`."""

    NEW = auto()
    OLD = auto()


class AccessToken(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    client_id: str
    source: TokenSource
    expires_at: int


class AccessTokens:
    """All tokens that were issued, also those that have ended."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._issued: Shelf[str, AccessToken] = Shelf(MOST_TOKENS)
        self._current: Shelf[tuple[str, TokenSource], str] = Shelf(MOST_TOKENS)

    def issue(self, client_id: str, source: TokenSource, *, life_ms: int) -> AccessToken:
        """The app's token, which lives from now on for so long."""
        current = self._issued.get(self._current.get((client_id, source)) or "")
        is_alive = current is not None and self._now() < current.expires_at
        text = current.text if current is not None and is_alive else uuid4().hex
        token = AccessToken(
            text=text, client_id=client_id, source=source, expires_at=self._now() + life_ms
        )
        self._current.put((client_id, source), text)
        return self._issued.put(text, token)

    def find(self, text: str) -> AccessToken | None:
        """The token, alive or not; None if it was never issued."""
        return self._issued.get(text)

    def is_alive(self, token: AccessToken) -> bool:
        return self._now() < token.expires_at

    @property
    def alive(self) -> int:
        return sum(map(self.is_alive, self._issued))

    def expire(self, text: str | None) -> int:
        """End that token, or all of them; returns how many."""
        ended = [
            token for token in self._issued if text in {None, token.text} and self.is_alive(token)
        ]
        for token in ended:
            self._issued.put(token.text, msgspec.structs.replace(token, expires_at=self._now()))
        return len(ended)


class RateLimits:
    """Recent requests by key, keys that are blocked for a while, and the `msgUuid`s that were sent."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._recent: Shelf[str, list[int]] = Shelf(MOST_RATE_KEYS)
        self._blocked: Shelf[str, int] = Shelf(MOST_RATE_KEYS)
        self.sent_uuids: Shelf[tuple[str, str], str] = Shelf(MOST_RATE_KEYS)

    def exceeds(self, key: str, *, limit: int, window_ms: int) -> bool:
        """Whether one more request exceeds the limit; if not, it is counted. Zero is no limit."""
        if not limit:
            return False
        now = self._now()
        recent = [at for at in self._recent.get(key) or [] if now - at < window_ms]
        is_exceeded = len(recent) >= limit
        self._recent.put(key, recent if is_exceeded else [*recent, now])
        return is_exceeded

    def is_blocked(self, key: str) -> bool:
        return self._now() < (self._blocked.get(key) or 0)

    def block(self, key: str, *, seconds: float) -> None:
        self._blocked.put(key, self._now() + round(seconds * SECOND))
