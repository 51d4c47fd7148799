"""One websocket, from its handshake to its end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from adapters.dingtalk.stream.frames import (
    CALLBACK,
    DISCONNECT,
    LARGEST_DATA,
    NOT_HANDLED,
    SYSTEM,
    TOO_LARGE,
    BadFrame,
    Frame,
    Reply,
    acknowledgement,
    echo,
    read_frame,
)
from adapters.dingtalk.stream.timings import Timings
from application.rate_limited_logger import RateLimitedLogger

logger = logging.getLogger(__name__)

AT_ONCE = 256
"""So many frames are worked on at a time; the next one waits on the wire."""

ROTATED = "DingTalk rotates its connections"
SILENT = "nothing was heard for too long"
RENEWED = "the credentials were changed"

Handler = Callable[[Frame], Awaitable[Reply | None]]
"""Does what a frame asks for, and returns how to acknowledge it. None: not at all, it shall come again."""

Topics = Mapping[str, Handler]


class Link:
    """Reads frames and has them handled. It tells when it needs a successor, and goes on until it has one."""

    def __init__(
        self, socket: ClientConnection, topics: Topics, *, timings: Timings, client_id: str
    ) -> None:
        """Starts to read at once."""
        self._socket = socket
        self._topics = topics
        self._timings = timings
        self._client_id = client_id
        self._logger = RateLimitedLogger(logger)
        self._since = asyncio.get_running_loop().time()
        self._leaving: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._under_way: set[asyncio.Task[None]] = set()
        self.has_heard = False
        self._reading = asyncio.create_task(self._read())

    @property
    def up_for(self) -> timedelta:
        return timedelta(seconds=asyncio.get_running_loop().time() - self._since)

    async def left(self) -> str:
        """Wait until a successor is needed; returns why."""
        return await asyncio.shield(self._leaving)

    def leave(self, why: str) -> None:
        """Ask for a successor. The first reason stands."""
        if not self._leaving.done():
            self._leaving.set_result(why)

    async def retire(self) -> None:
        """Read on until the other end closes as it announced, but not for ever; then close."""
        if self._leaving.done() and self._leaving.result() == ROTATED:
            await asyncio.wait({self._reading}, timeout=self._timings.linger.total_seconds())
        await self.close()

    async def close(self) -> None:
        """Read no more, finish what is under way, and close."""
        self._reading.cancel()
        await asyncio.wait({self._reading})
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=self._timings.finishing.total_seconds())
        for task in self._under_way:
            task.cancel()
        await self._socket.close()

    async def _read(self) -> None:
        try:
            while True:
                raw = await self._next()
                self.has_heard = True
                await self._take(raw)
        except ConnectionClosed as error:
            last = error.rcvd or error.sent
            self.leave(f"the connection ended ({last.code if last else 'cut'})")
        except Exception:
            logger.exception("stream_reading_broke", extra={"client_id": self._client_id})
            self.leave("reading it broke the program")

    async def _next(self) -> bytes:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timings.silence.total_seconds()):
                return await self._socket.recv(decode=False)
        self.leave(SILENT)
        return await self._socket.recv(decode=False)

    async def _take(self, raw: bytes) -> None:
        """Answer the system at once, and begin the work on anything else."""
        try:
            frame = read_frame(raw, up_for=self.up_for)
        except BadFrame as error:
            self._logger.warning(
                "stream_frame_unreadable", client_id=self._client_id, fact=str(error), size=len(raw)
            )
            return
        handler = self._topics.get(frame.topic) if frame.kind == CALLBACK else None
        if frame.kind == SYSTEM and frame.topic == DISCONNECT:
            self.leave(ROTATED)
        elif frame.kind == SYSTEM:
            await self._acknowledge(frame, echo(frame))
        elif handler is None:
            await self._decline(frame, NOT_HANDLED)
        elif len(frame.data) > LARGEST_DATA:
            await self._decline(frame, TOO_LARGE)
        else:
            await self._room.acquire()
            self._begin(frame, handler)

    def _begin(self, frame: Frame, handler: Handler) -> None:
        task = asyncio.create_task(self._handle(frame, handler))
        self._under_way.add(task)
        task.add_done_callback(self._handled)

    def _handled(self, task: "asyncio.Task[None]") -> None:
        self._under_way.discard(task)
        self._room.release()

    async def _handle(self, frame: Frame, handler: Handler) -> None:
        try:
            reply = await handler(frame)
        except Exception:  # Unacknowledged it comes again, and the line serves the others.
            self._logger.exception("stream_frame_broke_the_program", topic=frame.topic)
            return
        if reply is not None:
            await self._acknowledge(frame, reply)

    async def _decline(self, frame: Frame, reply: Reply) -> None:
        self._logger.warning(
            "stream_frame_declined",
            client_id=self._client_id,
            topic=frame.topic,
            fact=reply.message,
        )
        await self._acknowledge(frame, reply)

    async def _acknowledge(self, frame: Frame, reply: Reply) -> None:
        if not frame.message_id:
            return
        try:
            async with asyncio.timeout(self._timings.sending.total_seconds()):
                await self._socket.send(acknowledgement(frame, reply))
        except (ConnectionClosed, TimeoutError):
            self._logger.info(
                "stream_acknowledgement_lost", client_id=self._client_id, topic=frame.topic
            )
