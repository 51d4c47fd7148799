"""The stream gateway connected to the state: credentials, switches, and the log of calls."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from time import perf_counter
from uuid import uuid4

import msgspec
from litestar.types import ControllerRouterHandler

from dingtalk_simulator.callback_sender import PushContext, PushResult
from dingtalk_simulator.endpoints.tokens import accepts
from dingtalk_simulator.gateway.gateway import Gateway
from dingtalk_simulator.gateway.options import (
    GatewayTimings,
    Logged,
    LoggedConnection,
    LoggedFrame,
    LoggedMiss,
    LoggedOpening,
    Opening,
    StreamFaults,
)
from dingtalk_simulator.gateway.routes import CONNECT, OPEN
from dingtalk_simulator.records import MAX_BODY, Call, Direction
from dingtalk_simulator.state import State
from dingtalk_simulator.stores import BoundedDict
from dingtalk_simulator.wire import UNREADABLE, decode

MAX_OPEN_FRAMES = 1000
"""Frames whose acknowledgement is still expected, even after the timeout."""

REDACTED = "***"
SYSTEM_TOPICS = {"ping": "streamPing", "disconnect": "streamDisconnect"}
MALFORMED_FRAME = "streamGarbage"
UNSOLICITED = "streamUnasked"


class _Wire(msgspec.Struct, frozen=True):
    """The recorded fields of a frame of either side."""

    headers: dict[str, object] = {}
    code: int | None = None
    message: str = ""


class StreamRecords:
    """Records the log entries of a gateway as calls, and adds acknowledgements to recorded calls."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._pushes: dict[str, tuple[PushContext, list[Call]]] = {}
        self._open: BoundedDict[str, list[tuple[Call, float]]] = BoundedDict(MAX_OPEN_FRAMES)

    @contextmanager
    def of_push(self, name: str, about: PushContext) -> Iterator[list[Call]]:
        """The list that receives the calls of the push of that name."""
        self._pushes[name] = (about, [])
        try:
            yield self._pushes[name][1]
        finally:
            del self._pushes[name]

    def note(self, logged: Logged) -> None:
        match logged:
            case LoggedFrame(sent=True):
                self._sent(logged)
            case LoggedFrame():
                self._received(logged)
            case LoggedMiss():
                for call, sent_at in self._open.get(logged.message_id) or ():
                    call.latency_ms = round((perf_counter() - sent_at) * 1000, 3)
                    call.error = "timed_out"
                    self._state.emit_answer(call)
            case LoggedOpening():
                self._ticket_requested(logged)
            case LoggedConnection():
                self._connection_changed(logged)

    def _sent(self, frame: LoggedFrame) -> None:
        about, calls = self._pushes.get(frame.about, (None, []))
        wire = _read(frame.text)
        topic = str(wire.headers.get("topic", ""))
        call = self._call(frame, SYSTEM_TOPICS.get(topic, MALFORMED_FRAME), topic)
        call.direction = Direction.TO_ROBOT
        if about is not None:
            call.endpoint, call.billed = about.endpoint, about.billed
            call.room, call.message, call.robot = about.room, about.message, about.robot
        calls.append(self._state.record(call))
        if frame.message_id:
            waiting = self._open.get(frame.message_id) or []
            self._open.put(frame.message_id, [*waiting, (call, perf_counter())])

    def _received(self, frame: LoggedFrame) -> None:
        """Assign it to the first frame of its id without an answer, even if it is late."""
        waiting = self._open.get(frame.message_id) if frame.message_id else None
        if not waiting:
            self._state.record(self._call(frame, UNSOLICITED, ""))
            return
        (call, sent_at), *others = waiting
        if others:
            self._open.put(frame.message_id, others)
        else:
            self._open.pop(frame.message_id)
        wire = _read(frame.text)
        call.latency_ms = round((perf_counter() - sent_at) * 1000, 3)
        call.status, call.answer_headers = wire.code, _texts(wire.headers)
        call.answer_body = self._kept_text(frame.text)
        self._state.emit_answer(call)

    def _ticket_requested(self, opening: LoggedOpening) -> None:
        answer = _object(opening.answer)
        self._state.record(
            Call(
                endpoint="gatewayOpen",
                at=self._state.now(),
                path=OPEN,
                request_headers=opening.headers,
                request_body=self._kept_text(_redacted(opening.request, "clientSecret")),
                request_size=len(opening.request),
                status=opening.status,
                answer_body=self._kept_text(_redacted(opening.answer, "ticket")),
                code=str(answer.get("code", "")),
                robot=self._robot(opening.client_id),
                latency_ms=opening.latency_ms,
            )
        )

    def _connection_changed(self, connection: LoggedConnection) -> None:
        is_end = connection.code is not None
        self._state.record(
            Call(
                endpoint="streamEnd" if is_end else "streamConnect",
                at=self._state.now(),
                method="GET",
                path=CONNECT,
                query={"ticket": REDACTED},
                status=None if is_end else connection.status,
                code=str(connection.code) if is_end else "",
                robot=self._robot(connection.client_id),
                connection=connection.connection_id,
            )
        )
        self._state.emit_change()

    def _call(self, frame: LoggedFrame, endpoint: str, topic: str) -> Call:
        return Call(
            endpoint=endpoint,
            at=self._state.now(),
            method="PUSH",
            path=topic,
            request_headers=_texts(_read(frame.text).headers),
            request_body=self._kept_text(frame.text),
            request_size=len(frame.text.encode("utf-8", "replace")),
            robot=self._robot(frame.client_id),
            connection=frame.connection_id,
        )

    def _robot(self, client_id: str) -> str | None:
        robot = self._state.robot_of_client(client_id)
        return robot.id if robot else None

    def _kept_text(self, text: str) -> str:
        return self._state.without_secrets(text)[:MAX_BODY]


