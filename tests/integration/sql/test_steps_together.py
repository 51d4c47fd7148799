"""On PostgreSQL, steps that come together are done by one statement, and come to what each would alone."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Connection, text

from adapters.sql.database import Database, open_database
from adapters.sql.engine import postgres
from adapters.sql.spending import SqlSpending
from application.errors import StorageFailed
from application.ports import Claim, Lease
from domain.inbox import State
from domain.message import IncomingMessage
from tests.contracts.storage import ANSWER, DAY, Storage, said
from tests.integration.sql.journeys import Journeys, under_way
from tests.integration.sql.storage import EXCHANGE, FULL, SOON, OnPostgres, storage_over

pytestmark = pytest.mark.anyio

FAILED = replace(FULL, state=State.FAILED)
TOO_MUCH = replace(FULL, exchange=replace(EXCHANGE, prompt_tokens=2**40))
"""More than its column takes."""
AN, BO = said("a", by="an"), said("b", by="bo")


async def leases_of(storage: Storage, *messages: IncomingMessage) -> list[Lease]:
    await storage.accept(*messages)
    return [claim.lease for claim in await storage.claims(capacity=len(messages))]


class TestStepsTogether(OnPostgres):
    @pytest.fixture(autouse=True)
    def without_luck(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Rows come in the order in which they are asked for, as from large tables; nothing begins again."""
        for way in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_bitmapscan"):
            monkeypatch.setitem(postgres.SERVER_SETTINGS, way, "off")
        monkeypatch.setattr(postgres, "TRIES", 1)

    @pytest.fixture
    async def another(self, server_url: str) -> AsyncIterator[Database]:
        """The connections of another process."""
        another = open_database(server_url)
        yield another
        await another.close(deadline=SOON)

    @pytest.mark.parametrize("step", ["charge", "record", "note", "settle"])
    async def test_they_are_one_statement(
        self, storage: Storage, journeys: Journeys, step: str
    ) -> None:
        await storage.accept(AN, BO)
        claims = await storage.claims()
        if step in {"note", "settle"}:
            await asyncio.gather(*(storage.outcomes.record(one.lease, ANSWER) for one in claims))
        journeys.in_transaction.clear()

        await asyncio.gather(*(steps_of(storage)[step](one) for one in claims))

        assert journeys.in_transaction == [False]

    async def test_an_outcome_that_cannot_be_stored_leaves_the_others_in_peace(
        self, storage: Storage
    ) -> None:
        one, other = await leases_of(storage, AN, BO)

        told = await asyncio.gather(
            storage.outcomes.record(one, FULL),
            storage.outcomes.record(other, TOO_MUCH),
            return_exceptions=True,
        )

        assert told[0] is None
        assert isinstance(told[1], StorageFailed)
        await storage.outcomes.settle(one, one.message, delivered=True)
        await storage.outcomes.record(other, ANSWER)

    async def test_what_one_person_gets_back_for_several_is_counted_for_each(
        self, storage: Storage
    ) -> None:
        rooms = [said(f"{room}", by="an", in_group=f"{room}") for room in range(3)]
        leases = await leases_of(storage, *rooms)
        user = AN.sender.key
        for lease in leases:
            await storage.ledger.charge(lease, user, DAY, limit=None)

        await asyncio.gather(*(storage.outcomes.record(one, FAILED) for one in leases[:2]))

        assert await storage.ledger.used(user, DAY) == 1

    async def test_answers_that_go_into_one_sum_are_all_in_it(
        self, storage: Storage, database: Database
    ) -> None:
        leases = await leases_of(storage, AN, BO)

        await asyncio.gather(*(storage.outcomes.record(lease, FULL) for lease in leases))

        (use,) = await SqlSpending(database).spent(DAY, DAY)
        assert (use.questions, use.prompt_tokens) == (2, 2 * EXCHANGE.prompt_tokens)

    @pytest.mark.parametrize("step", ["charge", "refund"])
    async def test_who_counts_for_the_same_people_never_waits_in_a_circle(
        self, storage: Storage, another: Database, server_url: str, step: str
    ) -> None:
        """Two processes get as far as a person in the middle, whom a third one holds for a while."""
        here, there = storage, storage_over(another, storage.clock)
        for who in range(3):
            # Conversations stand in the order of the people here, and against it there.
            for room in (f"before {who}", f"here {who}", f"there {3 - who}"):
                await storage.accept(said(room, by=f"{who}", in_group=room))
        claims = await storage.claims()
        before = claims if step == "refund" else of(claims, "before")
        await asyncio.gather(*map(steps_of(here)["charge"], before))

        async with under_way(server_url, held("usage WHERE user_key = 'staff:1'")):
            work = [
                asyncio.create_task(steps_of(process)[step](claim))
                for process, name in ((here, "here"), (there, "there"))
                for claim in of(claims, name)
            ]
            await asyncio.sleep(LONG_ENOUGH)
        await asyncio.gather(*work)

    async def test_who_locks_the_same_conversations_never_waits_in_a_circle(
        self, storage: Storage, another: Database, server_url: str
    ) -> None:
        await storage.accept(*(said(f"{who}", by=f"{who}") for who in range(3)))
        claims = await storage.claims()
        leases = [claim.lease for claim in claims]
        there = storage_over(another, storage.clock)

        async with under_way(server_url, held("lanes WHERE user_key = 'staff:1'")):
            notes = asyncio.gather(*map(steps_of(storage)["note"], reversed(claims)))
            renewing = asyncio.create_task(there.inbox.renew(leases))
            await asyncio.sleep(LONG_ENOUGH)
        await notes
        assert await renewing == frozenset()


LONG_ENOUGH = 0.3
"""Seconds until both wait: much less than the server lets anybody wait for a row."""


def of(claims: Sequence[Claim], name: str) -> list[Claim]:
    return [claim for claim in claims if claim.message.room.id.startswith(name)]


def held(rows: str) -> Callable[[Connection], object]:
    query = text(f"SELECT * FROM {rows} FOR UPDATE")  # noqa: S608 - our own words
    return lambda connection: connection.execute(query).all()


def steps_of(storage: Storage) -> dict[str, Callable[[Claim], Coroutine[None, None, object]]]:
    ledger, outcomes = storage.ledger, storage.outcomes
    return {
        "charge": lambda one: ledger.charge(one.lease, one.message.sender.key, DAY, limit=None),
        "record": lambda one: outcomes.record(one.lease, FULL),
        "refund": lambda one: outcomes.record(one.lease, FAILED),
        "note": lambda one: outcomes.note_sent(one.lease, one.lease.message, parts=1),
        "settle": lambda one: outcomes.settle(one.lease, one.lease.message, delivered=True),
    }
