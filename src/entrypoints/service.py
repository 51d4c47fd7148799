"""The running service: web server, worker and watchers, and how they end."""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from socket import socket

from adapters.sql.database import Database
from application.inbox.answer_inbox import AnswerInbox
from application.ports import Inbox
from entrypoints.chores import Chores
from entrypoints.live import LiveConfiguration
from entrypoints.model_check import ModelCheck
from entrypoints.readiness import Readiness
from entrypoints.streaming.streams import Streams
from entrypoints.web.server import WebServer

logger = logging.getLogger(__name__)

GRACE = timedelta(seconds=4)
"""What answers under way have when the service stops; with the rest it stays below Docker's 10 s."""

STOPPED_AT_ONCE = 1


@dataclass(slots=True, kw_only=True)
class Service:
    """Everything that runs at the same time, as one thing that starts and stops."""

    server: WebServer
    listening: socket
    worker: AnswerInbox
    inbox: Inbox
    live: LiveConfiguration
    readiness: Readiness
    chores: Chores
    model_check: ModelCheck
    streams: Streams | None
    """DingTalk's connections in stream mode; None where it posts callbacks."""
    database: Database
    bell: asyncio.Event
    """Wakes the worker: other processes may have stored messages that they have no hand free for."""

    _running: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then end in order. Raises what broke the worker, if anything did."""
        self._listen_to_signals()
        freed = await self.inbox.recover()
        logger.info("service_started", extra={"leases_freed": freed})
        working = self._begin(self.worker.run())
        serving = self._begin(self.server.serve(sockets=[self.listening]))
        for chore in (self.live.watch, self.chores.clear_away, self.model_check.run):
            self._begin(chore())
        self._begin(self.database.hear_of_arrivals(self.bell.set))
        if self.streams is not None:
            self._begin(self.streams.run())
        tune_garbage_collection()
        try:
            done, _ = await asyncio.wait({working, serving}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await self._end(serving)

    async def _end(self, serving: "asyncio.Task[None]") -> None:
        self.readiness.stopping = True
        self.server.stop()
        if self.streams is not None:
            await self.streams.stop()
        await asyncio.gather(serving, self.worker.stop(grace=GRACE), return_exceptions=True)
        left = tuple(self._running)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        logger.info("service_stopped")

    def _begin(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("task_died", exc_info=error)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._begin(self.live.reload()))

    def _asked_to_stop(self) -> None:
        if self.readiness.stopping:
            os._exit(STOPPED_AT_ONCE)
        self.readiness.stopping = True
        logger.info("service_stopping")
        if self.streams is not None:
            self._begin(self.streams.stop())
        self.server.stop()


def tune_garbage_collection() -> None:
    """What lives as long as the process need not be looked at again; it halves the slowest answers."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
