"""The real service without the second that its imports take: forked from a process that has them all."""

import asyncio
import ctypes
import multiprocessing
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.crash.service import Service

FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.crash.nursery"])
PR_SET_PDEATHSIG = 1


@dataclass(slots=True, kw_only=True)
class ForkedService(Service):
    """`chatgpt-dingtalk serve`, from its command line on; a tracer sees everything it does from there."""

    forked: ForkServerProcess | None = None

    async def start(self, *under: str) -> None:
        """Under a tracer it begins when that has taken hold."""
        child = FORKING.Process(target=serve, args=(self.config, self.log, bool(under)))
        child.start()
        self.forked = child
        if under:
            await self._hold(str(child.pid), *under)

    async def _hold(self, pid: str, *tracer: str) -> None:
        state = Path(f"/proc/{pid}/status")
        await _seen(state, "State:\tT")
        await asyncio.create_subprocess_exec(*tracer, "-p", pid)
        await _seen(state, "TracerPid:\t0\n", is_there=False)
        os.kill(int(pid), signal.SIGCONT)

    @property
    def lives(self) -> bool:
        return self.forked is not None and self.forked.exitcode is None

    def strike(self, number: signal.Signals) -> None:
        if self.forked is not None and self.forked.pid is not None and self.lives:
            os.kill(self.forked.pid, number)

    async def gone(self, within: float = 30) -> int:
        assert self.forked is not None
        async with asyncio.timeout(within):
            while self.forked.exitcode is None:  # noqa: ASYNC110 - it is no child of this process
                await asyncio.sleep(0.02)
        return self.forked.exitcode


def serve(config: Path, log: Path, waits: bool) -> None:  # noqa: FBT001 - called by the library
    """What the new process does."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    with log.open("ab") as told:
        os.dup2(told.fileno(), 1)
        os.dup2(told.fileno(), 2)
    os.environ.clear()
    os.environ.update(PATH="/usr/bin:/bin", LANG="C.UTF-8")
    if waits:
        os.kill(os.getpid(), signal.SIGSTOP)
    from entrypoints.cli import main  # noqa: PLC0415 - not where the tests are collected

    sys.argv = ["chatgpt-dingtalk", "serve", "--config", str(config)]
    main()


async def _seen(state: Path, line: str, *, is_there: bool = True, within: float = 10) -> None:
    async with asyncio.timeout(within):
        while True:
            with suppress(FileNotFoundError):
                if (line in state.read_text()) is is_there:
                    return
            await asyncio.sleep(0.01)
