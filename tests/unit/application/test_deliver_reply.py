"""Replies go out part by part, and what cannot go out waits or is tried again."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from application.errors import StorageFailed
from application.inbox.deliver_reply import DeliverReply
from application.ports import StoredReply
from domain.inbox import MAX_DELIVERIES
from domain.message import IncomingMessage
from domain.reply import Busy, ReplyPart, SendResult, Sent, Undeliverable
from tests.fakes.clock import ManualClock
from tests.fakes.house import WholeMessenger, as_stored, claim_of
from tests.fakes.inbox import NotedOutcomes
from tests.strategies import NOON, message_saying

pytestmark = pytest.mark.anyio

PARTS = tuple(ReplyPart(title=f"{n}", text=f"part {n}") for n in range(3))
CLAIM = claim_of(message_saying("x"))


@dataclass
class ScriptedMessenger(WholeMessenger):
    results: list[SendResult] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, part: ReplyPart, message: IncomingMessage, *, key: str) -> SendResult:  # noqa: ARG002
        self.sent.append((part.text, key))
        return self.results.pop(0) if self.results else Sent()


def delivery(*results: SendResult) -> tuple[DeliverReply, ScriptedMessenger, NotedOutcomes]:
    messenger, outcomes = ScriptedMessenger(results=list(results)), NotedOutcomes()
    deliver = DeliverReply(
        messenger=messenger, complete=as_stored, outcomes=outcomes, clock=ManualClock()
    )
    return deliver, messenger, outcomes


async def test_each_part_is_noted_before_the_next_is_sent() -> None:
    deliver, messenger, outcomes = delivery()

    await deliver.now(CLAIM, StoredReply(parts=PARTS))

    assert [text for text, _ in messenger.sent] == ["part 0", "part 1", "part 2"]
    assert outcomes.steps == ["sent 1 1", "sent 1 2", "settle 1 delivered"]


async def test_a_part_has_the_same_key_each_time_it_is_tried() -> None:
    deliver, messenger, _ = delivery(Busy(reason="-1"))

    await deliver.now(CLAIM, StoredReply(parts=PARTS))
    await deliver.now(CLAIM, StoredReply(parts=PARTS))

    keys = [key for _, key in messenger.sent]
    assert keys[0] == keys[1]
    assert len(set(keys)) == len(PARTS)


async def test_sending_goes_on_where_it_stopped() -> None:
    deliver, messenger, _ = delivery()

    await deliver.now(CLAIM, StoredReply(parts=PARTS, sent=2))

    assert [text for text, _ in messenger.sent] == ["part 2"]


async def test_a_busy_dingtalk_is_tried_again_after_a_growing_pause() -> None:
    for failures, seconds in ((0, 1), (3, 8)):
        deliver, _, outcomes = delivery(Busy(reason="-1"))

        await deliver.now(CLAIM, StoredReply(parts=PARTS, failures=failures))

        assert outcomes.steps == ["postpone 1"]
        assert outcomes.until == [NOON + timedelta(seconds=seconds)]


async def test_the_pause_that_dingtalk_asks_for_is_kept() -> None:
    deliver, _, outcomes = delivery(Busy(reason="130101", pause=timedelta(minutes=1)))

    await deliver.now(CLAIM, StoredReply(parts=PARTS))

    assert outcomes.until == [NOON + timedelta(minutes=1)]


async def test_a_reply_makes_way_for_a_newer_message_that_brings_a_fresh_address() -> None:
    deliver, _, outcomes = delivery(Busy(reason="-1"))

    await deliver.now(replace(CLAIM, has_newer=True), StoredReply(parts=PARTS))

    assert outcomes.steps == ["settle 1 waits"]


async def test_a_mistake_of_the_program_only_delays_a_reply() -> None:
    class Broken(ScriptedMessenger):
        async def send(
            self,
            part: ReplyPart,  # noqa: ARG002
            message: IncomingMessage,  # noqa: ARG002
            *,
            key: str,  # noqa: ARG002
        ) -> SendResult:
            raise RuntimeError("broken")

    outcomes = NotedOutcomes()
    deliver = DeliverReply(
        messenger=Broken(), complete=as_stored, outcomes=outcomes, clock=ManualClock()
    )

    await deliver.now(CLAIM, StoredReply(parts=PARTS))

    assert outcomes.steps == ["postpone 1"]


async def test_what_is_left_out_of_what_is_stored_is_put_in_when_it_is_sent() -> None:
    async def completed(part: ReplyPart, message: IncomingMessage) -> ReplyPart:
        return replace(part, text=f"{part.text} for {message.sender.nick}")

    messenger, outcomes = ScriptedMessenger(), NotedOutcomes()
    deliver = DeliverReply(
        messenger=messenger, complete=completed, outcomes=outcomes, clock=ManualClock()
    )

    await deliver.now(CLAIM, StoredReply(parts=PARTS[:1]))

    assert [text for text, _ in messenger.sent] == ["part 0 for 张三"]


async def test_nothing_is_sent_that_the_database_could_not_complete() -> None:
    async def failing(_part: ReplyPart, _message: IncomingMessage) -> ReplyPart:
        raise StorageFailed("away")

    messenger, outcomes = ScriptedMessenger(), NotedOutcomes()
    deliver = DeliverReply(
        messenger=messenger, complete=failing, outcomes=outcomes, clock=ManualClock()
    )

    with pytest.raises(StorageFailed):
        await deliver.now(CLAIM, StoredReply(parts=PARTS))
    assert (messenger.sent, outcomes.steps) == ([], [])


async def test_a_reply_that_is_never_taken_waits_for_the_person() -> None:
    deliver, _, outcomes = delivery(Busy(reason="-1"))

    await deliver.now(CLAIM, StoredReply(parts=PARTS, failures=MAX_DELIVERIES))

    assert outcomes.steps == ["settle 1 waits"]


async def test_a_dead_address_makes_the_reply_wait() -> None:
    deliver, _, outcomes = delivery(Sent(), Undeliverable(reason="expired"))

    await deliver.now(CLAIM, StoredReply(parts=PARTS))

    assert outcomes.steps == ["sent 1 1", "settle 1 waits"]


async def test_a_waiting_reply_goes_out_in_answer_to_the_next_message_or_goes_on_waiting() -> None:
    deliver, _, outcomes = delivery(Sent(), Sent(), Sent(), Undeliverable(reason="x"))

    await deliver.late(CLAIM, 7, StoredReply(parts=PARTS))
    await deliver.late(CLAIM, 8, StoredReply(parts=PARTS))

    assert outcomes.steps == ["sent 7 1", "sent 7 2", "settle 7 delivered"]
