"""The writer thread: one commit for all that waits, and whom a failure reaches."""

import asyncio

import pytest

from adapters.sql.engine.writer import MAX_BATCH, GroupWriter
from application.errors import StorageFailed
from tests.integration.sql.transactions import (
    Transactions,
    break_a_rule,
    disk_is_full,
    lose_the_transaction,
    note,
    stumble,
    together,
)

pytestmark = pytest.mark.anyio


async def test_jobs_that_wait_share_one_commit_and_keep_their_order(
    transactions: Transactions, writer: GroupWriter
) -> None:
    failures = await together(transactions, writer, *map(note, range(1, 51)))

    assert failures == [None] * 50
    assert transactions.commits == 2
    assert transactions.numbers() == list(range(51))


async def test_a_batch_has_a_limit(transactions: Transactions, writer: GroupWriter) -> None:
    await together(transactions, writer, *map(note, range(MAX_BATCH + 1)))

    assert transactions.commits == 3


async def test_nothing_is_told_before_the_commit(
    transactions: Transactions, writer: GroupWriter
) -> None:
    transactions.hold()
    waiting = asyncio.ensure_future(writer.submit(note(1)))
    await transactions.held()

    assert not waiting.done()

    transactions.gate.set()
    await waiting


async def test_a_failing_job_fails_alone(transactions: Transactions, writer: GroupWriter) -> None:
    failures = await together(transactions, writer, note(1), stumble, break_a_rule, note(2))

    assert [type(failure) for failure in failures[::3]] == [type(None)] * 2
    assert isinstance(failures[1], KeyError)
    assert isinstance(failures[2], StorageFailed)
    assert transactions.numbers() == [0, 1, 2]


async def test_a_failing_job_by_itself_leaves_nothing(
    transactions: Transactions, writer: GroupWriter
) -> None:
    with pytest.raises(KeyError):
        await writer.submit(stumble)

    await writer.submit(note(1))
    assert transactions.numbers() == [1]


async def test_a_failed_commit_fails_all_that_shared_it_and_nothing_else(
    transactions: Transactions, writer: GroupWriter
) -> None:
    transactions.broken = disk_is_full()
    failures = await together_broken(transactions, writer)
    transactions.broken = None

    assert all(type(failure) is StorageFailed for failure in failures)
    assert len({id(failure) for failure in failures}) == len(failures)
    await writer.submit(note(7))
    assert transactions.numbers() == [7]


async def test_a_transaction_that_the_engine_undid_fails_everybody_in_it(
    transactions: Transactions, writer: GroupWriter
) -> None:
    failures = await together(transactions, writer, note(1), lose_the_transaction, note(2))

    assert all(isinstance(failure, StorageFailed) for failure in failures)
    assert transactions.numbers() == [0]


async def test_a_failure_tells_nobodys_words(
    transactions: Transactions, writer: GroupWriter
) -> None:
    transactions.broken = disk_is_full()

    with pytest.raises(StorageFailed) as caught:
        await writer.submit(note(1))

    assert "words" not in str(caught.value)
    assert "INSERT" not in str(caught.value)


async def together_broken(
    transactions: Transactions, writer: GroupWriter
) -> list[BaseException | None]:
    transactions.hold()
    jobs = [asyncio.ensure_future(writer.submit(job)) for job in (note(1), stumble, note(2))]
    await transactions.held()
    transactions.gate.set()
    return await asyncio.gather(*jobs, return_exceptions=True)
