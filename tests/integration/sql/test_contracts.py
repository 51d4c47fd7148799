"""The SQL adapters keep the promises of their ports."""

import pytest

from adapters.sql.database import Database
from adapters.sql.history_links import SqlHistoryLinks
from tests.contracts.doorstep import DoorstepContract
from tests.contracts.history import HistoryContract
from tests.contracts.history_links import HistoryLinksContract
from tests.contracts.inbox import InboxContract
from tests.contracts.leases import LeasesContract
from tests.contracts.ledger import LedgerContract
from tests.contracts.outcomes import OutcomesContract
from tests.integration.sql.storage import OnSqlite


class TestSqlDoorstep(OnSqlite, DoorstepContract): ...


class TestSqlInbox(OnSqlite, InboxContract): ...


class TestSqlOutcomes(OnSqlite, OutcomesContract): ...


class TestSqlLedger(OnSqlite, LedgerContract): ...


class TestSqlLeases(OnSqlite, LeasesContract): ...


class TestSqlHistory(OnSqlite, HistoryContract): ...


class TestSqlHistoryLinks(OnSqlite, HistoryLinksContract):
    @pytest.fixture
    def links(self, database: Database) -> SqlHistoryLinks:
        return SqlHistoryLinks(database)
