"""Bounded stores that expire: sessions, access tokens, and what rate limits count."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from enum import StrEnum, auto
from typing import Generic, TypeVar
from uuid import uuid4

import msgspec

SECOND = 1000
MINUTE = 60 * SECOND

MAX_TOKENS = 1000
MAX_RATE_KEYS = 2000

Key = TypeVar("Key")
Value = TypeVar("Value")


class BoundedDict(Generic[Key, Value]):
    """A dictionary in insertion order that drops its oldest items above a limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._items: OrderedDict[Key, Value] = OrderedDict()

    def put(self, key: Key, value: Value) -> Value:
        self._items[key] = value
        while len(self._items) > self.limit:
            self._items.popitem(last=False)
        return value

    def get(self, key: Key) -> Value | None:
        return self._items.get(key)

    def pop(self, key: Key) -> Value | None:
        """Remove and return an item, if it exists."""
        return self._items.pop(key, None)

    def newest_first(self) -> Iterator[Value]:
        return reversed(self._items.values())

    def keys(self) -> Iterator[Key]:
        return iter(self._items)

    def __iter__(self) -> Iterator[Value]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items


class Session(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    room: str
    message: str | None
    expires_at: int


class Sessions:
    """The newest sessions; older ones are dropped."""

    def __init__(self, now: Callable[[], int], limit: int) -> None:
        self._now = now
        self._sessions: BoundedDict[str, Session] = BoundedDict(limit)

    def open(
        self, chat: str, *, message: str | None, life_ms: int, session: str | None = None
    ) -> Session:
        """Open a session, with the given id if there is one."""
        opened = Session(
            id=session or uuid4().hex,
            room=chat,
            message=message,
            expires_at=self._now() + life_ms,
        )
        return self._sessions.put(opened.id, opened)

    def find(self, session: str) -> Session | None:
        """The session, unless it has expired."""
        found = self._sessions.get(session)
        return found if found is not None and self._now() < found.expires_at else None

    @property
    def alive(self) -> int:
        return sum(self._now() < one.expires_at for one in self._sessions)

    def expire(self, session: str | None) -> int:
        """Expire one session, or all; returns their number."""
        ended = [
            one
            for one in self._sessions
            if session in {None, one.id} and self._now() < one.expires_at
        ]
        for one in ended:
            self._sessions.put(one.id, msgspec.structs.replace(one, expires_at=self._now()))
        return len(ended)


class TokenSource(StrEnum):
    """The API that issued a token: the new one, or `gettoken` of the old one."""

    NEW = auto()
    OLD = auto()


class AccessToken(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    client_id: str
    source: TokenSource
    expires_at: int


class AccessTokens:
    """The issued tokens, including expired ones."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._issued: BoundedDict[str, AccessToken] = BoundedDict(MAX_TOKENS)
        self._current: BoundedDict[tuple[str, TokenSource], str] = BoundedDict(MAX_TOKENS)

    def issue(self, client_id: str, source: TokenSource, *, life_ms: int) -> AccessToken:
        """The token of the app, with its life extended from now."""
        current = self._issued.get(self._current.get((client_id, source)) or "")
        is_alive = current is not None and self._now() < current.expires_at
        text = current.text if current is not None and is_alive else uuid4().hex
        token = AccessToken(
            text=text, client_id=client_id, source=source, expires_at=self._now() + life_ms
        )
        self._current.put((client_id, source), text)
        return self._issued.put(text, token)

    def find(self, text: str) -> AccessToken | None:
        """The token, expired or not; None if it was never issued."""
        return self._issued.get(text)

    def is_alive(self, token: AccessToken) -> bool:
        return self._now() < token.expires_at

    @property
    def alive(self) -> int:
        return sum(map(self.is_alive, self._issued))

    def expire(self, text: str | None) -> int:
        """Expire one token, or all; returns their number."""
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
        self._recent: BoundedDict[str, list[int]] = BoundedDict(MAX_RATE_KEYS)
        self._blocked: BoundedDict[str, int] = BoundedDict(MAX_RATE_KEYS)
        self.sent_uuids: BoundedDict[tuple[str, str], str] = BoundedDict(MAX_RATE_KEYS)

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