def _read(text: str) -> _Wire:
    try:
        return decode(text, _Wire)
    except UNREADABLE:
        return _Wire()


def _texts(headers: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in headers.items()}


def _object(body: bytes) -> dict[str, object]:
    try:
        return msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}


def _redacted(body: bytes, name: str) -> str:
    """The JSON with the value of that key redacted; other bodies are replaced by their size."""
    held = _object(body)
    if name in held:
        return msgspec.json.encode(held | {name: REDACTED}).decode()
    return body.decode("utf-8", "replace") if held else f"({len(body)} bytes)"


class RecordedGateway:
    """A gateway for the robots of a state, controlled by its switches and recorded in its calls.

    `origin` is the address that robots are given, if it is not the address of their request.
    """

    def __init__(self, state: State, *, origin: str = "") -> None:
        self._state = state
        self._records = StreamRecords(state)
        self._gateway = Gateway(
            accepts=lambda client_id, secret: accepts(state, client_id, secret),
            switches=lambda: _faults(state),
            timings=lambda: _timings(state),
            log=self._records.note,
            origin=origin,
        )

    def route_handlers(self) -> Sequence[ControllerRouterHandler]:
        return self._gateway.route_handlers()

    def connections(self, client_id: str) -> Sequence[str]:
        return self._gateway.connections(client_id)

    async def push(
        self, client_id: str, topic: str, data: Mapping[str, object], about: PushContext
    ) -> PushResult:
        """Push a frame until it is acknowledged or the attempts are used up; each attempt is recorded."""
        name = uuid4().hex
        with self._records.of_push(name, about) as calls:
            delivery = await self._gateway.deliver(client_id, topic, data, about=name)
        found = delivery.acknowledgement
        acknowledged = (one for one in reversed(calls) if found and one.status is not None)
        call = next(acknowledged, None) or (calls[-1] if calls else self._unsent(topic, about))
        return PushResult(call=call, answer=found.text if found else None)

    def rotate(self, client_id: str) -> int:
        return self._gateway.rotate(client_id)

    def drop(self, client_id: str) -> int:
        return self._gateway.drop(client_id)

    async def close(self) -> None:
        await self._gateway.close()

    def _unsent(self, topic: str, about: PushContext) -> Call:
        """Record a push that no websocket accepted."""
        call = Call(
            endpoint=about.endpoint,
            direction=Direction.TO_ROBOT,
            method="PUSH",
            path=topic,
            at=self._state.now(),
            room=about.room,
            message=about.message,
            robot=about.robot,
            error="unreachable",
        )
        return self._state.record(call)


def _faults(state: State) -> StreamFaults:
    now = state.switches
    return StreamFaults(
        opening=Opening(now.stream_opening),
        refuses_tickets=now.stream_refuses_tickets,
        closes_at_once=now.stream_closes_at_once,
        is_silent=now.stream_is_silent,
        sends_twice=now.stream_sends_twice,
        garbles=now.stream_garbles,
        ignores_acknowledgements=now.stream_ignores_acknowledgements,
        loses_offline=now.stream_loses_offline,
        latency=timedelta(seconds=now.stream_latency),
    )


def _timings(state: State) -> GatewayTimings:
    now = state.switches
    return GatewayTimings(
        ticket_life=timedelta(seconds=now.stream_ticket_life),
        redeliver_after=timedelta(seconds=now.stream_redelivery_pause),
        attempts=now.stream_attempts,
        ping_every=timedelta(seconds=now.stream_ping_interval),
        ping_patience=timedelta(seconds=now.stream_ping_patience),
        close_after=timedelta(seconds=now.stream_rotation_silence),
        hanging=timedelta(seconds=now.stream_hanging),
    )
