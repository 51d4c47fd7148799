"""Two processes on one PostgreSQL: frozen, stopped and asked the same thing at the same time."""

import asyncio
import signal
from pathlib import Path

import pytest

from domain.inbox import LEASE
from tests.crash.ground import LONG, Ground, proving_ground, until
from tests.crash.load import TALKS, Talk
from tests.crash.records import Store

pytestmark = [pytest.mark.anyio, pytest.mark.crash, pytest.mark.timeout(3600 if LONG else 240)]

RACES = 10_000 if LONG else 60
LIMIT = 7
AT_ONCE = 5
"""People, each of whom asks twice the limit: more keep the client busier than the replicas."""


async def test_a_replica_frozen_past_its_lease_changes_nothing_when_it_wakes(
    tmp_path: Path, postgres_store: Store
) -> None:
    async with proving_ground(tmp_path, postgres_store, replicas=2) as ground:
        ground.outside.delay = 3
        sleeper, other = ground.services
        await sleeper.start()
        await sleeper.ready()
        ground.crowd.services = [sleeper.url]
        for talk in TALKS[:4]:
            await ground.crowd.ask(talk)
        await until(lambda: len(ground.outside.model.calls) == 4)
        sleeper.strike(signal.SIGSTOP)
        await ground.outside.mark()
        await other.start()
        await other.ready()
        # By the server's clock: the other one takes the work over when the leases have ended.
        await until(lambda: len(ground.outside.model.calls) == 8, within=LEASE.total_seconds() + 15)
        sleeper.strike(signal.SIGCONT)

        evidence = await ground.judged()
        assert evidence.figures()["delivered"] == 4
        await until(lambda: sleeper.log.read_text().count("lease_lost") == 4)


async def test_a_replica_that_is_stopped_hands_its_work_to_the_other(
    tmp_path: Path, postgres_store: Store
) -> None:
    async with proving_ground(tmp_path, postgres_store, replicas=2) as ground:
        ground.outside.delay = 8
        await ground.start()
        async with ground.crowd.speaking():
            await until(lambda: len(ground.outside.model.calls) >= 6)
            async with ground.outside.ending():
                ground.services[0].strike(signal.SIGTERM)
                assert await ground.services[0].gone(within=10) == 0
            ground.outside.delay = 0.05
            ground.crowd.services = [ground.services[1].url]

        await ground.judged()


async def test_two_replicas_together_never_admit_one_question_too_many_or_too_few(
    tmp_path: Path, postgres_store: Store
) -> None:
    async with proving_ground(tmp_path, postgres_store, limit=LIMIT, replicas=2) as ground:
        ground.outside.delay = 0
        await ground.start()
        people = -(-RACES // (2 * LIMIT))
        for first in range(0, people, AT_ONCE):
            crowd = range(first, min(first + AT_ONCE, people))
            await asyncio.gather(*(race(ground, f"user{number}") for number in crowd))

        await ground.judged(within=300)
        used = {row[0] for row in ground.records.rows("SELECT used FROM usage")}
        assert used == {LIMIT}
        assert len(ground.records.rows("SELECT used FROM usage")) == people


async def race(ground: Ground, user: str) -> None:
    """Twice as many questions as are allowed, at once, in as many rooms, each posted to both replicas."""
    rooms = [
        Talk(number=n, user=user, room=f"{user}-{n}", in_group=True, multi_turn=False)
        for n in range(2 * LIMIT)
    ]
    said = [ground.crowd.phrase(talk, ground.chance) for talk in rooms]
    await asyncio.gather(*(ground.crowd.deliver(one) for one in said for _ in ground.services))
