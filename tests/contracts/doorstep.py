"""What every `Doorstep` promises."""

import asyncio
from dataclasses import replace

import pytest

from application.errors import StorageFailed
from application.ports import Acceptance, Arrival
from domain.inbox import MAX_MESSAGES_PER_SIGNATURE
from domain.message import Content, ContentKind
from tests.contracts.storage import SILENCE, Storage, ids_of, said


@pytest.mark.anyio
class DoorstepContract:
    @pytest.fixture
    def storage(self) -> Storage:
        raise NotImplementedError

    async def test_a_new_message_is_stored_and_can_be_claimed_unchanged(
        self, storage: Storage
    ) -> None:
        message = said("a", in_group="cidA")

        answer = await storage.doorstep.accept(Arrival(message=message, signed_at=1))

        assert answer is Acceptance.STORED
        assert (await storage.only_claim()).message == message

    async def test_the_first_of_two_messages_with_one_id_wins(self, storage: Storage) -> None:
        first = said("a")
        other = replace(first, content=Content(kind=ContentKind.TEXT, text="other"))
        await storage.doorstep.accept(Arrival(message=first, signed_at=1))

        answer = await storage.doorstep.accept(Arrival(message=other, signed_at=2))

        assert answer is Acceptance.DUPLICATE
        assert (await storage.only_claim()).message == first

    async def test_a_finished_message_is_known_for_ever(self, storage: Storage) -> None:
        claim = await storage.claim_of(said("a"))
        await storage.outcomes.record(claim.lease, SILENCE)

        answer = await storage.doorstep.accept(Arrival(message=said("a"), signed_at=1))

        assert answer is Acceptance.DUPLICATE
        assert await storage.claims() == ()

    async def test_ids_are_compared_byte_for_byte_and_for_each_robot(
        self, storage: Storage
    ) -> None:
        await storage.accept(said("a"), said("A"), said("a "), said("a", robot="other"))

        assert (await storage.inbox.backlog()).messages == 4

    async def test_of_many_at_once_with_one_id_exactly_one_is_stored(
        self, storage: Storage
    ) -> None:
        arrivals = [Arrival(message=said("a"), signed_at=number) for number in range(50)]

        answers = await asyncio.gather(*map(storage.doorstep.accept, arrivals))

        assert answers.count(Acceptance.STORED) == 1
        assert answers.count(Acceptance.DUPLICATE) == 49
        assert (await storage.inbox.backlog()).messages == 1

    async def test_a_header_pair_vouches_for_a_few_messages_and_no_more(
        self, storage: Storage
    ) -> None:
        answers = [
            await storage.doorstep.accept(Arrival(message=said(f"{number}"), signed_at=7))
            for number in range(MAX_MESSAGES_PER_SIGNATURE + 2)
        ]

        stored = [Acceptance.STORED] * MAX_MESSAGES_PER_SIGNATURE
        assert answers == [*stored, Acceptance.REPLAYED, Acceptance.REPLAYED]
        assert (await storage.inbox.backlog()).messages == MAX_MESSAGES_PER_SIGNATURE

    async def test_a_header_pair_vouches_for_no_more_at_once_either(self, storage: Storage) -> None:
        arrivals = [Arrival(message=said(f"{number}"), signed_at=7) for number in range(30)]

        answers = await asyncio.gather(*map(storage.doorstep.accept, arrivals))

        assert answers.count(Acceptance.STORED) == MAX_MESSAGES_PER_SIGNATURE
        assert answers.count(Acceptance.REPLAYED) == 30 - MAX_MESSAGES_PER_SIGNATURE

    async def test_a_known_message_under_an_exhausted_pair_is_a_duplicate(
        self, storage: Storage
    ) -> None:
        for number in range(MAX_MESSAGES_PER_SIGNATURE):
            await storage.doorstep.accept(Arrival(message=said(f"{number}"), signed_at=7))

        answer = await storage.doorstep.accept(Arrival(message=said("0"), signed_at=7))

        assert answer is Acceptance.DUPLICATE

    async def test_another_robots_pair_of_the_same_moment_is_another_pair(
        self, storage: Storage
    ) -> None:
        for number in range(MAX_MESSAGES_PER_SIGNATURE):
            await storage.doorstep.accept(Arrival(message=said(f"{number}"), signed_at=7))

        arrival = Arrival(message=said("x", robot="other"), signed_at=7)

        assert await storage.doorstep.accept(arrival) is Acceptance.STORED

    async def test_unsigned_messages_are_not_counted(self, storage: Storage) -> None:
        count = 2 * MAX_MESSAGES_PER_SIGNATURE

        await storage.accept(*(said(f"{number}") for number in range(count)))

        assert (await storage.inbox.backlog()).messages == count

    async def test_text_that_is_none_is_turned_away_alone(self, storage: Storage) -> None:
        good, bad = said("good"), said("\ud800")

        answers = await asyncio.gather(
            *(storage.doorstep.accept(Arrival(message=one, signed_at=1)) for one in (bad, good)),
            return_exceptions=True,
        )

        assert isinstance(answers[0], StorageFailed)
        assert answers[1] is Acceptance.STORED

    async def test_a_number_no_column_takes_is_turned_away_alone(self, storage: Storage) -> None:
        arrivals = [
            Arrival(message=said("bad"), signed_at=2**70),
            Arrival(message=said("good"), signed_at=1),
        ]

        answers = await asyncio.gather(
            *map(storage.doorstep.accept, arrivals), return_exceptions=True
        )

        assert isinstance(answers[0], StorageFailed)
        assert answers[1] is Acceptance.STORED

    async def test_a_caller_that_goes_away_leaves_the_others_served(self, storage: Storage) -> None:
        callers = [
            asyncio.ensure_future(
                storage.doorstep.accept(Arrival(message=said(f"{number}"), signed_at=number))
            )
            for number in range(10)
        ]
        await asyncio.sleep(0)

        for caller in callers[::2]:
            caller.cancel()

        answers = await asyncio.gather(*callers, return_exceptions=True)
        assert answers[1::2] == [Acceptance.STORED] * 5

    async def test_messages_of_a_conversation_keep_the_order_of_their_acceptance(
        self, storage: Storage
    ) -> None:
        names = ["c", "a", "b"]
        await storage.accept(*map(said, names))
        heard = []

        for _ in names:
            claim = await storage.only_claim()
            heard += ids_of((claim,))
            await storage.outcomes.record(claim.lease, SILENCE)

        assert heard == names

    async def test_messages_that_come_to_a_conversation_at_once_are_all_heard(
        self, storage: Storage
    ) -> None:
        await storage.accept(said("a"))
        arrivals = [Arrival(message=said(name), signed_at=None) for name in ("b", "c", "d")]
        await asyncio.gather(*map(storage.doorstep.accept, arrivals))
        heard = []

        while claims := await storage.claims():
            heard += ids_of(claims)
            await storage.outcomes.record(claims[0].lease, SILENCE)

        assert heard[0] == "a"
        assert sorted(heard[1:]) == ["b", "c", "d"]
