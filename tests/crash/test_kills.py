"""`kill -9` at any moment: what was acknowledged is answered, once, and charged once."""

import asyncio
import shutil
import signal
from pathlib import Path

import pytest

from tests.crash.ground import KILLS, LONG, Ground, only_long, proving_ground, until
from tests.crash.load import TALKS
from tests.crash.outside import SESSION
from tests.crash.records import SqliteStore, Store

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.crash,
    pytest.mark.timeout(1800 + 10 * KILLS if LONG else 240),
]

RANDOM_KILLS = KILLS or 2


async def test_kills_under_load_lose_nothing(tmp_path: Path, sqlite: SqliteStore) -> None:
    async with proving_ground(tmp_path, sqlite, limit=10 * RANDOM_KILLS) as ground:
        await strike_at_random(ground)


@pytest.mark.parametrize("replicas", [pytest.param(1, marks=only_long), 2])
async def test_kills_under_load_lose_nothing_on_a_server(
    tmp_path: Path, postgres_store: Store, replicas: int
) -> None:
    limit = 10 * RANDOM_KILLS
    async with proving_ground(tmp_path, postgres_store, limit=limit, replicas=replicas) as ground:
        await strike_at_random(ground)


async def test_kills_of_workers_lose_nothing(tmp_path: Path, postgres_store: Store) -> None:
    """Two processes behind one port: the one that is left takes all in, until another is there."""
    limit = 10 * RANDOM_KILLS
    async with proving_ground(tmp_path, postgres_store, limit=limit, workers=2) as ground:
        await ground.start()
        async with ground.crowd.speaking():
            for _ in range(RANDOM_KILLS):
                await asyncio.sleep(ground.chance.uniform(0.2, 3 if LONG else 1))
                await ground.kill_worker()

        await ground.judged()
        assert ground.audits > RANDOM_KILLS


async def strike_at_random(ground: Ground) -> None:
    """Kill one process after the other, whichever comes, while people talk; then judge."""
    await ground.start()
    async with ground.crowd.speaking():
        for _ in range(RANDOM_KILLS):
            await asyncio.sleep(ground.chance.uniform(0.2, 3 if LONG else 1))
            struck = ground.chance.choice(ground.services)
            await ground.kill(struck)
            await struck.start()
            if ground.chance.random() < 0.8:
                await struck.ready()

    await ground.start()
    await ground.judged()
    assert ground.audits > RANDOM_KILLS


@only_long
async def test_kills_during_recovery_only_delay_the_work(
    tmp_path: Path, sqlite: SqliteStore
) -> None:
    async with proving_ground(tmp_path, sqlite) as ground:
        ground.outside.delay = 30
        await ground.start()
        for talk in TALKS:
            await ground.crowd.ask(talk)
        await until(lambda: len(ground.outside.model.calls) > 3)
        ground.outside.delay = 0

        for _ in range(min(KILLS, 20)):
            await ground.kill()
            await ground.service.start()
            await asyncio.sleep(ground.chance.uniform(0.2, 1.2))

        await ground.service.ready()
        await ground.judged()


async def test_a_kill_while_answers_and_webhooks_wait(tmp_path: Path, sqlite: SqliteStore) -> None:
    async with proving_ground(tmp_path, sqlite) as ground:
        ground.outside.dingtalk.fail(SESSION, "hang", times=2, handled=True)
        await ground.start()
        for talk in TALKS[:2]:
            await ground.crowd.ask(talk)
        await until(lambda: ground.outside.arrived() == 2)
        ground.outside.delay = 60
        for talk in TALKS[5:7]:
            await ground.crowd.ask(talk)
        await until(lambda: len(ground.outside.model.calls) == 4)
        await ground.kill()

        ground.outside.delay = 0
        await ground.start()
        await ground.judged()

        # Answers that were stored are sent again, those that were not are asked for again.
        asked = ground.outside.asked()
        assert sorted(asked.count(one.nonce) for one in ground.crowd.history) == [1, 1, 2, 2]


CALLS = ("fdatasync", "pwrite64")
MOMENTS = (1, 2, 3, 5, 8, 13, 21, 34)
traced = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def striking(call: str, moment: int) -> tuple[str, ...]:
    """A tracer that kills the service as it enters a system call for the n-th time in one thread."""
    # Without --seccomp-bpf: what is injected there does not arrive (strace 6.1).
    inject = f"inject={call}:signal=SIGKILL:when={moment}"
    return ("strace", "-f", "-qqq", "-o", "/dev/null", "-e", inject, "-e", f"trace={call}")


@only_long
@traced
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_kill_inside_a_write_loses_nothing(
    tmp_path: Path, sqlite: SqliteStore, call: str, moment: int
) -> None:
    async with proving_ground(tmp_path, sqlite) as ground:
        await ground.start()
        async with ground.service.traced(*striking(call, moment)), ground.crowd.speaking():
            assert await ground.service.gone() == -signal.SIGKILL
            await ground.outside.mark()
            await ground.start()

        await ground.judged()


@only_long
async def test_a_message_that_kills_is_given_up_and_harms_nobody_else(
    tmp_path: Path, sqlite: SqliteStore
) -> None:
    async with proving_ground(tmp_path, sqlite) as ground:
        ground.outside.delay = 0.3
        poison = ""

        def overheard(nonce: str) -> None:
            if nonce == poison:
                ground.service.strike(signal.SIGKILL)

        ground.outside.overheard = overheard
        await ground.start()
        said = ground.crowd.phrase(TALKS[5], ground.chance)
        poison = said.nonce
        crowd = (ground.crowd.ask(talk) for talk in (*TALKS[:3], *TALKS[7:]))
        await asyncio.gather(ground.crowd.deliver(said), *crowd)

        assert await deaths(ground) == 5
        evidence = await ground.judged()
        row = evidence.stored[said.msg_id]
        assert (row.state, row.reason, row.charged, row.refunded) == (
            "failed", "given_up", True, True,
        )  # fmt: skip
        assert evidence.figures()["given up"] == 1
        assert [one.nonce for one in ground.outside.replies()].count(poison) == 1


async def deaths(ground: Ground) -> int:
    """Restart it each time it dies, until it lives on."""
    for count in range(20):
        try:
            await ground.service.gone(within=10)
        except TimeoutError:
            return count
        await ground.outside.mark()
        await ground.service.start()
    raise AssertionError("it never stops dying")
