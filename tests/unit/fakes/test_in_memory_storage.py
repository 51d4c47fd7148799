"""The memory of plain lists keeps the promises of the real one."""

import pytest

from tests.contracts.doorstep import DoorstepContract
from tests.contracts.history import HistoryContract
from tests.contracts.history_links import HistoryLinksContract
from tests.contracts.inbox import InboxContract
from tests.contracts.leases import LeasesContract
from tests.contracts.ledger import LedgerContract
from tests.contracts.outcomes import OutcomesContract
from tests.contracts.storage import Storage
from tests.fakes.clock import ManualClock
from tests.fakes.in_memory_history import InMemoryHistoryLinks
from tests.fakes.in_memory_storage import InMemoryStorage


class InMemory:
    @pytest.fixture
    def storage(self) -> Storage:
        clock = ManualClock()
        memory = InMemoryStorage(clock)
        return Storage(
            doorstep=memory,
            inbox=memory,
            outcomes=memory,
            ledger=memory,
            history=memory.history,
            clock=clock,
        )


class TestInMemoryDoorstep(InMemory, DoorstepContract): ...


class TestInMemoryInbox(InMemory, InboxContract): ...


class TestInMemoryOutcomes(InMemory, OutcomesContract): ...


class TestInMemoryLedger(InMemory, LedgerContract): ...


class TestInMemoryLeases(InMemory, LeasesContract): ...


class TestInMemoryHistory(InMemory, HistoryContract): ...


class TestInMemoryHistoryLinks(HistoryLinksContract):
    @pytest.fixture
    def links(self) -> InMemoryHistoryLinks:
        return InMemoryHistoryLinks()
