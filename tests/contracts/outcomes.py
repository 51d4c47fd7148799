"""What every `Outcomes` promises."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.errors import LeaseLost
from application.ports import Claim, Outcome, StoredReply
from domain.command import Mode
from domain.conversation import Session, Turn
from domain.inbox import LEASE, State, StepOutOfOrder
from tests.contracts.storage import ANSWER, DAY, MOMENT, PARTS, SILENCE, Storage, ids_of, said
from tests.strategies import NOON

SESSION = Session(
    mode=Mode.MULTI_TURN,
    turns=(Turn(question="一", answer='"二" 🙋', tokens=9),),
    touched_at=NOON,
)


async def answered(storage: Storage, claim: Claim, *, delivered: bool = True) -> None:
    await storage.outcomes.record(claim.lease, ANSWER)
    await storage.outcomes.settle(claim.lease, claim.lease.message, delivered=delivered)


@pytest.mark.anyio
class OutcomesContract:
    @pytest.fixture
    def storage(self) -> Storage:
        raise NotImplementedError

    async def test_without_a_reply_the_message_is_finished(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))

        await storage.outcomes.record(claim.lease, SILENCE)

        storage.clock.pass_by(2 * LEASE)
        assert await storage.claims() == ()

    async def test_with_a_reply_the_lease_goes_on_until_it_is_settled(
        self, storage: Storage
    ) -> None:
        claim = await storage.claim_of(said("a"))

        await storage.outcomes.record(claim.lease, ANSWER)

        assert await storage.inbox.renew([claim.lease]) == frozenset()

    async def test_a_message_is_decided_once(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.outcomes.record(claim.lease, ANSWER)

        with pytest.raises(StepOutOfOrder):
            await storage.outcomes.record(claim.lease, replace(ANSWER, parts=PARTS[:1]))

        storage.clock.pass_by(LEASE)
        assert (await storage.only_claim()).reply == StoredReply(parts=PARTS)

    async def test_after_a_delivered_reply_the_next_message_is_due(self, storage: Storage) -> None:
        await storage.accept(said("a"), said("b"))

        await answered(storage, await storage.only_claim())

        claim = await storage.only_claim()
        assert claim.message.id == "b"
        assert claim.waiting == ()

    async def test_after_an_undelivered_reply_the_next_message_is_due_too(
        self, storage: Storage
    ) -> None:
        await storage.accept(said("a"), said("b"))

        await answered(storage, await storage.only_claim(), delivered=False)

        claim = await storage.only_claim()
        assert claim.message.id == "b"
        assert [one.reply for one in claim.waiting] == [StoredReply(parts=PARTS)]

    async def test_a_waiting_reply_is_settled_under_the_next_lease_and_leaves_it_alone(
        self, storage: Storage
    ) -> None:
        await answered(storage, await storage.claim_of(said("a")), delivered=False)
        claim = await storage.claim_of(said("b"))
        waiting = claim.waiting[0].message

        await storage.outcomes.note_sent(claim.lease, waiting, parts=1)
        await storage.outcomes.settle(claim.lease, waiting, delivered=True)

        await storage.outcomes.record(claim.lease, SILENCE)
        assert (await storage.claim_of(said("c"))).waiting == ()

    async def test_what_was_sent_of_a_waiting_reply_is_remembered(self, storage: Storage) -> None:
        await answered(storage, await storage.claim_of(said("a")), delivered=False)
        claim = await storage.claim_of(said("b"))

        await storage.outcomes.note_sent(claim.lease, claim.waiting[0].message, parts=1)

        storage.clock.pass_by(LEASE)
        assert (await storage.only_claim()).waiting[0].reply.sent == 1

    async def test_postponing_counts_a_failure_and_keeps_the_order(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.accept(said("b"))
        await storage.outcomes.record(claim.lease, ANSWER)

        await storage.outcomes.postpone(claim.lease, until=storage.clock.now() + MOMENT)
        storage.clock.pass_by(MOMENT)

        again = await storage.only_claim()
        assert again.message.id == "a"
        assert again.reply == StoredReply(parts=PARTS, failures=1)

    async def test_a_part_that_gets_through_ends_the_row_of_failures(
        self, storage: Storage
    ) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.outcomes.record(claim.lease, ANSWER)
        await storage.outcomes.postpone(claim.lease, until=storage.clock.now())
        claim = await storage.only_claim()

        await storage.outcomes.note_sent(claim.lease, claim.lease.message, parts=1)

        storage.clock.pass_by(LEASE)
        assert (await storage.only_claim()).reply == StoredReply(parts=PARTS, sent=1)

    async def test_a_session_is_kept_for_the_conversation_alone(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.outcomes.record(claim.lease, replace(SILENCE, session=SESSION))

        await storage.accept(said("b"), said("c", in_group="cidA"))

        here, there = await storage.claims()
        assert here.session == SESSION
        assert there.session == Session()

    async def test_a_session_replaces_the_one_before_and_none_leaves_it(
        self, storage: Storage
    ) -> None:
        other = Session(turns=(), touched_at=NOON + timedelta(days=1))
        for name, session in (("a", SESSION), ("b", other), ("c", None)):
            claim = await storage.claim_of(said(name))
            await storage.outcomes.record(claim.lease, replace(SILENCE, session=session))

        assert (await storage.claim_of(said("d"))).session == other

    async def test_only_a_refusal_said_aloud_is_remembered(self, storage: Storage) -> None:
        quiet = await storage.claim_of(said("a"))
        await storage.outcomes.record(quiet.lease, SILENCE)
        loud = await storage.claim_of(said("b"))
        assert loud.last_refusal is None
        spoken_at = storage.clock.now()

        await storage.outcomes.record(loud.lease, replace(SILENCE, aloud=True))

        assert (await storage.claim_of(said("c"))).last_refusal == spoken_at

    @pytest.mark.parametrize(
        ("state", "used"), [(State.ANSWERED, 1), (State.REFUSED, 0), (State.FAILED, 0)]
    )
    async def test_every_outcome_but_an_answer_gives_the_charge_back(
        self, storage: Storage, state: State, used: int
    ) -> None:
        claim = await storage.claim_of(said("a"))
        user = claim.message.sender.key
        await storage.ledger.charge(claim.lease, user, DAY, limit=1)

        await storage.outcomes.record(claim.lease, Outcome(state=state, reason="because"))

        assert await storage.ledger.used(user, DAY) == used

    async def test_a_refund_without_a_charge_gives_nothing(self, storage: Storage) -> None:
        charged, free = (
            await storage.claim_of(said("a")),
            await storage.claim_of(said("b", by="li")),
        )
        user = charged.message.sender.key
        await storage.ledger.charge(charged.lease, user, DAY, limit=None)

        await storage.outcomes.record(free.lease, SILENCE)

        assert await storage.ledger.used(user, DAY) == 1
        assert await storage.ledger.used(free.message.sender.key, DAY) == 0

    async def test_a_lease_that_ran_out_holds_until_somebody_takes_over(
        self, storage: Storage
    ) -> None:
        claim = await storage.claim_of(said("a"))
        storage.clock.pass_by(2 * LEASE)

        await answered(storage, claim)

        assert await storage.claims() == ()

    async def test_a_lost_lease_changes_nothing(self, storage: Storage) -> None:
        old = await storage.claim_of(said("a"))
        await storage.ledger.charge(old.lease, old.message.sender.key, DAY, limit=None)
        storage.clock.pass_by(LEASE)
        new = await storage.only_claim()
        lost, number = old.lease, old.lease.message
        outcome = replace(ANSWER, state=State.FAILED, session=SESSION, aloud=True)

        with pytest.raises(LeaseLost):
            await storage.outcomes.record(lost, outcome)
        with pytest.raises(LeaseLost):
            await storage.outcomes.note_sent(lost, number, parts=1)
        with pytest.raises(LeaseLost):
            await storage.outcomes.settle(lost, number, delivered=True)
        with pytest.raises(LeaseLost):
            await storage.outcomes.postpone(lost, until=NOON)

        await storage.inbox.hand_back(new.lease)
        assert await storage.ledger.used(old.message.sender.key, DAY) == 1
        assert await storage.only_claim() == replace(
            new, lease=replace(new.lease, epoch=new.lease.epoch + 1)
        )

    async def test_a_message_of_another_conversation_is_out_of_a_leases_reach(
        self, storage: Storage
    ) -> None:
        other = await storage.claim_of(said("a", by="li"))
        await answered(storage, other, delivered=False)
        claim = await storage.claim_of(said("b"))

        with pytest.raises(LeaseLost):
            await storage.outcomes.settle(claim.lease, other.lease.message, delivered=True)

        assert len((await storage.claim_of(said("c", by="li"))).waiting) == 1

    async def test_a_settled_message_ends_its_lease(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.accept(said("b"))
        await answered(storage, claim)

        with pytest.raises(LeaseLost):
            await storage.outcomes.settle(claim.lease, claim.lease.message, delivered=True)

        assert ids_of(await storage.claims()) == ["b"]
