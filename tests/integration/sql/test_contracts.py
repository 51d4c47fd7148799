"""The SQL adapters keep the promises of their ports."""

import pytest

from adapters.clock import SystemClock
from adapters.pictures.reading import identified
from adapters.sql.database import Database
from adapters.sql.history_links import SqlHistoryLinks
from adapters.sql.shelf import SqlShelf
from tests.contracts.doorstep import DoorstepContract
from tests.contracts.history import HistoryContract
from tests.contracts.history_links import HistoryLinksContract
from tests.contracts.inbox import InboxContract
from tests.contracts.leases import LeasesContract
from tests.contracts.ledger import LedgerContract
from tests.contracts.outcomes import OutcomesContract
from tests.contracts.pictures import ShelfContract
from tests.integration.sql.storage import OnPostgres, OnSqlite


class TestDoorstepOnSqlite(OnSqlite, DoorstepContract): ...


class TestInboxOnSqlite(OnSqlite, InboxContract): ...


class TestOutcomesOnSqlite(OnSqlite, OutcomesContract): ...


class TestLedgerOnSqlite(OnSqlite, LedgerContract): ...


class TestLeasesOnSqlite(OnSqlite, LeasesContract): ...


class TestHistoryOnSqlite(OnSqlite, HistoryContract): ...


class TestDoorstepOnPostgres(OnPostgres, DoorstepContract): ...


class TestInboxOnPostgres(OnPostgres, InboxContract): ...


class TestOutcomesOnPostgres(OnPostgres, OutcomesContract): ...


class TestLedgerOnPostgres(OnPostgres, LedgerContract): ...


class TestLeasesOnPostgres(OnPostgres, LeasesContract):
    is_shared = True


class TestHistoryOnPostgres(OnPostgres, HistoryContract): ...


class TestHistoryLinksOnSqlite(OnSqlite, HistoryLinksContract):
    @pytest.fixture
    def links(self, database: Database) -> SqlHistoryLinks:
        return SqlHistoryLinks(database)


class TestShelfOnSqlite(OnSqlite, ShelfContract):
    @pytest.fixture
    def shelf(self, database: Database) -> SqlShelf:
        return SqlShelf(database, SystemClock(), identified)


class TestHistoryLinksOnPostgres(OnPostgres, HistoryLinksContract):
    @pytest.fixture
    def links(self, database: Database) -> SqlHistoryLinks:
        return SqlHistoryLinks(database)


class TestShelfOnPostgres(OnPostgres, ShelfContract):
    @pytest.fixture
    def shelf(self, database: Database) -> SqlShelf:
        return SqlShelf(database, SystemClock(), identified)
