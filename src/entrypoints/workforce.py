"""Several processes of the service on one machine: started, started again, and stopped together."""

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from types import FrameType

logger = logging.getLogger(__name__)

PAUSE = timedelta(seconds=1)
"""Before a process that died is replaced: one that dies at its start must not keep the machine busy."""

STOPPING_LIMIT = timedelta(seconds=9)
"""A process that has not ended by then is killed: together they end within Docker's ten seconds."""

DIED = 1


@dataclass(slots=True, kw_only=True)
class Workforce:
    """`size` processes that do `work`, each forked from this one, which itself does nothing but watch.

    A process ends when the one that started it is gone, however that went.
    """

    size: int
    work: Callable[[int], None]
    """Given the descriptor from which `end_with_the_workforce` learns that everybody else is gone."""
    _workers: set[int] = field(default_factory=set, init=False)
    _stopping: bool = field(default=False, init=False)

    def run(self) -> None:
        """Until SIGTERM or SIGINT; SIGHUP is passed on. A second SIGTERM ends everything at once."""
        # The other end is held by this process alone, and closed by its death.
        lifeline, held = os.pipe()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        while True:
            while not self._stopping and len(self._workers) < self.size:
                self._start(lifeline, held)
            if not self._workers:
                return
            self._wait_for_one()

    @property
    def _handlers(self) -> dict[signal.Signals, Callable[[int, FrameType | None], None]]:
        return {
            signal.SIGTERM: self._stop,
            signal.SIGINT: self._stop,
            signal.SIGHUP: self._pass_on,
        }

    def _start(self, lifeline: int, held: int) -> None:
        # A signal must find either no new process or one that is known here.
        signal.pthread_sigmask(signal.SIG_BLOCK, self._handlers)
        try:
            if self._stopping:
                return
            pid = os.fork()
            if not pid:
                os.close(held)
                self._live(lifeline)
            self._workers.add(pid)
            logger.info("process_started", extra={"worker": pid})
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, self._handlers)

    def _live(self, lifeline: int) -> None:
        """What a new process does; it never returns."""
        status = DIED
        try:
            for number in self._handlers:
                signal.signal(number, signal.SIG_DFL)
            # A reload while it starts must not end it.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, self._handlers)
            self.work(lifeline)
            status = 0
        except BaseException:
            logger.exception("process_broke")
        finally:
            os._exit(status)

    def _wait_for_one(self) -> None:
        try:
            pid, status = os.wait()
        except ChildProcessError:
            self._workers.clear()
            return
        self._workers.discard(pid)
        code = os.waitstatus_to_exitcode(status)
        facts = {"worker": pid, "status": code}
        if self._stopping:
            logger.info("process_ended", extra=facts)
        else:
            logger.error("process_died", extra=facts)
            time.sleep(PAUSE.total_seconds())

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._signal(signal.SIGKILL if self._stopping else signal.SIGTERM)
        if not self._stopping:
            self._stopping = True
            signal.signal(signal.SIGALRM, lambda *_: self._signal(signal.SIGKILL))
            signal.setitimer(signal.ITIMER_REAL, STOPPING_LIMIT.total_seconds())

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        self._signal(signal.Signals(number))

    def _signal(self, number: signal.Signals) -> None:
        for pid in tuple(self._workers):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def end_with_the_workforce(lifeline: int) -> None:
    """In a running event loop: stop as by SIGTERM when the process that started this one is gone."""
    loop = asyncio.get_running_loop()

    def orphaned() -> None:
        loop.remove_reader(lifeline)
        logger.error("workforce_gone")
        os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(lifeline, orphaned)
