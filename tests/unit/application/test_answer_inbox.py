"""The worker: bounded, stoppable, and never stopped by what it works on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from application.errors import LeaseLost, StorageFailed
from application.inbox.answer_inbox import HEAD_START, STORAGE_PAUSE, AnswerInbox
from application.inbox.receive_message import ReceiveMessage
from application.ports import Acceptance, Arrival, Claim, Lease
from domain.inbox import LEASE, MAX_ATTEMPTS, Progress, State
from domain.message import ConversationKey
from tests.fakes.clock import ManualClock
from tests.fakes.house import claim_of
from tests.fakes.inbox import NotedOutcomes, PreparedInbox
from tests.strategies import NOON, message_saying

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(10)]


class PatientClock(ManualClock):
    """Sleeps only as long as it takes others to get on, and never while leases are waiting."""

    async def sleep(self, pause: timedelta) -> None:
        if pause == LEASE / 3:
            await asyncio.sleep(0.01)
        await super().sleep(pause)


def claims(count: int) -> list[Claim]:
    made = []
    for number in range(count):
        claim = claim_of(message_saying(str(number)))
        lease = Lease(conversation=ConversationKey(str(number)), epoch=1, message=number)
        made.append(
            type(claim)(
                **{name: getattr(claim, name) for name in claim.__slots__} | {"lease": lease}
            )
        )
    return made


@dataclass
class Work:
    inbox: PreparedInbox
    process: Callable[[Claim], Awaitable[None]]
    concurrency: int = 10
    outcomes: NotedOutcomes = field(default_factory=NotedOutcomes)
    clock: ManualClock = field(default_factory=PatientClock)

    def __post_init__(self) -> None:
        self.bell = asyncio.Event()
        self.worker = AnswerInbox(
            inbox=self.inbox,
            outcomes=self.outcomes,
            process=self.process,
            clock=self.clock,
            bell=self.bell,
            concurrency=self.concurrency,
            per_user=4,
        )

    @asynccontextmanager
    async def running(self, grace: timedelta = timedelta(seconds=1)) -> AsyncIterator[None]:
        task = asyncio.create_task(self.worker.run())
        try:
            yield
        finally:
            await self.worker.stop(grace=grace)
            await task


async def test_every_claim_is_worked_on_and_new_ones_after_the_bell() -> None:
    done: list[int] = []

    async def process(claim: Claim) -> None:
        done.append(claim.lease.message)

    work = Work(PreparedInbox(claims(3)), process)
    async with work.running():
        await work.inbox.exhausted.wait()
        work.inbox.exhausted.clear()
        work.inbox.claims = claims(5)[3:]
        work.bell.set()
        await work.inbox.exhausted.wait()
        await asyncio.sleep(0)

    assert sorted(done) == [0, 1, 2, 3, 4]


async def test_no_more_is_begun_than_may_run_at_once() -> None:
    running, most = 0, 0
    go_on = asyncio.Event()

    async def process(_claim: Claim) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await go_on.wait()
        running -= 1

    work = Work(PreparedInbox(claims(9)), process, concurrency=3)
    async with work.running():
        await asyncio.sleep(0.05)
        assert (running, len(work.inbox.claims)) == (3, 6)
        go_on.set()
        await work.inbox.exhausted.wait()

    assert most == 3
    assert max(work.inbox.capacities) == 3


async def test_work_that_is_not_done_in_time_is_handed_back_at_the_stop() -> None:
    async def never(_claim: Claim) -> None:
        await asyncio.Event().wait()

    work = Work(PreparedInbox(claims(2)), never)
    async with work.running(grace=timedelta(milliseconds=10)):
        await work.inbox.exhausted.wait()

    assert {lease.message for lease in work.inbox.handed_back} == {0, 1}


async def test_work_under_way_is_finished_within_the_grace() -> None:
    done = []

    async def slow(claim: Claim) -> None:
        await asyncio.sleep(0.05)
        done.append(claim.lease.message)

    work = Work(PreparedInbox(claims(2)), slow)
    async with work.running():
        await work.inbox.exhausted.wait()

    assert sorted(done) == [0, 1]
    assert work.inbox.handed_back == []


async def test_a_database_that_is_away_only_pauses_the_work() -> None:
    done = asyncio.Event()

    async def process(_claim: Claim) -> None:
        done.set()

    work = Work(PreparedInbox(claims(1), broken=2), process)
    async with work.running():
        await done.wait()

    assert work.clock.slept.count(STORAGE_PAUSE) == 2


async def test_a_message_that_could_not_be_stored_is_taken_up_again_later() -> None:
    async def fail(_claim: Claim) -> None:
        raise StorageFailed("away")

    work = Work(PreparedInbox(claims(1)), fail, clock=ManualClock())
    async with work.running():
        await work.inbox.exhausted.wait()
        await asyncio.sleep(0)

    assert work.outcomes.steps == ["postpone 0"]
    assert work.outcomes.until[0] >= NOON + STORAGE_PAUSE


async def test_a_lost_lease_is_left_to_its_new_owner() -> None:
    async def lose(_claim: Claim) -> None:
        raise LeaseLost("gone")

    work = Work(PreparedInbox(claims(1)), lose)
    async with work.running():
        await work.inbox.exhausted.wait()

    assert work.outcomes.steps == []
    assert work.inbox.handed_back == []


async def test_work_whose_lease_is_lost_is_stopped_and_left_to_its_new_owner(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stopped = asyncio.Event()

    async def wait(_claim: Claim) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    work = Work(PreparedInbox(claims(1)), wait)
    work.inbox.lost = {claim.lease for claim in work.inbox.claims}
    async with work.running():
        await stopped.wait()

    assert work.inbox.handed_back == []
    assert [record.msg for record in caplog.records] == ["lease_lost"]


async def test_work_that_falls_due_is_found_although_nobody_rings() -> None:
    done = asyncio.Event()

    async def process(_claim: Claim) -> None:
        done.set()

    work = Work(PreparedInbox(), process)
    async with work.running():
        await work.inbox.exhausted.wait()
        work.inbox.claims = claims(1)
        await done.wait()


async def test_an_empty_inbox_is_not_looked_through_again_and_again() -> None:
    async def process(_claim: Claim) -> None:
        """Nothing comes here."""

    work = Work(PreparedInbox(), process)
    async with work.running():
        await asyncio.sleep(0.3)

        assert len(work.inbox.capacities) == 1


@pytest.mark.parametrize("acceptance", Acceptance)
async def test_the_bell_rings_for_what_is_new_and_only_for_that(acceptance: Acceptance) -> None:
    class Doorstep:
        async def accept(self, arrival: Arrival) -> Acceptance:  # noqa: ARG002
            return acceptance

    bell = asyncio.Event()
    receive = ReceiveMessage(doorstep=Doorstep(), bell=bell)

    told = await receive(Arrival(message=message_saying("x"), signed_at=None))

    assert told is acceptance
    assert bell.is_set() == (acceptance is Acceptance.STORED)


async def test_what_is_being_claimed_when_the_worker_is_stopped_is_handed_back_too() -> None:
    claiming, go_on = asyncio.Event(), asyncio.Event()

    @dataclass
    class SlowInbox(PreparedInbox):
        async def claim(self, *, capacity: int, per_user: int) -> tuple[Claim, ...]:
            claiming.set()
            await go_on.wait()
            return await super().claim(capacity=capacity, per_user=per_user)

    async def never(_claim: Claim) -> None:
        await asyncio.Event().wait()

    work = Work(SlowInbox(claims(1)), never)
    running = asyncio.create_task(work.worker.run())
    await claiming.wait()
    stopping = asyncio.create_task(work.worker.stop(grace=timedelta(milliseconds=50)))
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(stopping, running)

    assert {lease.message for lease in work.inbox.handed_back} == {0}


def last_attempts(count: int) -> list[Claim]:
    return [replace(claim, progress=at_last_attempt()) for claim in claims(count)]


async def test_last_attempts_are_made_one_at_a_time() -> None:
    begun: list[int] = []
    go_on = asyncio.Event()

    async def process(claim: Claim) -> None:
        begun.append(claim.lease.message)
        await go_on.wait()

    work = Work(PreparedInbox([*last_attempts(3), *claims(5)[3:]]), process)
    async with work.running():
        await asyncio.sleep(0.05)
        assert begun == [0, 3, 4]
        assert {lease.message for lease in work.inbox.handed_back} == {1, 2}
        go_on.set()


async def test_others_are_put_off_before_a_last_attempt_begins() -> None:
    order: list[str] = []

    class Noting(PreparedInbox):
        async def hand_back(self, lease: Lease, *, until: datetime | None = None) -> None:
            await asyncio.sleep(0)
            order.append(f"put off {lease.message}")
            await super().hand_back(lease, until=until)

    async def process(claim: Claim) -> None:
        order.append(f"begin {claim.lease.message}")

    work = Work(Noting(last_attempts(3)), process)
    async with work.running():
        await work.inbox.exhausted.wait()

    assert order == ["put off 1", "put off 2", "begin 0"]


async def test_a_last_attempt_that_could_not_be_put_off_holds_up_no_other() -> None:
    done: list[int] = []

    class Stubborn(PreparedInbox):
        async def hand_back(self, lease: Lease, *, until: datetime | None = None) -> None:  # noqa: ARG002
            raise StorageFailed("away")

    async def process(claim: Claim) -> None:
        done.append(claim.lease.message)

    work = Work(Stubborn(last_attempts(2)), process)
    async with work.running():
        await work.inbox.exhausted.wait()
        work.inbox.claims = last_attempts(3)[2:]
        work.clock.pass_by(HEAD_START)
        work.bell.set()
        await asyncio.sleep(0.05)

    assert done == [0, 2]


async def test_a_mistake_of_the_program_is_seen_and_the_message_taken_up_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(_claim: Claim) -> None:
        raise RuntimeError("broken")

    work = Work(PreparedInbox(claims(1)), fail, clock=ManualClock())
    async with work.running():
        await work.inbox.exhausted.wait()

    assert work.outcomes.steps == ["postpone 0"]
    assert "message_broke_the_program" in [record.msg for record in caplog.records]


async def test_nothing_is_begun_beside_a_last_attempt_at_first() -> None:
    begun: list[int] = []

    async def process(claim: Claim) -> None:
        begun.append(claim.lease.message)
        await asyncio.Event().wait()

    last, other = claims(2)
    work = Work(PreparedInbox([replace(last, progress=at_last_attempt())]), process)
    work.clock = work.worker.clock = SleepyClock()
    async with work.running(grace=timedelta(milliseconds=10)):
        await asyncio.sleep(0.03)
        work.inbox.claims = [other]
        work.bell.set()
        await asyncio.sleep(0.03)
        assert begun == [0]
        work.clock.pass_by(HEAD_START)
        work.bell.set()
        await asyncio.sleep(0.03)

    assert begun == [0, 1]


async def test_leases_are_renewed_before_new_ones_are_taken_after_a_freeze() -> None:
    order: list[str] = []
    claimed = asyncio.Event()

    @dataclass
    class OrderlyInbox(PreparedInbox):
        async def claim(self, *, capacity: int, per_user: int) -> tuple[Claim, ...]:
            order.append("claim")
            claimed.set()
            return await super().claim(capacity=capacity, per_user=per_user)

        async def renew(self, leases: Collection[Lease]) -> frozenset[Lease]:
            order.append("renew")
            return await super().renew(leases)

    async def process(_claim: Claim) -> None: ...

    work = Work(OrderlyInbox(), process, clock=SleepyClock())
    async with work.running():
        await claimed.wait()
        claimed.clear()
        order.clear()
        work.clock.pass_by(LEASE)
        work.bell.set()
        await claimed.wait()

    assert order[:2] == ["renew", "claim"]


def at_last_attempt() -> Progress:
    return Progress(state=State.LEASED, attempts=MAX_ATTEMPTS)


class SleepyClock(ManualClock):
    """Whoever sleeps by it sleeps on."""

    async def sleep(self, pause: timedelta) -> None:  # noqa: ARG002
        await asyncio.Event().wait()
