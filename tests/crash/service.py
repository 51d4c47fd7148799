"""The real process: started, struck and watched."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import create_server

import httpx

from tests.children import children_of
from tests.crash.records import Records

PROGRAM = Path(sys.executable).with_name("chatgpt-dingtalk")
READY_WITHIN = 30.0
SETPRIV = shutil.which("setpriv")
NO_ORPHANS = (SETPRIV, "--pdeathsig", "KILL") if SETPRIV else ()
"""The kernel ends the service when the tests are ended without time to clean up."""


@dataclass(slots=True, kw_only=True)
class Service:
    """`chatgpt-dingtalk serve` in a process group of its own."""

    config: Path
    port: int
    log: Path
    records: Records
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    async def start(self, *under: str) -> None:
        """Start it, perhaps `under` a tracer; it is not ready yet."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *NO_ORPHANS,
                *under,
                str(PROGRAM),
                "serve",
                "--config",
                str(self.config),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
                start_new_session=True,
            )

    async def ready(self, within: float = READY_WITHIN) -> None:
        deadline = time.monotonic() + within
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            while time.monotonic() < deadline:
                assert self.lives, f"it died at its start: {self.log.read_text()[-2000:]}"
                try:
                    if (await client.get(f"{self.url}readyz")).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(f"not ready within {within} s: {self.log.read_text()[-2000:]}")

    @asynccontextmanager
    async def traced(self, *tracer: str) -> AsyncIterator[None]:
        """With a tracer attached to the running process; it has taken hold when this is entered."""
        assert self.process is not None
        pid = str(self.process.pid)
        tracing = await asyncio.create_subprocess_exec(
            *tracer, "-p", pid, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(10):
                while "TracerPid:\t0\n" in Path(f"/proc/{pid}/status").read_text():  # noqa: ASYNC110 - the kernel rings no bell
                    await asyncio.sleep(0.02)
            await asyncio.sleep(0.2)
            yield
        finally:
            with suppress(ProcessLookupError):
                tracing.kill()
            await tracing.wait()

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.returncode is None

    @property
    def workers(self) -> set[int]:
        """The processes that it has started, where it has several."""
        assert self.process is not None
        return children_of(self.process.pid)

    def strike(self, number: signal.Signals) -> None:
        """Send a signal to the process (and its tracer)."""
        if self.process is not None and self.lives:
            os.killpg(self.process.pid, number)

    async def kill(self) -> None:
        """`kill -9`; returns when it is gone."""
        self.strike(signal.SIGKILL)
        await self.gone()

    async def gone(self, within: float = 30) -> int:
        """Its exit status, when it has ended."""
        assert self.process is not None
        return await asyncio.wait_for(self.process.wait(), within)

    async def drained(self, msg_ids: list[str], within: float) -> bool:
        """Whether every one of these messages is finished, or waits visibly.

        However much there is: patience ends when nothing more is finished for so many seconds.
        """
        wanted, least = set(msg_ids), len(msg_ids) + 1
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            left = len(wanted - self._finished())
            if not left:
                return True
            if left < least:
                least, deadline = left, time.monotonic() + within
            await asyncio.sleep(0.1 + left / 5_000)
        return False

    def _finished(self) -> set[str]:
        query = "SELECT msg_id FROM messages WHERE finished_at IS NOT NULL OR delivery = 'waiting'"
        return {str(row[0]) for row in self.records.rows(query)}


def free_port() -> int:
    with create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
