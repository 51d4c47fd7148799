"""`kill -9` at every system call that changes a file or sends: migration, questions, recovery, shutdown."""

import asyncio
import json
import shutil
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.crash.forked import ForkedService
from tests.crash.ground import LONG, Ground, proving_ground, until
from tests.crash.load import TALKS, Said
from tests.crash.records import DATABASE, SqliteStore, Store
from tests.crash.tracing import SENDS, Moment, Watch, moments, summed_up, writing_to

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.crash,
    pytest.mark.timeout(4 * 3600 if LONG else 240),
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]

AT_ONCE = 3
MORE_AT_ONCE = 6
"""Of those that mostly wait."""

SHORT = 4
"""So many moments of each kind of life are chosen where there is no time for all."""

STARTS_WITHIN = 60.0


@dataclass(slots=True, kw_only=True)
class Tally:
    """What became of the moments."""

    began: float = field(default_factory=time.monotonic)
    struck: int = 0
    outlived: int = 0

    def count(self, status: int) -> None:
        assert status in {0, -signal.SIGKILL}, f"it ended with {status}"
        if status == 0:
            self.outlived += 1
        else:
            self.struck += 1

    def show(self, what: str, chosen: list[Moment]) -> None:
        facts = {
            "struck": self.struck,
            # A call or two more or less a run: what is stored together is a matter of time.
            "outlived": self.outlived,
            "seconds": round(time.monotonic() - self.began),
        }
        print(f"\n{what}:", json.dumps(facts))  # noqa: T201 - what `make crash` is for
        assert self.struck >= 0.7 * len(chosen)


async def test_a_kill_at_every_write_of_a_first_start(tmp_path: Path, sqlite: SqliteStore) -> None:
    """The first thread makes the lock and the file, changes the schema, and leaves the rest to others."""

    async def one(folder: Path, moment: Moment | None) -> int:
        async with proving_ground(folder, sqlite, kind=ForkedService) as ground:
            (folder / "data" / DATABASE).unlink()
            return await struck_once(ground, folder, moment, threads=False)

    await at_every_moment("a first start", tmp_path, one, threads=False)


async def test_a_kill_at_every_write_of_a_working_life(tmp_path: Path, sqlite: SqliteStore) -> None:
    """From the start over three questions to the end of the shutdown."""

    async def one(folder: Path, moment: Moment | None) -> int:
        async with proving_ground(folder, sqlite, kind=ForkedService) as ground:
            return await struck_once(ground, folder, moment, threads=True)

    await at_every_moment("a working life", tmp_path, one, threads=True)


async def test_a_kill_at_every_write_of_a_recovery(tmp_path: Path, sqlite: SqliteStore) -> None:
    """A process was killed while the model thought about three questions: so is the next one."""

    async def one(folder: Path, moment: Moment | None) -> int:
        async with proving_ground(folder, sqlite, kind=ForkedService) as ground:
            script = three_questions(ground)
            ground.outside.delay = 60
            await ground.start()
            await say(ground, script)
            await until(lambda: len(ground.outside.model.calls) == 3)
            await ground.kill()
            ground.outside.delay = 0.05
            return await struck_once(ground, folder, moment, threads=True, script=script)

    await at_every_moment("a recovery", tmp_path, one, threads=True)


async def test_a_kill_at_every_send_of_a_working_life_over_a_server(
    tmp_path: Path, postgres_store: Store
) -> None:
    """Between any two statements, and whatever else goes out. The next life waits for the leases to end."""

    async def one(folder: Path, moment: Moment | None) -> int:
        async with proving_ground(folder, postgres_store, kind=ForkedService) as ground:
            return await struck_once(ground, folder, moment, threads=True, watch=SENDS)

    await at_every_moment("over a server", tmp_path, one, threads=True, at_once=MORE_AT_ONCE)


async def at_every_moment(
    what: str,
    folder: Path,
    one: Callable[[Path, Moment | None], Awaitable[int]],
    *,
    threads: bool,
    at_once: int = AT_ONCE,
) -> None:
    """Count the calls of one life, then strike a life of its own at each of them."""
    first = folder / "counted"
    first.mkdir()
    assert await one(first, None) == 0
    chosen = moments(first / "calls", threads=threads)
    print(f"\n{what}, {len(chosen)} moments:", json.dumps(summed_up(chosen)))  # noqa: T201 - what `make crash` is for
    if not LONG:
        chosen = chosen[:: len(chosen) // SHORT + 1]
    tally, turn = Tally(), asyncio.Semaphore(at_once)

    async def strike(number: int, moment: Moment) -> None:
        async with turn:
            place = folder / str(number)
            place.mkdir()
            try:
                tally.count(await one(place, moment))
            except AssertionError as error:
                error.add_note(f"killed at {moment} of {what}")
                raise
            shutil.rmtree(place)

    async with asyncio.TaskGroup() as all_of_them:
        for number, moment in enumerate(chosen):
            all_of_them.create_task(strike(number, moment))
    tally.show(what, chosen)


async def struck_once(  # noqa: PLR0913 - the kinds of life differ in as much
    ground: Ground,
    folder: Path,
    moment: Moment | None,
    *,
    threads: bool,
    script: Sequence[Said] | None = None,
    watch: Watch | None = None,
) -> int:
    """A life that is struck, or written down without a moment; one that is not; then the verdict."""
    script = three_questions(ground) if script is None else script
    watch = watch or writing_to(folder / "data")
    tracer = (
        watch.counting(folder / "calls")
        if moment is None
        else watch.striking(moment, threads=threads)
    )
    status = await a_life(ground, script, *tracer)
    await ground.outside.mark()
    assert await a_life(ground, script) == 0
    evidence = ground.evidence()
    assert evidence.violations() + ground.overdrawn == []
    assert {evidence.stored[said.msg_id].state for said in script if said.is_question} == {
        "delivered"
    }
    return status


async def a_life(ground: Ground, script: Sequence[Said], *tracer: str) -> int:
    """Start it, say everything, wait for the answers, stop it: as far as it comes. Its exit status."""
    await ground.service.start(*tracer)
    working = asyncio.create_task(work(ground, script))
    ended = asyncio.create_task(ground.service.gone(within=3 * STARTS_WITHIN))
    await asyncio.wait({working, ended}, return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        working.result()
        ground.service.strike(signal.SIGTERM)
    else:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
    return await ended


async def work(ground: Ground, script: Sequence[Said]) -> None:
    await up(ground)
    await say(ground, script)
    assert await ground.service.drained([said.msg_id for said in script], STARTS_WITHIN)


async def up(ground: Ground) -> None:
    """Until it is ready; whether it lives is another's business."""
    async with (
        asyncio.timeout(STARTS_WITHIN),
        httpx.AsyncClient(trust_env=False, timeout=5) as client,
    ):
        while True:
            with suppress(httpx.HTTPError):
                if (await client.get(f"{ground.service.url}readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.05)


def three_questions(ground: Ground) -> list[Said]:
    """One of them in a conversation that goes on: 串聊 is said before."""
    chain, *others = (TALKS[7], TALKS[5], TALKS[8])
    opening = ground.crowd.phrase(chain, ground.chance, "串聊")
    return [opening, *(ground.crowd.phrase(talk, ground.chance) for talk in (chain, *others))]


async def say(ground: Ground, script: Sequence[Said]) -> None:
    """What was not acknowledged yet, one after the other, as DingTalk does: until it is."""
    for said in script:
        while not said.acknowledged and await ground.crowd.deliver(said) != 200:  # noqa: ASYNC110 - the service rings no bell
            await asyncio.sleep(0.1)
