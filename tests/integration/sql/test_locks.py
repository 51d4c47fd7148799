"""Two processes in the middle of a transaction each: neither waits for the other, nor takes its work."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, func, select

from adapters.sql.database import Database
from adapters.sql.ledger import charge_several
from adapters.sql.statements.at_once.charges import Charging
from adapters.sql.statements.at_once.decisions import Decision, record_at_once
from adapters.sql.statements.at_once.deliveries import Sending, note_sent_at_once
from adapters.sql.statements.claims import claim
from adapters.sql.statements.moments import millis
from adapters.sql.statements.rows import SHARES
from adapters.sql.tables import spending
from domain.inbox import LEASE
from tests.contracts.storage import DAY, Storage, ids_of, said
from tests.integration.sql.journeys import under_way
from tests.integration.sql.storage import FULL, OnPostgres, storage_over

pytestmark = pytest.mark.anyio

WITHOUT_WAITING = timedelta(seconds=1)
"""Less than anybody waits for a lock before the server breaks it off."""


class TestLocks(OnPostgres):
    async def test_who_claims_passes_over_what_another_is_just_claiming(
        self, storage: Storage, server_url: str
    ) -> None:
        await storage.accept(said("a", by="an"), said("b", by="bo"))
        first = partial(claim, now=millis(storage.clock.now()), capacity=1, per_user=1)

        async with (
            under_way(server_url, first),
            asyncio.timeout(WITHOUT_WAITING.total_seconds()),
        ):
            claims = await storage.claims()

        assert ids_of(claims) == ["b"]

    @pytest.mark.parametrize("step", ["charge", "note"])
    async def test_a_lease_that_is_over_is_not_taken_from_who_is_just_writing_under_it(
        self, storage: Storage, server_url: str, step: str
    ) -> None:
        lease = (await storage.claim_of(said("a"))).lease
        user, day = said("a").sender.key, DAY.isoformat()
        charging = Charging(lease=lease, user=user, day=day, limit=1)
        sending = Sending(lease=lease, message=lease.message, parts=1)
        steps: dict[str, Callable[[Connection], object]] = {
            "charge": partial(charge_several, chargings=[charging]),
            "note": partial(note_sent_at_once, sendings=[sending]),
        }
        storage.clock.pass_by(LEASE + timedelta(seconds=1))

        async with under_way(server_url, steps[step]):
            assert await storage.claims() == ()

        assert ids_of(await storage.claims()) == ["a"]

    async def test_the_answers_of_two_processes_do_not_wait_for_one_another(
        self, storage: Storage, server_url: str
    ) -> None:
        await storage.accept(said("a", by="an"), said("b", by="bo"))
        one, other = (claim.lease for claim in await storage.claims())
        # No process draws that share.
        decision = Decision(lease=one, outcome=FULL, share=SHARES, now=millis(storage.clock.now()))
        first = partial(record_at_once, decisions=[decision])

        async with (
            under_way(server_url, first),
            asyncio.timeout(WITHOUT_WAITING.total_seconds()),
        ):
            await storage.outcomes.record(other, FULL)

    async def test_each_process_has_sums_of_its_own(
        self, storage: Storage, database: Database
    ) -> None:
        processes = [storage_over(database, storage.clock) for _ in range(8)]
        for number, process in enumerate(processes):
            claim = await storage.claim_of(said(f"{number}", by=f"{number}"))
            await process.outcomes.record(claim.lease, FULL)

        query = select(func.count(), func.sum(spending.c.questions))
        rows, questions = await database.read(lambda one: one.execute(query).one())

        # All the same once in 256 ** 7.
        assert rows > 1
        assert questions == len(processes)
