"""Whatever happens in whatever order, SQL and plain lists agree, and the invariants hold."""

from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, func, select, text

from adapters.sql.doorstep import store_all
from adapters.sql.inbox import SqlInbox
from adapters.sql.ledger import SqlLedger
from adapters.sql.outcomes import SqlOutcomes
from adapters.sql.statements.moments import millis
from adapters.sql.statements.parcel import Parcel
from adapters.sql.tables import UNFINISHED, charges, exchanges, lanes, messages, usage
from application.ports import Acceptance, Arrival, Claim, Lease, Outcome
from domain.command import Mode
from domain.conversation import Session
from domain.history import Exchange
from domain.inbox import LEASE, State
from domain.message import StaffId, UserKey
from tests.contracts.storage import PARTS, said
from tests.fakes.clock import ManualClock
from tests.fakes.in_memory_storage import InMemoryStorage
from tests.integration.sql.at_once import (
    AtOnce,
    Failed,
    Ground,
    PostgresGround,
    SqliteGround,
    Step,
    do,
    or_failed,
    result_of,
)
from tests.strategies import NOON

T = TypeVar("T")

LIMIT = 2
ZHANG = said("a")
DAYS = [date(2026, 3, 1), date(2026, 3, 2)]
EXCHANGE = Exchange(day=DAYS[0], sender=ZHANG.sender, room=ZHANG.room, question="问", answer="答")

# Few names: messages, people and header pairs must meet, or nothing is tested.
arrivals = st.builds(
    Arrival,
    message=st.builds(
        said,
        st.sampled_from("abcdefghijklmnopqrst"),
        by=st.sampled_from(["zhang", "zhang", "li"]),
        in_group=st.sampled_from(["", "cidA", "cidB"]),
    ),
    signed_at=st.sampled_from([None, 1]),
)
outcomes = st.builds(
    Outcome,
    state=st.sampled_from([State.REFUSED, State.ANSWERED, State.FAILED]),
    reason=st.just("because"),
    parts=st.sampled_from([(), PARTS, PARTS]),
    session=st.sampled_from([None, Session(mode=Mode.SINGLE_TURN, touched_at=NOON)]),
    exchange=st.sampled_from(
        [None, EXCHANGE, replace(EXCHANGE, provider="p", model="m", prompt_tokens=1)]
    ),
    aloud=st.booleans(),
)
choice = st.integers(0, 1_000)
choices = st.lists(choice, min_size=1, max_size=3)
SOME = settings(max_examples=25, stateful_step_count=30, deadline=None)


