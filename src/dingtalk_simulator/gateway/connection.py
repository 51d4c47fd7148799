"""One websocket of a robot, and the frames on it."""

import asyncio
import json
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from time import time

import msgspec
from litestar.exceptions import WebSocketDisconnect, WebSocketException

from dingtalk_simulator.faults import cut
from dingtalk_simulator.gateway.options import (
    GatewayTimings,
    Logged,
    LoggedFrame,
    LoggedMiss,
    StreamFaults,
    TicketGrant,
)
from dingtalk_simulator.wire import UNREADABLE, Socket, decode

GOING_AWAY = 1001
ABNORMAL = 1006
"""No close frame. This code occurs in records only, never on the wire."""

INTERNAL_ERROR = 1011
MAX_PING_PAUSE = 0.5
"""Seconds after which a changed ping interval takes effect at the latest."""

CONNECTION_GONE = (WebSocketException, WebSocketDisconnect, RuntimeError, OSError)
"""Exceptions of Litestar and uvicorn for a closed connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFrame:
    message_id: str
    text: str


class _Headers(msgspec.Struct, frozen=True):
    message_id: str = msgspec.field(name="messageId", default="")


class Acknowledgement(msgspec.Struct, frozen=True):
    """A robot's answer to a frame; `data` is a string of JSON, or the object itself (a common bug)."""

    code: int
    headers: _Headers = _Headers()
    message: str = ""
    data: str | dict[str, object] = ""

    @property
    def text(self) -> str:
        """`data` as a string."""
        return self.data if isinstance(self.data, str) else msgspec.json.encode(self.data).decode()

    @property
    def response(self) -> object:
        """The `response` in `data`, such as changes of a card; None if there is none."""
        try:
            body = msgspec.json.decode(self.text or "null")
        except msgspec.DecodeError:
            return None
        return body.get("response") if isinstance(body, dict) else None


def read_acknowledgement(text: str) -> Acknowledgement | None:
    """The acknowledgement in a frame, or None."""
    try:
        return decode(text, Acknowledgement)
    except UNREADABLE:
        return None


def callback(
    topic: str, data: Mapping[str, object], *, client_id: str, connection_id: str
) -> SentFrame:
    """A frame of a subscribed topic. All headers are strings: some clients break on numbers."""
    return _frame("CALLBACK", topic, data, {"appId": client_id, "connectionId": connection_id})


def ping() -> SentFrame:
    return _frame("SYSTEM", "ping", {"opaque": uuid.uuid4().hex}, {})


def disconnect() -> str:
    """The frame that announces a disconnect; the only one without an id."""
    headers = {"topic": "disconnect", "contentType": "application/json", "time": _now()}
    return _text("SYSTEM", headers, {"reason": "connection is expired"})


def malformed_frames() -> tuple[str, ...]:
    """Malformed or unknown frames, which robots must ignore."""
    unknown = callback("/v1.0/unheard/of", {}, client_id="", connection_id="").text
    return ("not JSON", "[]", "{}", '{"type":"CALLBACK","headers":{"messageId":1}}', unknown)


def _frame(kind: str, topic: str, data: Mapping[str, object], more: Mapping[str, str]) -> SentFrame:
    message_id = uuid.uuid4().hex
    headers = {
        **more,
        "contentType": "application/json",
        "messageId": message_id,
        "time": _now(),
        "topic": topic,
    }
    return SentFrame(message_id=message_id, text=_text(kind, headers, data))


def _text(kind: str, headers: Mapping[str, str], data: Mapping[str, object]) -> str:
    frame = {
        "specVersion": "1.0",
        "type": kind,
        "headers": headers,
        "data": json.dumps(data, ensure_ascii=False),
    }
    return json.dumps(frame, ensure_ascii=False)


def _now() -> str:
    return str(int(time() * 1000))


class Connection:
    def __init__(
        self,
        socket: Socket,
        grant: TicketGrant,
        *,
        switches: Callable[[], StreamFaults],
        log: Callable[[Logged], None],
    ) -> None:
        self.id = uuid.uuid4().hex
        self.client_id = grant.client_id
        self.topics = grant.topics
        self.is_leaving = False
        self.is_cut = False
        self._socket = socket
        self._switches = switches
        self._log = log
        self._waiting: dict[str, asyncio.Future[Acknowledgement]] = {}

    async def read(self) -> int:
        """Read acknowledgements until the websocket closes; returns the close code."""
        try:
            while True:
                self._take(await self._socket.receive_text())
        except WebSocketDisconnect as gone:
            return gone.code

    def _take(self, text: str) -> None:
        acknowledgement, switches = read_acknowledgement(text), self._switches()
        message_id = acknowledgement.headers.message_id if acknowledgement else ""
        self._note(text, sent=False, message_id=message_id)
        if acknowledgement is None or switches.is_silent or switches.ignores_acknowledgements:
            return
        waiting = self._waiting.get(message_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(acknowledgement)

    async def ask(
        self, frame: SentFrame, *, patience: timedelta, times: int = 1, about: str = ""
    ) -> Acknowledgement | None:
        """Send a frame and wait for its acknowledgement; None after a timeout."""
        answer: asyncio.Future[Acknowledgement] = asyncio.get_running_loop().create_future()
        self._waiting[frame.message_id] = answer
        try:
            async with asyncio.timeout(patience.total_seconds()):
                for _ in range(times):
                    await self.send(frame.text, message_id=frame.message_id, about=about)
                return await answer
        except TimeoutError:
            self._log(LoggedMiss(message_id=frame.message_id))
            return None
        finally:
            del self._waiting[frame.message_id]

    async def send(self, text: str, *, message_id: str = "", about: str = "") -> None:
        """Send a frame, unless the connection is silent or closed."""
        if self._switches().is_silent:
            return
        self._note(text, sent=True, message_id=message_id, about=about)
        with suppress(*CONNECTION_GONE):
            await self._socket.send_text(text)

    async def keep_alive(self, timings: Callable[[], GatewayTimings]) -> None:
        """Ping until a disconnect is announced; a robot that does not answer is disconnected."""
        clock = asyncio.get_running_loop().time
        pinged = clock()
        while not self.is_leaving:
            every = timings().ping_every.total_seconds()
            left = pinged + every - clock() if every else MAX_PING_PAUSE
            if left > 0:
                await asyncio.sleep(min(left, MAX_PING_PAUSE))
                continue
            pinged = clock()
            answer = await self.ask(ping(), patience=timings().ping_patience)
            if answer is None and not self._switches().is_silent:
                await self.close(INTERNAL_ERROR)

    async def rotate(self, *, silence: timedelta) -> None:
        """Announce the disconnect, stop sending, and close after a while."""
        self.is_leaving = True
        await self.send(disconnect())
        await asyncio.sleep(silence.total_seconds())
        await self.close(GOING_AWAY)

    def cut(self) -> None:
        """Close the transport without a close frame, as a network failure does."""
        self.is_leaving = True
        self.is_cut = cut(self._socket.scope)

    async def close(self, code: int) -> None:
        self.is_leaving = True
        with suppress(*CONNECTION_GONE):
            await self._socket.close(code)

    def _note(self, text: str, *, sent: bool, message_id: str, about: str = "") -> None:
        self._log(
            LoggedFrame(
                client_id=self.client_id,
                connection_id=self.id,
                sent=sent,
                text=text,
                message_id=message_id,
                about=about,
            )
        )
