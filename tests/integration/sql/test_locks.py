"""Two processes in the middle of a transaction each: neither waits for the other, nor takes its work."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Connection

from adapters.sql.engine.postgres import postgres_engine, transaction
from adapters.sql.ledger import charge
from adapters.sql.outcomes import note_sent, record
from adapters.sql.statements.claims import claim
from adapters.sql.statements.moments import millis
from adapters.sql.statements.rows import share_of
from domain.inbox import LEASE
from tests.contracts.storage import DAY, Storage, ids_of, said
from tests.integration.sql.storage import FULL, SOON, OnPostgres

pytestmark = pytest.mark.anyio

WITHOUT_WAITING = timedelta(seconds=1)
"""Less than anybody waits for a lock before the server breaks it off."""


@asynccontextmanager
async def under_way(url: str, work: Callable[[Connection], object]) -> AsyncGenerator[None]:
    """While another process has done this and not committed it yet."""
    engine = postgres_engine(url)
    try:
        async with transaction(engine, limit=SOON) as connection:
            await connection.run_sync(work)
            yield
    finally:
        await engine.dispose()


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
        steps: dict[str, Callable[[Connection], object]] = {
            "charge": partial(
                charge, lease=lease, user=said("a").sender.key, day=DAY.isoformat(), limit=1
            ),
            "note": partial(note_sent, lease=lease, message=lease.message, parts=1),
        }
        storage.clock.pass_by(LEASE + timedelta(seconds=1))

        async with under_way(server_url, steps[step]):
            assert await storage.claims() == ()

        assert ids_of(await storage.claims()) == ["a"]

    async def test_answers_in_different_conversations_do_not_wait_for_one_another(
        self, storage: Storage, server_url: str
    ) -> None:
        await storage.accept(said("a", by="an"), said("b", by="bo"))
        one, other = (claim.lease for claim in await storage.claims())
        assert share_of(one.conversation) != share_of(other.conversation)
        first = partial(record, lease=one, outcome=FULL, now=millis(storage.clock.now()))

        async with (
            under_way(server_url, first),
            asyncio.timeout(WITHOUT_WAITING.total_seconds()),
        ):
            await storage.outcomes.record(other, FULL)
