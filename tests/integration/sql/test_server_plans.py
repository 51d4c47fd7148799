"""The same on PostgreSQL, over tables that are filled: its planner finds an index for everything."""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, event

from adapters.sql.ledger import charge_several
from adapters.sql.statements.at_once.arrivals import store_at_once
from adapters.sql.statements.at_once.decisions import record_at_once
from adapters.sql.statements.at_once.deliveries import note_sent_at_once, settle_at_once
from adapters.sql.statements.parcel import Parcel
from adapters.sql.tables import metadata
from application.ports import Acceptance, Arrival
from benchmarks.filling import Size, fill
from tests.contracts.storage import said
from tests.integration.sql.at_once import PostgresGround, do
from tests.integration.sql.test_plans import Way, whole_life, whole_look_up
from tests.postgres.databases import Databases

SOME = Size(messages=40_000, conversations=8_000)
AT_ONCE = Way(
    charge=lambda connection, one: charge_several(connection, [one]),
    record=lambda connection, one: record_at_once(connection, [one]),
    note=lambda connection, one: note_sent_at_once(connection, [one]),
    settle=lambda connection, one: settle_at_once(connection, [one]),
)
TABLE_SCAN = re.compile(r"Seq Scan on (\w+)")


@pytest.fixture(scope="module")
def filled(postgres: Databases) -> Iterator[PostgresGround]:
    with postgres.one() as url, closing(PostgresGround(url)) as ground:
        do(ground, metadata.create_all)
        do(ground, partial(fill, size=SOME))
        yield ground


class ServerPlans:
    """How PostgreSQL goes about each statement of a connection."""

    def __init__(self, connection: Connection) -> None:
        self.plans: dict[str, str] = {}
        self._explaining = False
        event.listen(connection, "before_cursor_execute", self._explain)

    def _explain(  # noqa: PLR0913, PLR0917 - SQLAlchemy calls it so
        self,
        connection: Connection,
        cursor: object,  # noqa: ARG002
        statement: str,
        parameters: Sequence[Any],
        context: object,  # noqa: ARG002
        executemany: bool,  # noqa: FBT001
    ) -> None:
        if not statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")):
            return
        many = executemany and isinstance(parameters[0], tuple)
        one = parameters[0] if many else parameters
        explaining = connection.connection.cursor()
        explaining.execute(f"EXPLAIN {statement}", one)
        self.plans[statement] = "\n".join(row[0] for row in explaining.fetchall())

    def scanned(self) -> set[str]:
        """The tables that a statement looks through from end to end."""
        return {table for plan in self.plans.values() for table in TABLE_SCAN.findall(plan)}


def test_no_statement_of_a_message_looks_through_a_whole_table(filled: PostgresGround) -> None:
    def explained(connection: Connection) -> ServerPlans:
        plans = ServerPlans(connection)
        parcels = [Parcel.of(Arrival(message=said("new"), signed_at=1))]
        assert store_at_once(connection, parcels, now=0) == [Acceptance.STORED]
        whole_life(connection, AT_ONCE)
        return plans

    plans = do(filled, explained)

    assert len(plans.plans) > 20
    # It holds a few rows a day and model, and is smaller than any index.
    assert plans.scanned() <= {"spending"}


def test_no_statement_of_looking_up_looks_through_a_whole_table(filled: PostgresGround) -> None:
    def explained(connection: Connection) -> ServerPlans:
        plans = ServerPlans(connection)
        whole_look_up(connection)
        return plans

    plans = do(filled, explained)

    assert len(plans.plans) > 8
    # Links are few and were just made: the table is one page.
    assert plans.scanned() <= {"history_links"}
