"""One websocket of a robot, as the gateway sees it."""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from litestar import WebSocket
from litestar.datastructures import State
from litestar.exceptions import WebSocketDisconnect, WebSocketException

from entrypoints.simulator.gateway.frames import (
    Acknowledgement,
    LoggedFrame,
    SentFrame,
    disconnect,
    ping,
    read_acknowledgement,
)
from entrypoints.simulator.gateway.switches import Customs, Switches
from entrypoints.simulator.gateway.tickets import Grant

GOING_AWAY = 1001
BROKEN = 1011

GONE = (WebSocketException, WebSocketDisconnect, RuntimeError, OSError)
"""How litestar and the server below it say that nobody listens any more."""

Socket = WebSocket[None, None, State]


class Line:
    def __init__(
        self,
        socket: Socket,
        grant: Grant,
        *,
        switches: Callable[[], Switches],
        log: Callable[[LoggedFrame], None],
    ) -> None:
        self.id = uuid.uuid4().hex
        self.client_id = grant.client_id
        self.topics = grant.topics
        self.is_leaving = False
        self._socket = socket
        self._switches = switches
        self._log = log
        self._waiting: dict[str, asyncio.Future[Acknowledgement]] = {}

    async def read(self) -> None:
        """Take acknowledgements until the other end closes."""
        with suppress(WebSocketDisconnect):
            while True:
                text = await self._socket.receive_text()
                self._log(self._logged(text, sent=False))
                switches = self._switches()
                if not (switches.is_silent or switches.ignores_acknowledgements):
                    self._take(read_acknowledgement(text))

    def _take(self, acknowledgement: Acknowledgement | None) -> None:
        if acknowledgement is None:
            return
        waiting = self._waiting.get(acknowledgement.headers.message_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(acknowledgement)

    async def ask(
        self, frame: SentFrame, *, patience: timedelta, times: int = 1
    ) -> Acknowledgement | None:
        """Send a frame and wait for its acknowledgement; None if there is none in time."""
        answer: asyncio.Future[Acknowledgement] = asyncio.get_running_loop().create_future()
        self._waiting[frame.message_id] = answer
        try:
            async with asyncio.timeout(patience.total_seconds()):
                for _ in range(times):
                    await self.say(frame.text)
                return await answer
        except TimeoutError:
            return None
        finally:
            del self._waiting[frame.message_id]

    async def say(self, text: str) -> None:
        """Send a frame, unless this is a zombie or the other end is gone."""
        if self._switches().is_silent:
            return
        self._log(self._logged(text, sent=True))
        with suppress(*GONE):
            await self._socket.send_text(text)

    async def keep_alive(self, customs: Customs) -> None:
        """Ping until the end is announced; a robot that does not answer is dropped."""
        while True:
            await asyncio.sleep(customs.ping_every.total_seconds())
            if self.is_leaving:
                return
            question = ping()
            answer = await self.ask(question, patience=customs.ping_patience)
            if answer is None and not self._switches().is_silent:
                await self.close(BROKEN)

    async def rotate(self, customs: Customs) -> None:
        """Announce the end, say nothing more, and close after a while."""
        self.is_leaving = True
        await self.say(disconnect())
        await asyncio.sleep(customs.close_after.total_seconds())
        await self.close(GOING_AWAY)

    async def close(self, code: int) -> None:
        self.is_leaving = True
        with suppress(*GONE):
            await self._socket.close(code)

    def _logged(self, text: str, *, sent: bool) -> LoggedFrame:
        return LoggedFrame(client_id=self.client_id, connection_id=self.id, sent=sent, text=text)
