"""An exchange to make old ones of, and a shelf whose pictures have dates."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Never

from application.errors import StorageFailed
from domain.legacy import LegacyExchange
from domain.message import RoomKind
from domain.picture import Picture
from tests.strategies import NOON

EXCHANGE = LegacyExchange(
    identity="",
    asked_at=NOON,
    nick="张三",
    room_kind=RoomKind.PRIVATE,
    room_title="",
    question="问",
    answer="答",
)


@dataclass
class DatedShelf:
    """Names with the moments at which they were put. It can break after some discards."""

    put_at: dict[str, datetime] = field(default_factory=dict)
    breaks_after: int = 10**6

    async def put(self, picture: Picture) -> Never:
        raise NotImplementedError

    async def get(self, name: str) -> Never:
        raise NotImplementedError

    async def discard(self, name: str) -> None:
        if not self.breaks_after:
            raise StorageFailed("the shelf is away")
        self.breaks_after -= 1
        self.put_at.pop(name, None)

    async def put_before(self, moment: datetime) -> AsyncIterator[str]:
        for name in [name for name, at in self.put_at.items() if at < moment]:
            yield name
