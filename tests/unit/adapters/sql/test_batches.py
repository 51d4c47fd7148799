"""Batches over a database that a test can hold and break."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from adapters.sql.engine.batches import MOST, Batches
from adapters.sql.engine.failures import RowRejected
from application.errors import LeaseLost, StorageFailed

pytestmark = pytest.mark.anyio
T = TypeVar("T")


@dataclass(frozen=True)
class Item:
    number: int
    kind: str = ""
    keys: frozenset[str] = frozenset()


@dataclass
class Held:
    """A database whose gate is open or not; it remembers what was done in which batches."""

    is_shared = True
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    done: list[list[Item]] = field(default_factory=list)
    broken: Exception | None = None
    rejected: frozenset[int] = frozenset()

    async def run_single(self, work: Callable[[Connection], T]) -> T:
        await self.gate.wait()
        if self.broken is not None:
            raise self.broken
        return work(cast("Connection", None))

    def statement(self, _: Connection, items: Sequence[Item]) -> list[int | Exception]:
        if self.rejected.intersection(item.number for item in items):
            raise RowRejected("a value that does not fit")
        self.done.append(list(items))
        return [item.number if item.number >= 0 else LeaseLost("lost") for item in items]


def batches_over(held: Held, capacity: int = 1000) -> Batches[Item, int]:
    return Batches(
        held,
        held.statement,
        alike=lambda item: item.kind,
        apart=lambda item: item.keys,
        capacity=capacity,
    )


async def submitted(batches: Batches[Item, int], items: Sequence[Item]) -> list[asyncio.Task[int]]:
    """Each waits; the first may be under way."""
    tasks = [asyncio.create_task(batches.submit(item)) for item in items]
    await asyncio.sleep(0)
    return tasks


async def results_of(tasks: Sequence[asyncio.Task[int]]) -> list[int | BaseException]:
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_comes_while_a_batch_is_under_way_goes_into_the_next_one() -> None:
    held = Held()
    batches = batches_over(held)
    first = await submitted(batches, [Item(0)])
    await asyncio.sleep(0)
    others = await submitted(batches, [Item(1), Item(2), Item(3)])
    held.gate.set()

    assert await results_of([*first, *others]) == [0, 1, 2, 3]
    assert held.done == [[Item(0)], [Item(1), Item(2), Item(3)]]


async def test_a_batch_has_an_end() -> None:
    held = Held()
    held.gate.set()
    items = [Item(number) for number in range(MOST + 1)]

    await results_of(await submitted(batches_over(held), items))

    assert held.done == [items[:MOST], items[MOST:]]


some = st.lists(
    st.tuples(st.sampled_from("xy"), st.frozensets(st.sampled_from("abc"), max_size=2)), max_size=9
)


@given(some)
async def test_batches_are_alike_and_apart_and_keep_the_order_of_what_is_not(
    told: list[tuple[str, frozenset[str]]],
) -> None:
    items = [Item(number, kind, keys) for number, (kind, keys) in enumerate(told)]
    held = Held()
    held.gate.set()

    assert await results_of(await submitted(batches_over(held), items)) == list(range(len(items)))
    for batch in held.done:
        keys = Counter(key for item in batch for key in item.keys)
        assert len({item.kind for item in batch}) == 1
        assert all(number == 1 for number in keys.values())
    done = [item for batch in held.done for item in batch]
    assert sorted(item.number for item in done) == list(range(len(items)))
    for key in "abc":
        theirs = [item.number for item in done if key in item.keys]
        assert theirs == sorted(theirs)


async def test_each_is_told_what_the_statement_has_answered_for_it() -> None:
    held = Held()
    held.gate.set()

    told = await results_of(await submitted(batches_over(held), [Item(1), Item(-1), Item(2)]))

    assert (told[0], type(told[1]), told[2]) == (1, LeaseLost, 2)
    assert len(held.done) == 1


async def test_one_that_is_rejected_does_not_turn_its_neighbours_away() -> None:
    held = Held(rejected=frozenset({2}))
    held.gate.set()

    told = await results_of(await submitted(batches_over(held), [Item(1), Item(2), Item(3)]))

    assert (told[0], type(told[1]), told[2]) == (1, RowRejected, 3)


async def test_a_failure_is_told_to_each_as_one_of_its_own() -> None:
    held = Held(broken=StorageFailed("the server is away"))
    held.gate.set()

    told = await results_of(await submitted(batches_over(held), [Item(1), Item(2)]))

    assert [str(one) for one in told] == ["the server is away"] * 2
    assert told[0] is not told[1]


async def test_one_whose_kind_cannot_be_told_does_not_reach_the_others() -> None:
    def kind(item: Item) -> str:
        return item.kind.encode().decode()

    held = Held()
    held.gate.set()
    batches = Batches(held, held.statement, alike=kind)

    told = await results_of(await submitted(batches, [Item(1), Item(2, "\ud800"), Item(3)]))

    assert (told[0], told[2]) == (1, 3)
    assert isinstance(told[1], StorageFailed)
    assert len(held.done) == 1


async def test_what_breaks_the_work_off_leaves_nobody_waiting() -> None:
    held = Held(broken=ValueError("a mistake of ours"))
    batches = batches_over(held)
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    tasks = await submitted(batches, [Item(1, "x"), Item(2, "y")])
    held.gate.set()

    assert [type(one) for one in await results_of(tasks)] == [StorageFailed] * 2
    held.broken = None
    assert await batches.submit(Item(3)) == 3


async def test_who_stops_waiting_does_not_take_it_back() -> None:
    held = Held()
    batches = batches_over(held)
    tasks = await submitted(batches, [Item(1), Item(2)])
    tasks[0].cancel()
    held.gate.set()

    assert await tasks[1] == 2
    assert held.done == [[Item(1), Item(2)]]


async def test_when_too_many_wait_the_next_is_turned_away() -> None:
    held = Held()
    batches = batches_over(held, capacity=2)
    under_way = await submitted(batches, [Item(1)])
    await asyncio.sleep(0)
    waiting = await submitted(batches, [Item(2), Item(3)])

    with pytest.raises(StorageFailed, match="too many"):
        await batches.submit(Item(4))

    held.gate.set()
    assert await results_of([*under_way, *waiting]) == [1, 2, 3]
