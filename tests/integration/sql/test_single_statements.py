"""On PostgreSQL each step of a message is one journey: a statement, and no transaction around it."""

from collections.abc import Awaitable, Callable

import pytest

from application.ports import Arrival
from tests.contracts.storage import ANSWER, DAY, SILENCE, Storage, said
from tests.integration.sql.journeys import Journeys
from tests.integration.sql.storage import FULL, OnPostgres

pytestmark = pytest.mark.anyio


class TestSingleStatements(OnPostgres):
    @pytest.mark.parametrize("step", ["charge", "record", "refuse", "note", "settle", "accept"])
    async def test_a_step_is_one_statement(
        self, storage: Storage, journeys: Journeys, step: str
    ) -> None:
        claim = await storage.claim_of(said("a"))
        lease, number, user = claim.lease, claim.lease.message, claim.message.sender.key
        if step in {"note", "settle"}:
            await storage.outcomes.record(lease, ANSWER)
        arrival = Arrival(message=said("b"), signed_at=1)
        steps: dict[str, Callable[[], Awaitable[object]]] = {
            "charge": lambda: storage.ledger.charge(lease, user, DAY, limit=1),
            "record": lambda: storage.outcomes.record(lease, FULL),
            "refuse": lambda: storage.outcomes.record(lease, SILENCE),
            "note": lambda: storage.outcomes.note_sent(lease, number, parts=1),
            "settle": lambda: storage.outcomes.settle(lease, number, delivered=True),
            "accept": lambda: storage.doorstep.accept(arrival),
        }
        journeys.in_transaction.clear()

        await steps[step]()

        assert journeys.in_transaction == [False]
