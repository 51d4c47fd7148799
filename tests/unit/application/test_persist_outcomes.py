"""What was said or paid for is stored, however often the database is away."""

from dataclasses import dataclass, field

import pytest

from application.errors import LeaseLost, StorageFailed
from application.inbox.persist_outcomes import MOST_TRIES, PAUSE, PersistentOutcomes
from application.ports import Lease, Outcome
from domain.inbox import State, StepOutOfOrder
from domain.message import ConversationKey
from tests.fakes.clock import ManualClock
from tests.fakes.inbox import NotedOutcomes
from tests.strategies import NOON

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(10)]

LEASE_ON = Lease(conversation=ConversationKey("c"), epoch=1, message=7)
OUTCOME = Outcome(state=State.ANSWERED, reason="answered")


@dataclass
class TroubledOutcomes(NotedOutcomes):
    """Raises what is prepared, one a call, then takes everything."""

    troubles: list[Exception] = field(default_factory=list)

    def _note(self, step: str) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        super()._note(step)


def persistent(*troubles: Exception) -> tuple[PersistentOutcomes, TroubledOutcomes, ManualClock]:
    clock, inner = ManualClock(), TroubledOutcomes(troubles=list(troubles))
    return PersistentOutcomes(outcomes=inner, clock=clock), inner, clock


async def test_every_step_is_tried_until_it_is_stored() -> None:
    away = [StorageFailed("away")] * 2
    outcomes, inner, clock = persistent(*away, *away, *away)
    began = clock.now()

    await outcomes.record(LEASE_ON, OUTCOME)
    await outcomes.note_sent(LEASE_ON, 7, parts=1)
    await outcomes.settle(LEASE_ON, 7, delivered=True)

    assert inner.steps == ["record 7 answered", "sent 7 1", "settle 7 delivered"]
    assert clock.now() - began == 6 * PAUSE


async def test_what_was_sent_is_never_forgotten() -> None:
    outcomes, inner, _ = persistent(*[StorageFailed("away")] * (MOST_TRIES * 3))

    await outcomes.settle(LEASE_ON, 7, delivered=True)

    assert inner.steps == ["settle 7 delivered"]


async def test_a_decision_that_the_database_refuses_is_given_up_at_last() -> None:
    outcomes, inner, _ = persistent(*[StorageFailed("refused")] * (MOST_TRIES + 1))

    with pytest.raises(StorageFailed):
        await outcomes.record(LEASE_ON, OUTCOME)
    assert inner.troubles == []


async def test_a_decision_that_was_stored_without_our_knowing_is_stored() -> None:
    outcomes, inner, _ = persistent(StorageFailed("away"), StepOutOfOrder("decided already"))

    await outcomes.record(LEASE_ON, OUTCOME)

    assert inner.steps == []


async def test_a_delivery_that_was_stored_without_our_knowing_is_stored() -> None:
    outcomes, inner, _ = persistent(StorageFailed("away"), StepOutOfOrder("delivered already"))

    await outcomes.settle(LEASE_ON, 7, delivered=True)

    assert inner.steps == []


async def test_a_step_that_makes_no_sense_at_once_is_told() -> None:
    outcomes, _, _ = persistent(StepOutOfOrder("decided already"))

    with pytest.raises(StepOutOfOrder):
        await outcomes.record(LEASE_ON, OUTCOME)


async def test_a_lost_lease_ends_the_trying() -> None:
    outcomes, _, _ = persistent(StorageFailed("away"), LeaseLost("taken over"))

    with pytest.raises(LeaseLost):
        await outcomes.settle(LEASE_ON, 7, delivered=True)


async def test_a_postponement_is_tried_once() -> None:
    outcomes, inner, _ = persistent(StorageFailed("away"))

    with pytest.raises(StorageFailed):
        await outcomes.postpone(LEASE_ON, until=NOON)
    await outcomes.postpone(LEASE_ON, until=NOON)

    assert inner.steps == ["postpone 7"]
