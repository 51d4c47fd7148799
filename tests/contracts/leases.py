"""What every `Inbox` promises about leases: how they end, and who is told."""

import pytest

from application.errors import LeaseLost
from domain.inbox import LEASE
from tests.contracts.storage import MOMENT, SILENCE, Storage, ids_of, said


@pytest.mark.anyio
class LeasesContract:
    is_shared = False
    """Whether other processes may hold leases, so that none is freed before its end."""

    @pytest.fixture
    def storage(self) -> Storage:
        raise NotImplementedError

    async def test_a_lease_that_ran_out_can_be_taken_over(self, storage: Storage) -> None:
        before = await storage.claim_of(said("a"))

        storage.clock.pass_by(LEASE - MOMENT)
        assert await storage.claims() == ()
        storage.clock.pass_by(MOMENT)
        after = await storage.only_claim()

        assert after.lease.epoch > before.lease.epoch
        assert after.progress.attempts == 2

    async def test_a_renewed_lease_cannot_be_taken_over(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))
        storage.clock.pass_by(LEASE - MOMENT)

        lost = await storage.inbox.renew([claim.lease])
        storage.clock.pass_by(LEASE - MOMENT)

        assert lost == frozenset()
        assert await storage.claims() == ()

    async def test_renewing_tells_which_leases_are_lost_and_prolongs_only_the_others(
        self, storage: Storage
    ) -> None:
        old = (await storage.claim_of(said("a"))).lease
        storage.clock.pass_by(LEASE)
        new = (await storage.only_claim()).lease
        other = (await storage.claim_of(said("b", by="li"))).lease
        storage.clock.pass_by(LEASE - 2 * MOMENT)

        assert await storage.inbox.renew([old, other]) == {old}

        storage.clock.pass_by(2 * MOMENT)
        assert ids_of(await storage.claims()) == ["a"]
        assert await storage.inbox.renew([new]) == {new}

    async def test_renewing_nothing_loses_nothing(self, storage: Storage) -> None:
        assert await storage.inbox.renew([]) == frozenset()

    async def test_the_lease_of_a_finished_message_is_lost(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.outcomes.record(claim.lease, SILENCE)

        assert await storage.inbox.renew([claim.lease]) == {claim.lease}

    async def test_what_is_handed_back_is_due_at_once_and_was_not_attempted(
        self, storage: Storage
    ) -> None:
        await storage.accept(said("a"), said("b", by="li"))
        (claim,) = await storage.claims(capacity=1)

        await storage.inbox.hand_back(claim.lease)

        again, _ = await storage.claims()
        assert again.message.id == "a"
        assert again.progress.attempts == 1

    async def test_what_is_handed_back_until_later_is_due_then(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))

        await storage.inbox.hand_back(claim.lease, until=storage.clock.now() + LEASE)

        assert await storage.claims() == ()
        storage.clock.pass_by(LEASE)
        assert (await storage.only_claim()).progress.attempts == 1

    async def test_handing_back_a_lost_lease_changes_nothing(self, storage: Storage) -> None:
        old = await storage.claim_of(said("a"))
        storage.clock.pass_by(LEASE)
        new = await storage.only_claim()

        await storage.inbox.hand_back(old.lease)

        assert await storage.claims() == ()
        assert await storage.inbox.renew([new.lease]) == frozenset()

    async def test_a_handed_back_lease_is_lost(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))

        await storage.inbox.hand_back(claim.lease)

        with pytest.raises(LeaseLost):
            await storage.outcomes.record(claim.lease, SILENCE)

    async def test_recovery_frees_every_lease_and_keeps_the_attempts(
        self, storage: Storage
    ) -> None:
        await storage.accept(said("a"), said("b", by="li"), said("c", by="wang"))
        await storage.claims(capacity=2)

        freed = await storage.inbox.recover()
        if self.is_shared:
            assert freed == 0
            storage.clock.pass_by(LEASE)
        else:
            assert freed == 2

        claims = await storage.claims()
        assert ids_of(claims) == ["a", "b", "c"]
        assert [claim.progress.attempts for claim in claims] == [2, 2, 1]
