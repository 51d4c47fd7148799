"""A history of any length, none of which is kept in memory: records are made by their numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from application.errors import StorageFailed
from domain.history import HistoryPage, Person, Record
from domain.inbox import State
from domain.message import RoomKind, StaffId, UserKey
from tests.strategies import NOON

ZHANG = UserKey("staff:zhang01")

RECORD = Record(
    id=1,
    asked_at=NOON,
    nick="张三",
    room_kind=RoomKind.PRIVATE,
    room_title="",
    state=State.DELIVERED,
    reason="answered",
    question="怎么重启服务？",
    answer="运行 `systemctl restart` 即可。",
    picture="",
    provider="default",
    model="some-model",
    prompt_tokens=120,
    answer_tokens=345,
    first_token_after=timedelta(seconds=0.8),
    took=timedelta(seconds=4.2),
)


def record(number: int = 1, **changes: object) -> Record:
    """The record of that number; each is a quarter of an hour after the one before."""
    asked_at = NOON + timedelta(minutes=15 * (number - 1))
    made = replace(RECORD, id=number, asked_at=asked_at, question=f"问题 {number}")
    return replace(made, **changes)  # type: ignore[arg-type] # each test names real fields


@dataclass
class NumberedHistory:
    """One person's records by their numbers, made when they are asked for."""

    count: int = 3
    make: Callable[[int], Record] = record
    key: UserKey = ZHANG
    nick: str = "张三"
    fails: bool = False
    fails_after: int | None = None
    most_at_once: int = 0

    async def people_called(self, name: str, *, limit: int) -> tuple[Person, ...]:
        raise NotImplementedError

    async def person(self, key: UserKey) -> Person | None:
        self._try()
        if key != self.key or not self.count:
            return None
        return Person(
            key=key,
            nick=self.nick,
            staff_id=StaffId(key.removeprefix("staff:")) if key.startswith("staff:") else None,
            questions=self.count,
            first_asked=self.make(1).asked_at,
            last_asked=self.make(self.count).asked_at,
        )

    async def page(self, person: UserKey, *, matching: str, number: int, size: int) -> HistoryPage:
        self._try()
        if person != self.key:
            return HistoryPage(records=(), total=0)
        numbers: Sequence[int] = range(self.count, 0, -1)
        if matching:
            numbers = [one for one in numbers if _holds(self.make(one), matching)]
        shown = numbers[(number - 1) * size : number * size]
        return HistoryPage(records=self._made(shown), total=len(numbers))

    async def following(
        self, person: UserKey, *, after: Record | None, limit: int
    ) -> tuple[Record, ...]:
        self._try()
        assert person == self.key
        first = after.id + 1 if after else 1
        if self.fails_after is not None and first > self.fails_after:
            raise StorageFailed("the disk is away")
        return self._made(range(first, min(first + limit, self.count + 1)))

    def _made(self, numbers: Sequence[int]) -> tuple[Record, ...]:
        self.most_at_once = max(self.most_at_once, len(numbers))
        return tuple(self.make(number) for number in numbers)

    def _try(self) -> None:
        if self.fails:
            raise StorageFailed("the disk is away")


def _holds(one: Record, text: str) -> bool:
    return text.lower() in f"{one.question}\n{one.answer}".lower()
