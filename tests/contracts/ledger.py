"""What every `Ledger` promises."""

import asyncio
from datetime import timedelta

import pytest

from application.errors import LeaseLost
from application.ports import Use
from domain.inbox import LEASE
from tests.contracts.storage import DAY, SILENCE, UNSAID, Storage, said

ZHANG = said("a").sender.key
LI = said("a", by="li").sender.key


@pytest.mark.anyio
class LedgerContract:
    @pytest.fixture
    def storage(self) -> Storage:
        raise NotImplementedError

    async def test_a_stranger_has_used_nothing(self, storage: Storage) -> None:
        assert await storage.ledger.used(ZHANG, DAY) == 0

    async def test_charges_count_up_to_the_limit(self, storage: Storage) -> None:
        uses = []
        for name in ("a", "b", "c"):
            claim = await storage.claim_of(said(name))
            uses.append(await storage.ledger.charge(claim.lease, ZHANG, DAY, limit=2))
            await storage.outcomes.record(claim.lease, UNSAID)

        assert uses == [Use(used=1), Use(used=2), Use(used=2, admitted=False)]
        assert await storage.ledger.used(ZHANG, DAY) == 2

    async def test_a_limit_below_what_was_used_admits_nobody(self, storage: Storage) -> None:
        first = await storage.claim_of(said("a"))
        await storage.ledger.charge(first.lease, ZHANG, DAY, limit=None)
        second = await storage.claim_of(said("b", in_group="cidA"))

        use = await storage.ledger.charge(second.lease, ZHANG, DAY, limit=0)

        assert use == Use(used=1, admitted=False)

    async def test_a_limit_of_zero_admits_nobody_on_a_new_day(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))

        use = await storage.ledger.charge(claim.lease, ZHANG, DAY, limit=0)

        assert use == Use(used=0, admitted=False)
        assert await storage.ledger.used(ZHANG, DAY) == 0

    async def test_days_and_people_are_counted_apart(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))

        await storage.ledger.charge(claim.lease, ZHANG, DAY, limit=1)

        assert await storage.ledger.used(ZHANG, DAY + timedelta(days=1)) == 0
        assert await storage.ledger.used(LI, DAY) == 0

    async def test_a_message_is_charged_once_whatever_day_is_named(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.ledger.charge(claim.lease, ZHANG, DAY, limit=1)

        tomorrow = DAY + timedelta(days=1)
        again = await storage.ledger.charge(claim.lease, ZHANG, tomorrow, limit=1)

        assert again == Use(used=1)
        assert await storage.ledger.used(ZHANG, DAY) == 1
        assert await storage.ledger.used(ZHANG, tomorrow) == 0

    async def test_a_charged_message_is_admitted_again_after_a_crash(
        self, storage: Storage
    ) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.ledger.charge(claim.lease, ZHANG, DAY, limit=1)
        storage.clock.pass_by(LEASE)
        claim = await storage.only_claim()

        assert await storage.ledger.charge(claim.lease, ZHANG, DAY, limit=1) == Use(used=1)

    async def test_a_refunded_question_makes_room_for_another(self, storage: Storage) -> None:
        first = await storage.claim_of(said("a"))
        await storage.ledger.charge(first.lease, ZHANG, DAY, limit=1)
        await storage.outcomes.record(first.lease, SILENCE)
        second = await storage.claim_of(said("b"))

        assert await storage.ledger.charge(second.lease, ZHANG, DAY, limit=1) == Use(used=1)

    async def test_a_lost_lease_is_not_charged(self, storage: Storage) -> None:
        old = await storage.claim_of(said("a"))
        storage.clock.pass_by(LEASE)
        await storage.only_claim()

        with pytest.raises(LeaseLost):
            await storage.ledger.charge(old.lease, ZHANG, DAY, limit=1)

        assert await storage.ledger.used(ZHANG, DAY) == 0

    async def test_of_many_at_once_exactly_as_many_are_admitted_as_the_limit_allows(
        self, storage: Storage
    ) -> None:
        rooms = [said(f"{room}", in_group=f"cid{room}") for room in range(200)]
        await storage.accept(*rooms)
        claims = await storage.claims(capacity=200, per_user=200)

        uses = await asyncio.gather(
            *(storage.ledger.charge(claim.lease, ZHANG, DAY, limit=10) for claim in claims)
        )

        assert sum(use.admitted for use in uses) == 10
        assert await storage.ledger.used(ZHANG, DAY) == 10
