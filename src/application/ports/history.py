"""History: what was asked and answered, for those who may read it."""

from datetime import datetime
from typing import Protocol

from domain.history import HistoryLink, HistoryPage, Person, Record
from domain.message import UserKey


class History(Protocol):
    async def people_called(self, name: str, *, limit: int) -> tuple[Person, ...]:
        """Everybody with exactly this nickname (now or once) or staff id who has asked something.

        Those who asked last come first. No character of the name has a meaning of its own.
        """
        ...

    async def person(self, key: UserKey) -> Person | None:
        """That person, or None if nothing of theirs is kept."""
        ...

    async def page(self, person: UserKey, *, matching: str, number: int, size: int) -> HistoryPage:
        """One page of a person's records, the newest first; page 1 is the newest.

        `matching`: only those whose question or answer holds this text, letter case aside; empty: all.
        A page that is not there is empty, and tells the total all the same. Without `matching` a hundred
        thousand records cost hardly more than a hundred: only those of the page are read.
        """
        ...

    async def following(
        self, person: UserKey, *, after: Record | None, limit: int
    ) -> tuple[Record, ...]:
        """Up to `limit` records in the order in which they were asked, after that one or from the first."""
        ...


class HistoryLinks(Protocol):
    """Links by a digest of their token: what is stored opens nothing."""

    async def keep(self, digest: bytes, link: HistoryLink) -> None:
        """From now on the link can be found by the digest (32 bytes)."""
        ...

    async def find(self, digest: bytes, *, now: datetime) -> HistoryLink | None:
        """The link, unless it was revoked or `now` is its end or later, to the millisecond."""
        ...

    async def revoke(self, digest: bytes) -> None:
        """The link opens nothing any more; one that is not there is no error."""
        ...

    async def revoke_all_of(self, asked_by: UserKey, *, now: datetime) -> int:
        """Revoke every link that this administrator asked for; returns how many had not ended yet."""
        ...
