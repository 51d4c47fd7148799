"""The writer thread's end, sudden or in order, and what becomes of those who wait."""

import asyncio
from datetime import timedelta

import pytest

from adapters.sql.engine.writer import GroupWriter
from application.errors import StorageFailed
from tests.integration.sql.transactions import SOON, Transactions, die, note, together

AT_ONCE = timedelta(milliseconds=50)

pytestmark = pytest.mark.anyio


async def test_a_dead_writer_fails_who_waits_and_who_comes_later(
    transactions: Transactions, writer: GroupWriter
) -> None:
    failures = await together(transactions, writer, note(1), die, note(2))

    assert all(isinstance(failure, StorageFailed) for failure in failures)
    with pytest.raises(StorageFailed):
        await writer.submit(note(3))
    assert transactions.numbers() == [0]


async def test_a_full_queue_turns_away_at_once(transactions: Transactions) -> None:
    writer = GroupWriter(transactions.begin, capacity=2)
    transactions.hold()
    begun = asyncio.ensure_future(writer.submit(note(0)))
    await transactions.held()
    waiting = [asyncio.ensure_future(writer.submit(note(number))) for number in (1, 2)]
    await asyncio.sleep(0)

    with pytest.raises(StorageFailed):
        await asyncio.wait_for(writer.submit(note(3)), 1)

    transactions.gate.set()
    await asyncio.gather(begun, *waiting)
    await writer.close(deadline=SOON)
    assert transactions.numbers() == [0, 1, 2]


async def test_closing_finishes_what_waits(transactions: Transactions, writer: GroupWriter) -> None:
    transactions.hold()
    jobs = [asyncio.ensure_future(writer.submit(note(number))) for number in range(3)]
    await transactions.held()

    closing = asyncio.ensure_future(writer.close(deadline=SOON))
    await asyncio.sleep(0)
    with pytest.raises(StorageFailed):
        await writer.submit(note(9))
    transactions.gate.set()

    await closing
    await asyncio.gather(*jobs)
    assert transactions.numbers() == [0, 1, 2]


async def test_closing_gives_up_at_its_deadline_and_leaves_nobody_waiting(
    transactions: Transactions, writer: GroupWriter
) -> None:
    transactions.hold()
    jobs = [asyncio.ensure_future(writer.submit(note(number))) for number in range(3)]
    await transactions.held()

    await writer.close(deadline=AT_ONCE)

    async with asyncio.timeout(1):
        failures = await asyncio.gather(*jobs, return_exceptions=True)
    assert all(isinstance(failure, StorageFailed) for failure in failures)


async def test_closing_twice_is_no_error(writer: GroupWriter) -> None:
    await writer.close(deadline=SOON)
    await writer.close(deadline=SOON)


async def test_a_caller_that_goes_away_disturbs_nobody(
    transactions: Transactions, writer: GroupWriter
) -> None:
    transactions.hold()
    gone, staying = (asyncio.ensure_future(writer.submit(note(number))) for number in (1, 2))
    await transactions.held()

    gone.cancel()
    transactions.gate.set()

    await staying
    assert transactions.numbers() == [1, 2]


def test_an_event_loop_that_is_gone_does_not_kill_the_writer(transactions: Transactions) -> None:
    async def leave() -> GroupWriter:
        writer = GroupWriter(transactions.begin, capacity=10)
        transactions.hold()
        task = asyncio.ensure_future(writer.submit(note(1)))
        await transactions.held()
        task.cancel()
        return writer

    async def come_back(writer: GroupWriter) -> None:
        await writer.submit(note(2))
        await writer.close(deadline=SOON)

    writer = asyncio.run(leave())
    transactions.gate.set()
    asyncio.run(come_back(writer))

    assert transactions.numbers() == [1, 2]
