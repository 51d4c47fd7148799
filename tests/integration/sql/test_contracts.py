"""The SQL adapters keep the promises of their ports."""

from tests.contracts.doorstep import DoorstepContract
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
