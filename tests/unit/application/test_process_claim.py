"""One step of a message: decided once, stored before it is told, never asked again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from application.errors import StorageFailed
from application.inbox.deliver_reply import DeliverReply
from application.inbox.process_claim import ProcessClaim
from application.ports import Claim, Outcome, StoredReply, WaitingReply
from application.rulebook import Rulebook
from application.wording import CHINESE
from domain.access import AccessPolicy
from domain.inbox import MAX_ATTEMPTS, Progress, State
from domain.message import GroupId, IncomingMessage, Room, RoomKind, Sender, StaffId
from domain.reply import Busy, ReplyPart, SendResult, Sent
from tests.fakes.clock import ManualClock
from tests.fakes.house import RULES, WholeMessenger, as_stored, claim_of, rules
from tests.fakes.inbox import NotedOutcomes
from tests.strategies import message_saying

pytestmark = pytest.mark.anyio

PART = ReplyPart(title="t", text="答案")
ANSWERED = Outcome(state=State.ANSWERED, reason="answered", parts=(PART,))


@dataclass
class Told(WholeMessenger):
    outcomes: NotedOutcomes
    texts: list[str] = field(default_factory=list)
    results: list[SendResult] = field(default_factory=list)

    async def send(self, part: ReplyPart, message: IncomingMessage, *, key: str) -> SendResult:  # noqa: ARG002
        self.texts.append(part.text)
        self.outcomes.steps.append("send")
        return self.results.pop(0) if self.results else Sent()


@dataclass
class House:
    decide: Callable[[Claim], Awaitable[Outcome]]
    outcomes: NotedOutcomes = field(default_factory=NotedOutcomes)

    rules_in_force: Rulebook = RULES

    def __post_init__(self) -> None:
        self.told = Told(self.outcomes)
        deliver = DeliverReply(
            messenger=self.told, complete=as_stored, outcomes=self.outcomes, clock=ManualClock()
        )
        self.process = ProcessClaim(
            handle_message=self.decide,
            deliver=deliver,
            outcomes=self.outcomes,
            messenger=self.told,
            rules=lambda: self.rules_in_force,
        )


def deciding(outcome: Outcome) -> House:
    async def decide(_claim: Claim) -> Outcome:
        return outcome

    return House(decide)


def breaking(error: Exception) -> House:
    async def decide(_claim: Claim) -> Outcome:
        raise error

    return House(decide)


async def test_an_answer_is_stored_before_it_is_sent() -> None:
    house = deciding(ANSWERED)

    await house.process(claim_of(message_saying("x")))

    assert house.outcomes.steps == ["record 1 answered", "send", "settle 1 delivered"]


async def test_a_silent_outcome_is_stored_and_nothing_is_sent() -> None:
    house = deciding(Outcome(state=State.REFUSED, reason="sender_denied"))

    await house.process(claim_of(message_saying("x")))

    assert house.outcomes.steps == ["record 1 refused"]


async def test_a_stored_answer_is_sent_and_not_decided_again() -> None:
    house = breaking(AssertionError("asked again"))
    progress = Progress().leased().decided(State.ANSWERED, with_reply=True)
    claim = claim_of(message_saying("x"), progress=progress, reply=StoredReply(parts=(PART,)))

    await house.process(claim)

    assert house.outcomes.steps == ["send", "settle 1 delivered"]


async def test_replies_that_waited_go_out_first() -> None:
    house = deciding(ANSWERED)
    old = WaitingReply(message=0, reply=StoredReply(parts=(ReplyPart(title="t", text="旧答案"),)))

    await house.process(claim_of(message_saying("x"), waiting=(old,)))

    assert house.told.texts == ["旧答案", "答案"]
    assert house.outcomes.steps[:2] == ["send", "settle 0 delivered"]


async def test_replies_that_waited_stop_at_the_first_that_does_not_get_through() -> None:
    house = deciding(ANSWERED)
    waiting = tuple(
        WaitingReply(message=n, reply=StoredReply(parts=(ReplyPart(title="t", text=f"旧{n}"),)))
        for n in range(3)
    )
    house.told.results = [Sent(), Busy(reason="-1")]

    await house.process(claim_of(message_saying("x"), waiting=waiting))

    assert house.told.texts == ["旧0", "旧1", "答案"]


async def test_who_may_not_come_in_any_more_gets_no_reply_that_waited() -> None:
    house = deciding(Outcome(state=State.REFUSED, reason="sender_denied"))
    house.rules_in_force = rules(access=AccessPolicy(denied_users=frozenset({StaffId("zhang")})))
    old = WaitingReply(message=0, reply=StoredReply(parts=(PART,)))

    await house.process(claim_of(message_saying("x"), waiting=(old,)))

    assert house.told.texts == []


async def test_a_message_begun_too_often_is_given_up_refunded_and_its_author_told() -> None:
    house = breaking(AssertionError("begun again"))
    progress = Progress(attempts=MAX_ATTEMPTS).leased()

    await house.process(claim_of(message_saying("x"), progress=progress))

    assert house.told.texts == [CHINESE.gave_up]
    assert house.outcomes.recorded[0].refund
    assert house.outcomes.recorded[0].state is State.FAILED


async def test_a_mistake_of_the_program_costs_one_answer_and_says_nothing_of_itself() -> None:
    house = breaking(RuntimeError("secret detail"))

    await house.process(claim_of(message_saying("x")))

    assert house.told.texts == [CHINESE.went_wrong]
    assert house.outcomes.recorded[0].refund


async def test_sensitive_words_in_names_are_masked_before_anything_else() -> None:
    seen: list[IncomingMessage] = []

    async def decide(claim: Claim) -> Outcome:
        seen.append(claim.message)
        return ANSWERED

    sender = Sender(staff_id=None, sender_id="$:x", nick="机密小张")
    room = Room(kind=RoomKind.GROUP, id=GroupId("cidA"), title="绝不机 密")
    await House(decide).process(claim_of(message_saying("x", sender=sender, room=room)))

    assert (seen[0].sender.nick, seen[0].room.title) == ("**小张", "绝不* *")


async def test_a_failing_database_is_no_mistake_of_the_program() -> None:
    house = breaking(StorageFailed("away"))

    with pytest.raises(StorageFailed):
        await house.process(claim_of(message_saying("x")))

    assert house.outcomes.steps == []
