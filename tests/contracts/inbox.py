"""What every `Inbox` promises."""

from datetime import timedelta

import pytest

from application.ports import Arrival, Backlog, StoredReply, WaitingReply
from domain.conversation import Session
from domain.inbox import LEASE, Delivery, Progress, State
from tests.contracts.storage import ANSWER, PARTS, SILENCE, Storage, ids_of, said
from tests.strategies import NOON


@pytest.mark.anyio
class InboxContract:
    @pytest.fixture
    def storage(self) -> Storage:
        raise NotImplementedError

    async def test_an_empty_inbox_gives_nothing(self, storage: Storage) -> None:
        assert await storage.claims() == ()
        assert await storage.inbox.backlog() == Backlog(messages=0, oldest=None)

    async def test_a_fresh_claim_knows_of_nothing_but_its_message(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))

        assert claim.lease.conversation == said("a").conversation
        assert claim.progress == Progress(state=State.LEASED, attempts=1)
        assert claim.reply is None
        assert claim.session == Session()
        assert claim.last_refusal is None
        assert claim.waiting == ()
        assert not claim.has_newer

    async def test_a_conversation_is_leased_once_at_a_time(self, storage: Storage) -> None:
        await storage.accept(said("a"), said("b"))

        assert ids_of(await storage.claims()) == ["a"]
        assert await storage.claims() == ()

    async def test_a_claim_knows_whether_a_newer_message_waits_behind_it(
        self, storage: Storage
    ) -> None:
        await storage.accept(said("a1"), said("a2"), said("b", in_group="cidA"))
        first, alone = await storage.claims()
        await storage.outcomes.record(first.lease, SILENCE)

        last = await storage.only_claim()

        assert (first.has_newer, alone.has_newer, last.has_newer) == (True, False, False)

    async def test_a_message_that_came_since_the_last_try_is_newer(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.outcomes.record(claim.lease, ANSWER)
        await storage.accept(said("b"))
        await storage.outcomes.postpone(claim.lease, until=storage.clock.now())

        assert (await storage.only_claim()).has_newer

    async def test_a_reply_that_waits_is_not_newer(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.outcomes.record(claim.lease, ANSWER)
        await storage.outcomes.settle(claim.lease, claim.lease.message, delivered=False)

        assert not (await storage.claim_of(said("b"))).has_newer

    async def test_conversations_come_in_the_order_in_which_they_are_due(
        self, storage: Storage
    ) -> None:
        await storage.accept(said("a", by="zhang"), said("b", by="li"), said("c", by="wang"))

        assert ids_of(await storage.claims(capacity=2)) == ["a", "b"]
        assert ids_of(await storage.claims()) == ["c"]

    async def test_no_more_are_leased_than_there_is_capacity_for(self, storage: Storage) -> None:
        await storage.accept(said("a"))

        assert await storage.claims(capacity=0) == ()

    async def test_a_person_in_two_rooms_has_two_conversations(self, storage: Storage) -> None:
        await storage.accept(said("a"), said("b", in_group="cidA"), said("c", robot="other"))

        assert ids_of(await storage.claims()) == ["a", "b", "c"]

    async def test_of_one_user_only_so_many_are_leased_at_a_time(self, storage: Storage) -> None:
        await storage.accept(
            said("a"), said("b", in_group="cidA"), said("c", in_group="cidB"), said("d", by="li")
        )

        assert ids_of(await storage.claims(capacity=3, per_user=2)) == ["a", "b", "d"]
        assert await storage.claims(per_user=2) == ()

    async def test_what_a_user_has_in_hand_counts_too(self, storage: Storage) -> None:
        await storage.accept(said("a"), said("b", in_group="cidA"), said("c", in_group="cidB"))
        await storage.claims(capacity=1)

        assert ids_of(await storage.claims(per_user=2)) == ["b"]

    async def test_a_user_with_much_work_does_not_hide_the_others(self, storage: Storage) -> None:
        await storage.accept(*(said(f"{group}", in_group=f"cid{group}") for group in range(9)))
        await storage.accept(said("x", by="li"), said("y", by="wang"))

        assert ids_of(await storage.claims(capacity=3, per_user=1)) == ["0", "x", "y"]

    async def test_a_finished_conversation_makes_room_for_its_user(self, storage: Storage) -> None:
        await storage.accept(said("a"), said("b", in_group="cidA"))
        (first,) = await storage.claims(per_user=1)

        await storage.outcomes.record(first.lease, SILENCE)

        assert ids_of(await storage.claims(per_user=1)) == ["b"]

    async def test_after_its_turn_a_conversation_goes_to_the_end(self, storage: Storage) -> None:
        await storage.accept(said("a1"), said("a2"), said("b", by="li"))
        (first,) = await storage.claims(capacity=1)

        await storage.outcomes.record(first.lease, SILENCE)

        assert ids_of(await storage.claims()) == ["b", "a2"]

    async def test_a_postponed_conversation_is_due_when_it_was_said_to_be(
        self, storage: Storage
    ) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.outcomes.record(claim.lease, ANSWER)
        until = storage.clock.now() + timedelta(minutes=1)

        await storage.outcomes.postpone(claim.lease, until=until)

        assert await storage.claims() == ()
        storage.clock.pass_by(until - storage.clock.now())
        assert ids_of(await storage.claims()) == ["a"]

    async def test_another_message_does_not_hurry_a_postponed_conversation(
        self, storage: Storage
    ) -> None:
        claim = await storage.claim_of(said("a"))
        until = storage.clock.now() + timedelta(minutes=1)
        await storage.outcomes.postpone(claim.lease, until=until)

        await storage.accept(said("b"))

        assert await storage.claims() == ()

    async def test_the_backlog_is_what_is_open_and_since_when(self, storage: Storage) -> None:
        await storage.accept(said("a"), said("b"), said("c", by="li"))
        claims = await storage.claims()

        assert await storage.inbox.backlog() == Backlog(messages=3, oldest=NOON)
        for claim in claims:
            await storage.outcomes.record(claim.lease, SILENCE)
        assert (await storage.inbox.backlog()).messages == 1

    async def test_a_waiting_reply_is_no_open_work_and_comes_with_the_next_message(
        self, storage: Storage
    ) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.outcomes.record(claim.lease, ANSWER)
        await storage.outcomes.note_sent(claim.lease, claim.lease.message, parts=1)
        await storage.outcomes.settle(claim.lease, claim.lease.message, delivered=False)

        assert await storage.claims() == ()
        assert await storage.inbox.backlog() == Backlog(messages=0, oldest=None)

        reply = StoredReply(parts=PARTS, sent=1)
        later = await storage.claim_of(said("b"))
        assert later.waiting == (WaitingReply(message=claim.lease.message, reply=reply),)

    async def test_replies_wait_oldest_first_and_in_their_own_conversation(
        self, storage: Storage
    ) -> None:
        earlier = []
        for name, person in (("a", "zhang"), ("b", "li"), ("c", "zhang")):
            claim = await storage.claim_of(said(name, by=person))
            await storage.outcomes.record(claim.lease, ANSWER)
            await storage.outcomes.settle(claim.lease, claim.lease.message, delivered=False)
            earlier.append(claim.lease.message)

        claim = await storage.claim_of(said("d"))

        assert [one.message for one in claim.waiting] == [earlier[0], earlier[2]]

    async def test_a_stored_reply_is_claimed_with_its_message_and_costs_no_attempt(
        self, storage: Storage
    ) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.outcomes.record(claim.lease, ANSWER)
        await storage.outcomes.note_sent(claim.lease, claim.lease.message, parts=1)
        storage.clock.pass_by(LEASE)

        again = await storage.only_claim()

        decided = Progress(state=State.ANSWERED, delivery=Delivery.PENDING, attempts=1)
        assert again.progress == decided
        assert again.reply == StoredReply(parts=PARTS, sent=1)

    async def test_messages_that_come_during_a_lease_wait_for_its_end(
        self, storage: Storage
    ) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.doorstep.accept(Arrival(message=said("b"), signed_at=1))
        assert await storage.claims() == ()

        await storage.outcomes.record(claim.lease, SILENCE)

        assert ids_of(await storage.claims()) == ["b"]
