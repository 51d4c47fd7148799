"""Batches: what comes while a statement is under way goes into the next one together."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, Protocol, TypeAlias, TypeVar

from sqlalchemy import Connection

from adapters.sql.engine.failures import RowRejected, translated
from application.errors import StorageFailed

T = TypeVar("T")
Item = TypeVar("Item")
Answer = TypeVar("Answer")

MOST = 256
"""How many items one statement takes at most."""

BROKEN_OFF = "this was not stored: the work was broken off"

Statement: TypeAlias = Callable[[Connection, Sequence[Item]], Sequence[Answer | Exception]]
"""Does a batch at once; an answer for each in order, or the reason why just that one was not done."""


class RunsSingle(Protocol):
    is_shared: bool

    async def run_single(self, work: Callable[[Connection], T]) -> T:
        """See `adapters.sql.database.Database`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting(Generic[Item, Answer]):
    """An item, and who waits for it."""

    item: Item
    kind: Hashable
    keys: frozenset[Hashable]
    answer: asyncio.Future[Answer] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def tell(self, answer: Answer | BaseException) -> None:
        """Who was cancelled waits no longer."""
        if self.answer.done():
            return
        if isinstance(answer, BaseException):
            self.answer.set_exception(answer)
        else:
            self.answer.set_result(answer)


def nothing(_: object) -> frozenset[Hashable]:
    return frozenset()


class Batches(Generic[Item, Answer]):
    """One batch at a time. An item that the database rejects does not turn its neighbours away.

    Who stops waiting does not take the item back: it is done, or fails by itself.
    """

    def __init__(
        self,
        database: RunsSingle,
        statement: Statement[Item, Answer],
        *,
        alike: Callable[[Item], Hashable] = nothing,
        apart: Callable[[Item], frozenset[Hashable]] = nothing,
        capacity: int = 10_000,
    ) -> None:
        """A batch consists of items that are `alike`, of which no two have something of `apart` in common.

        Items that have are done in the order of their coming. `capacity`: how many may wait.
        """
        self._database = database
        self._statement = statement
        self._alike = alike
        self._apart = apart
        self._capacity = capacity
        self._waiting: deque[Waiting[Item, Answer]] = deque()
        self._working: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> Answer:
        """Returns after the commit.

        Raises:
            StorageFailed: it is not stored; or, where the connection was lost at the very end, perhaps.
            Exception: what the statement has answered for this item.
        """
        if len(self._waiting) >= self._capacity:
            raise StorageFailed("too many transactions wait for the database")
        with translated():
            kind, keys = self._alike(item), self._apart(item)
        one: Waiting[Item, Answer] = Waiting(item=item, kind=kind, keys=keys)
        self._waiting.append(one)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await one.answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._do(self._next())
        finally:
            self._working = None
            # Only when the work was broken off is anybody left here.
            while self._waiting:
                self._waiting.popleft().tell(StorageFailed(BROKEN_OFF))

    def _next(self) -> list[Waiting[Item, Answer]]:
        """The first that waits and all that can go with it; the others stay, in their order."""
        kind = self._waiting[0].kind
        batch: list[Waiting[Item, Answer]] = []
        left: list[Waiting[Item, Answer]] = []
        met: set[Hashable] = set()
        while self._waiting and len(batch) < MOST:
            one = self._waiting.popleft()
            fits = one.kind == kind and met.isdisjoint(one.keys)
            (batch if fits else left).append(one)
            met |= one.keys
        self._waiting.extendleft(reversed(left))
        return batch

    async def _do(self, batch: Sequence[Waiting[Item, Answer]]) -> None:
        """Do a batch and tell every caller that still waits."""
        try:
            answers = await self._answers([one.item for one in batch])
        except BaseException:
            for one in batch:
                one.tell(StorageFailed(BROKEN_OFF))
            raise
        for one, answer in zip(batch, answers, strict=True):
            one.tell(answer)

    async def _answers(self, items: Sequence[Item]) -> Sequence[Answer | BaseException]:
        try:
            return await self._database.run_single(partial(self._done, items=items))
        except RowRejected:
            alone = (self._database.run_single(partial(self._done, items=[one])) for one in items)
            results = await asyncio.gather(*alone, return_exceptions=True)
            return [one if isinstance(one, BaseException) else one[0] for one in results]
        except StorageFailed as failure:
            return [_again(failure) for _ in items]

    def _done(
        self, connection: Connection, items: Sequence[Item]
    ) -> Sequence[Answer | BaseException]:
        return self._statement(connection, items)


class Steps(Generic[Item, Answer]):
    """Steps of messages: on a server many with a statement, in a file each as a transaction of its own."""

    def __init__(
        self,
        database: RunsSingle,
        one: Callable[[Connection, Item], Answer],
        many: Statement[Item, Answer],
        *,
        alike: Callable[[Item], Hashable] = nothing,
        apart: Callable[[Item], frozenset[Hashable]] = nothing,
    ) -> None:
        """`alike`, `apart`: see `Batches`."""
        self._database = database
        self._one = one
        self._batches = (
            Batches(database, many, alike=alike, apart=apart) if database.is_shared else None
        )

    async def do(self, item: Item) -> Answer:
        """Returns after the commit. Raises what `one` raises, or StorageFailed."""
        if self._batches is not None:
            return await self._batches.submit(item)
        return await self._database.run_single(partial(self._alone, item=item))

    def _alone(self, connection: Connection, item: Item) -> Answer:
        return self._one(connection, item)


def _again(failure: StorageFailed) -> StorageFailed:
    """An exception for each who waits: raised twice, one would tell a mixed story."""
    another = StorageFailed(str(failure))
    another.__cause__ = failure
    return another