class StoragesAgree(RuleBasedStateMachine):
    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.ground = ground
        database = AtOnce(ground)
        # As if nobody else were there: it may take leases back by itself.
        self.inbox = SqlInbox(AtOnce(ground, is_shared=False), self.clock)
        self.outcomes = SqlOutcomes(database, self.clock)
        self.ledger = SqlLedger(database)
        self.memory = InMemoryStorage(self.clock)
        self.claims: list[Claim] = []
        self.decided: list[int] = []

    def agree(self, sql: Step[T], memory: Step[T]) -> T | Failed:
        (result,) = self.all_agree([sql], [memory])
        return result

    def all_agree(self, sql: list[Step[T]], memory: list[Step[T]]) -> list[T | Failed]:
        """What is under way together comes to what it would one after the other."""
        here = self.ground.all(list(map(or_failed, sql)))
        assert here == list(map(result_of, map(or_failed, memory)))
        return here

    def leases(self, choices: list[int]) -> list[Lease]:
        """Some of the last leases, of which some are lost."""
        recent = self.claims[-4:]
        return [recent[choice % len(recent)].lease for choice in choices]

    @rule(batch=st.lists(arrivals, min_size=1, max_size=4))
    def accept(self, batch: list[Arrival]) -> None:
        parcels = [Parcel.of(one) for one in batch]
        work = partial(store_all, parcels=parcels, now=millis(self.clock.now()))
        answers = do(self.ground, work)

        assert answers == [result_of(self.memory.accept(one)) for one in batch]
        assert Acceptance.STORED not in answers or self.inbox_is_due()

    def inbox_is_due(self) -> bool:
        query = select(func.sum(lanes.c.pending))
        return bool(do(self.ground, lambda connection: connection.scalar(query)))

    @rule(capacity=st.integers(1, 4), per_user=st.integers(1, 2))
    def claim(self, capacity: int, per_user: int) -> None:
        claims = self.agree(
            self.inbox.claim(capacity=capacity, per_user=per_user),
            self.memory.claim(capacity=capacity, per_user=per_user),
        )
        assert not isinstance(claims, Failed)
        self.claims += claims

    @precondition(lambda self: self.claims)
    @rule(choices=choices, day=st.sampled_from(DAYS), limit=st.sampled_from([LIMIT, LIMIT, 1]))
    def charge(self, choices: list[int], day: date, limit: int) -> None:
        users = {one.lease: one.message.sender.key for one in self.claims}
        leases = self.leases(choices)
        self.all_agree(
            [self.ledger.charge(one, users[one], day, limit=limit) for one in leases],
            [self.memory.charge(one, users[one], day, limit=limit) for one in leases],
        )

    @precondition(lambda self: self.claims)
    @rule(choices=choices, outcomes=st.lists(outcomes, min_size=3, max_size=3))
    def record(self, choices: list[int], outcomes: list[Outcome]) -> None:
        told = list(zip(self.leases(choices), outcomes, strict=False))
        results = self.all_agree(
            [self.outcomes.record(*one) for one in told], [self.memory.record(*one) for one in told]
        )
        for (lease, _), result in zip(told, results, strict=True):
            if not isinstance(result, Failed):
                assert lease.message not in self.decided
                self.decided.append(lease.message)

    @precondition(lambda self: self.claims)
    @rule(choices=choices, delivered=st.lists(st.booleans(), min_size=3, max_size=3))
    def settle(self, choices: list[int], delivered: list[bool]) -> None:
        told = list(zip(self.leases(choices), delivered, strict=False))
        self.all_agree(
            [self.outcomes.settle(one, one.message, delivered=good) for one, good in told],
            [self.memory.settle(one, one.message, delivered=good) for one, good in told],
        )

    @precondition(lambda self: any(one.waiting for one in self.claims[-4:]))
    @rule(parts=st.integers(0, 1), delivered=st.booleans())
    def deliver_what_waits(self, parts: int, delivered: bool) -> None:  # noqa: FBT001 - drawn by name
        claim = next(one for one in reversed(self.claims) if one.waiting)
        lease, message = claim.lease, claim.waiting[0].message
        self.agree(
            self.outcomes.note_sent(lease, message, parts=parts),
            self.memory.note_sent(lease, message, parts=parts),
        )
        if delivered:
            self.agree(
                self.outcomes.settle(lease, message, delivered=True),
                self.memory.settle(lease, message, delivered=True),
            )

    @precondition(lambda self: self.claims)
    @rule(choice=choice, seconds=st.integers(0, 60))
    def postpone(self, choice: int, seconds: int) -> None:
        (lease,), until = self.leases([choice]), self.clock.now() + timedelta(seconds=seconds)
        self.agree(
            self.outcomes.postpone(lease, until=until), self.memory.postpone(lease, until=until)
        )

    @precondition(lambda self: self.claims)
    @rule(choice=choice)
    def hand_back(self, choice: int) -> None:
        (lease,) = self.leases([choice])
        self.agree(self.inbox.hand_back(lease), self.memory.hand_back(lease))

    @precondition(lambda self: self.claims)
    @rule()
    def renew(self) -> None:
        leases = {one.lease for one in self.claims[-4:]}
        self.agree(self.inbox.renew(leases), self.memory.renew(leases))

    @rule()
    def recover(self) -> None:
        self.agree(self.inbox.recover(), self.memory.recover())

    @rule(seconds=st.sampled_from([1, 10, LEASE.total_seconds()]))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_by(timedelta(seconds=seconds))

    @invariant()
    def both_tell_the_same(self) -> None:
        self.agree(self.inbox.backlog(), self.memory.backlog())
        for name in ("zhang", "li"):
            user = UserKey(f"staff:{StaffId(name)}")
            for day in DAYS:
                used = self.agree(self.ledger.used(user, day), self.memory.used(user, day))
                assert isinstance(used, int)
                assert used <= LIMIT

    @invariant()
    def nothing_is_lost_and_nothing_is_counted_twice(self) -> None:
        do(self.ground, self.check)

    def check(self, connection: Connection) -> None:
        pending: dict[str, int] = dict(connection.execute(PENDING).all())
        unfinished: dict[str, int] = dict(connection.execute(OPEN).all())
        remembered = set(connection.scalars(select(exchanges.c.message)))
        assert pending == unfinished
        assert connection.execute(COUNTED).all() == connection.execute(CHARGED).all()
        assert connection.scalar(TEXTLESS) == 0
        assert remembered <= set(self.decided)


PENDING = select(lanes.c.conversation, lanes.c.pending).where(lanes.c.pending != 0)
OPEN = (
    select(messages.c.conversation, func.count())
    .where(UNFINISHED, messages.c.delivery != "waiting")
    .group_by(messages.c.conversation)
)
COUNTED = (
    select(usage.c.user_key, usage.c.day, usage.c.used)
    .where(usage.c.used != 0)
    .order_by(usage.c.user_key, usage.c.day)
)
CHARGED = (
    select(charges.c.user_key, charges.c.day, func.count())
    .where(charges.c.refunded_at.is_(None))
    .group_by(charges.c.user_key, charges.c.day)
    .order_by(charges.c.user_key, charges.c.day)
)
TEXTLESS = text(
    "SELECT count(*) FROM messages"
    " WHERE (finished_at IS NULL AND delivery <> 'waiting') <> (body IS NOT NULL)"
    " OR (finished_at IS NOT NULL AND reply IS NOT NULL)"
)


class OverSqlite(StoragesAgree):
    def __init__(self) -> None:
        super().__init__(SqliteGround())


def test_sqlite_and_plain_lists_agree() -> None:
    run_state_machine_as_test(OverSqlite, settings=SOME)


def test_postgres_and_plain_lists_agree(tables: str) -> None:
    with closing(PostgresGround(tables)) as ground:

        class OverPostgres(StoragesAgree):
            def __init__(self) -> None:
                super().__init__(ground.emptied())

        run_state_machine_as_test(OverPostgres, settings=SOME)
