"""Sessions: the addresses by which a robot may answer in a room, for a while."""

from collections.abc import Callable
from uuid import uuid4

import msgspec

from dingtalk_simulator.world.shelf import Shelf


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
