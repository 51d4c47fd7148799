"""Access tokens: the same one for an app as long as it lives, and longer when it is asked for again.

Source: DingTalk, "obtain-the-access-token-of-an-internal-app".
"""

from collections.abc import Callable
from enum import StrEnum, auto
from uuid import uuid4

import msgspec

from dingtalk_simulator.world.shelf import Shelf

MOST_TOKENS = 1000


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
