"""What a message costs does not grow with the tables: no statement looks through one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from adapters.sql import history, history_links, inbox, ledger, outcomes
from adapters.sql.engine.sqlite import sqlite_engine, write_transaction
from adapters.sql.housekeeping import remove_some, waiting_since
from adapters.sql.statements import arrivals, claims, lanes, people, records
from adapters.sql.statements.at_once.charges import Charging
from adapters.sql.statements.at_once.decisions import Decision
from adapters.sql.statements.at_once.deliveries import Sending, Settling
from adapters.sql.statements.parcel import Parcel
from adapters.sql.tables import FINISHED, messages, sessions
from application.ports import Arrival
from domain.history import HistoryLink
from domain.inbox import State
from tests.contracts.storage import DAY, said
from tests.integration.sql.storage import FULL, with_tables
from tests.strategies import NOON

ZHANG = said("a").sender.key


class Plans:
    """How SQLite goes about each statement of an engine."""

    def __init__(self, engine: Engine) -> None:
        self.steps: dict[str, list[str]] = {}
        self._engine = engine
        event.listen(engine, "before_cursor_execute", self._explain)

    def _explain(  # noqa: PLR0913, PLR0917 - SQLAlchemy calls it so
        self,
        connection: Connection,
        cursor: object,  # noqa: ARG002
        statement: str,
        parameters: object,
        context: object,  # noqa: ARG002
        executemany: bool,  # noqa: ARG002, FBT001
    ) -> None:
        if not statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            return
        one = parameters[0] if isinstance(parameters, list) else parameters
        driver = connection.connection.driver_connection
        assert driver is not None
        rows = driver.execute(f"EXPLAIN QUERY PLAN {statement}", one).fetchall()
        self.steps[statement] = [row[3] for row in rows]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = sqlite_engine(with_tables(tmp_path / "robot.sqlite"))
    yield engine
    engine.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the steps of a message are done."""

    charge: Callable[[Connection, Charging], object]
    record: Callable[[Connection, Decision], object]
    note: Callable[[Connection, Sending], object]
    settle: Callable[[Connection, Settling], object]


IN_STEPS = Way(
    charge=ledger.charge, record=outcomes.record, note=outcomes.note_sent, settle=outcomes.settle
)


def whole_life(connection: Connection, way: Way = IN_STEPS) -> None:
    """Every statement that a message needs."""
    parcels = [Parcel.of(Arrival(message=said(f"{n}"), signed_at=1)) for n in range(3)]
    arrivals.store(connection, parcels, now=0)
    failed = replace(FULL, state=State.FAILED)
    for outcome, delivered in ((FULL, False), (FULL, True), (failed, True)):
        (claim,) = claims.claim(connection, now=0, capacity=9, per_user=3)
        lease, user = claim.lease, claim.message.sender.key
        lanes.renew(connection, [lease], now=0)
        number = lease.message
        way.charge(connection, Charging(lease=lease, user=user, day=DAY.isoformat(), limit=9))
        way.record(connection, Decision(lease=lease, outcome=outcome, share=0, now=0))
        way.note(connection, Sending(lease=lease, message=number, parts=1))
        settling = Settling(lease=lease, message=number, delivered=delivered, now=0)
        way.settle(connection, settling)
        remove_some(
            connection, key=messages.c.id, conditions=[FINISHED, messages.c.finished_at < 0]
        )
        remove_some(connection, key=messages.c.id, conditions=waiting_since(-1))
        remove_some(connection, key=sessions.c.conversation, conditions=[sessions.c.touched_at < 0])
        inbox.backlog(connection)


def test_no_statement_of_a_message_looks_through_a_whole_table(engine: Engine) -> None:
    plans = Plans(engine)

    with write_transaction(engine) as connection:
        whole_life(connection)

    searched = [step for steps in plans.steps.values() for step in steps]
    scans = [step for step in searched if step.startswith("SCAN") and "CONSTANT" not in step]
    assert len(plans.steps) > 20
    assert set(scans) == {
        # The backlog counts what is open, and this index holds hardly anything else.
        "SCAN messages USING INDEX messages_unfinished",
        # Housekeeping looks hourly at the replies that wait, but for conversations in hand, and these
        # indexes hold nothing else.
        "SCAN lanes USING INDEX lanes_leased",
        "SCAN messages USING INDEX messages_waiting",
    }
    assert "SEARCH lanes USING INDEX lanes_due (ready_at<?)" in searched
    assert any("messages_waiting" in step for step in searched)
    assert any("messages_unfinished (conversation=?" in step for step in searched)
    assert any("lanes_leased" in step for step in searched)
    assert any("messages_signed (robot=? AND signed_at=?)" in step for step in searched)


def whole_look_up(connection: Connection) -> None:
    """Every statement that an administrator's looking up needs, on a database with some history."""
    link = HistoryLink(person=ZHANG, asked_by=ZHANG, expires_at=NOON)
    history_links.keep(connection, digest=bytes(32), link=link)
    history_links.find(connection, digest=bytes(32), now=0)
    history_links.revoke(connection, digest=bytes(32))
    history_links.revoke_all_of(connection, asked_by=ZHANG, now=0)
    (person,) = people.people_called(connection, name="zhang", limit=9)
    history.page(connection, person=person.key, matching="", number=2, size=1)
    history.page(connection, person=person.key, matching="一", number=1, size=1)
    history.page(connection, person=person.key, matching="no such word", number=1, size=1)
    first = records.following(connection, person=person.key, after=None, limit=1)[0]
    records.following(connection, person=person.key, after=(0, first.id), limit=1)


def test_no_statement_of_looking_up_looks_through_a_whole_table(engine: Engine) -> None:
    with write_transaction(engine) as connection:
        whole_life(connection)
    plans = Plans(engine)

    with write_transaction(engine) as connection:
        whole_look_up(connection)

    searched = [step for steps in plans.steps.values() for step in steps]
    scans = [step for step in searched if step.startswith("SCAN") and "CONSTANT" not in step]
    assert len(plans.steps) > 10
    # What was found already is gone through: the people of one name, the records with one text.
    assert set(scans) == {"SCAN anon_1", "SCAN (subquery-2)"}


def test_a_page_is_found_in_an_index_and_only_its_records_are_read(engine: Engine) -> None:
    with write_transaction(engine) as connection:
        whole_life(connection)
    plans = Plans(engine)

    with write_transaction(engine) as connection:
        history.page(connection, person=ZHANG, matching="", number=2, size=1)

    count, numbers, whole = plans.steps.values()
    theirs = "SEARCH exchanges USING COVERING INDEX exchanges_of_user (user_key=?)"
    assert count == numbers == [theirs]
    assert whole == [
        "SEARCH exchanges USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH messages USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
    ]
