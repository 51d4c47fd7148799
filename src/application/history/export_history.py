"""Give a person's whole history out, a little of it in memory at a time."""

from collections.abc import AsyncGenerator

from application.ports import History
from domain.history import Record
from domain.message import UserKey

AT_ONCE = 100
"""Records in memory. One may hold a long answer."""


async def records_of(history: History, person: UserKey) -> AsyncGenerator[Record]:
    """Every record of the person in the order in which they were asked."""
    last: Record | None = None
    while records := await history.following(person, after=last, limit=AT_ONCE):
        for record in records:
            yield record
        last = records[-1]
