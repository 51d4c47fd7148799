"""The stream gateway connected to the state: credentials, switches, and the log of calls."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from time import perf_counter
from uuid import uuid4

import msgspec
from litestar.types import ControllerRouterHandler

from dingtalk_simulator.callback_sender import About, Pushed
from dingtalk_simulator.endpoints.tokens import accepts
from dingtalk_simulator.gateway.gateway import Gateway
from dingtalk_simulator.gateway.options import (
    Customs,
    Logged,
    LoggedFrame,
    LoggedLine,
    LoggedMiss,
    LoggedOpening,
    Opening,
    Switches,
)
from dingtalk_simulator.gateway.routes import CONNECT, OPEN
from dingtalk_simulator.records import LONGEST_BODY, Call, Direction
from dingtalk_simulator.state import World
from dingtalk_simulator.stores import Shelf
from dingtalk_simulator.wire import UNREADABLE, decode

MOST_OPEN = 1000
"""Frames whose acknowledgement is still waited for, also when it is late."""

BLOTTED = "***"
SYSTEM_TOPICS = {"ping": "streamPing", "disconnect": "streamDisconnect"}
GARBAGE = "streamGarbage"
UNASKED = "streamUnasked"


class _Wire(msgspec.Struct, frozen=True):
    """As much of a frame of either side as the record shows apart."""

    headers: dict[str, object] = {}
    code: int | None = None
    message: str = ""


class StreamRecords:
    """Makes calls of what a gateway logs, and puts the answers to those that were recorded before."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pushes: dict[str, tuple[About, list[Call]]] = {}
        self._open: Shelf[str, list[tuple[Call, float]]] = Shelf(MOST_OPEN)

    @contextmanager
    def of_push(self, name: str, about: About) -> Iterator[list[Call]]:
        """The calls that a push of that name becomes, as they come."""
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
                self._heard(logged)
            case LoggedMiss():
                self._missed(logged.message_id)
            case LoggedOpening():
                self._opened(logged)
            case LoggedLine():
                self._line(logged)

    def _sent(self, frame: LoggedFrame) -> None:
        about, calls = self._pushes.get(frame.about, (None, []))
        wire = _read(frame.text)
        topic = str(wire.headers.get("topic", ""))
        call = self._call(frame, SYSTEM_TOPICS.get(topic, GARBAGE), topic)
        call.direction = Direction.TO_ROBOT
        if about is not None:
            call.endpoint, call.billed = about.endpoint, about.billed
            call.room, call.message, call.robot = about.room, about.message, about.robot
        calls.append(self._world.record(call))
        if frame.message_id:
            waiting = self._open.get(frame.message_id) or []
            self._open.put(frame.message_id, [*waiting, (call, perf_counter())])

    def _heard(self, frame: LoggedFrame) -> None:
        """It belongs to the first frame of its id that has no answer yet, be it late or not."""
        waiting = self._open.get(frame.message_id) if frame.message_id else None
        if not waiting:
            self._world.record(self._call(frame, UNASKED, ""))
            return
        (call, sent_at), *others = waiting
        if others:
            self._open.put(frame.message_id, others)
        else:
            self._open.take(frame.message_id)
        wire = _read(frame.text)
        call.latency_ms = round((perf_counter() - sent_at) * 1000, 3)
        call.status, call.answer_headers = wire.code, _texts(wire.headers)
        call.answer_body = self._kept(frame.text)
        self._world.tell_answer(call)

    def _missed(self, message_id: str) -> None:
        for call, sent_at in self._open.get(message_id) or ():
            call.error, call.latency_ms = "timed_out", round((perf_counter() - sent_at) * 1000, 3)
            self._world.tell_answer(call)

    def _opened(self, opening: LoggedOpening) -> None:
        told = _object(opening.answer)
        self._world.record(
            Call(
                endpoint="gatewayOpen",
                at=self._world.now(),
                path=OPEN,
                request_headers=opening.headers,
                request_body=self._kept(_blotted(opening.request, "clientSecret")),
                request_size=len(opening.request),
                status=opening.status,
                answer_body=self._kept(_blotted(opening.answer, "ticket")),
                code=str(told.get("code", "")),
                robot=self._robot(opening.client_id),
                latency_ms=opening.latency_ms,
            )
        )

    def _line(self, line: LoggedLine) -> None:
        is_end = line.code is not None
        self._world.record(
            Call(
                endpoint="streamEnd" if is_end else "streamConnect",
                at=self._world.now(),
                method="GET",
                path=CONNECT,
                query={"ticket": BLOTTED},
                status=None if is_end else line.status,
                code=str(line.code) if is_end else "",
                robot=self._robot(line.client_id),
                connection=line.connection_id,
            )
        )
        self._world.tell_change()

    def _call(self, frame: LoggedFrame, endpoint: str, topic: str) -> Call:
        return Call(
            endpoint=endpoint,
            at=self._world.now(),
            method="PUSH",
            path=topic,
            request_headers=_texts(_read(frame.text).headers),
            request_body=self._kept(frame.text),
            request_size=len(frame.text.encode("utf-8", "replace")),
            robot=self._robot(frame.client_id),
            connection=frame.connection_id,
        )

    def _robot(self, client_id: str) -> str | None:
        robot = self._world.robot_of_client(client_id)
        return robot.id if robot else None

    def _kept(self, text: str) -> str:
        return self._world.without_secrets(text)[:LONGEST_BODY]


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


def _blotted(body: bytes, name: str) -> str:
    """The JSON without what stands under that name; what is no JSON object may hold it anywhere."""
    held = _object(body)
    if name in held:
        return msgspec.json.encode(held | {name: BLOTTED}).decode()
    return body.decode("utf-8", "replace") if held else f"({len(body)} bytes)"


class RecordedGateway:
    """A gateway for the robots of this world, under its switches. Everything is kept in the log of calls.

    `origin` is what robots call this DingTalk by, if that is not the address they reached it by.
    """

    def __init__(self, world: World, *, origin: str = "") -> None:
        self._world = world
        self._records = StreamRecords(world)
        self._gateway = Gateway(
            accepts=lambda client_id, secret: accepts(world, client_id, secret),
            switches=lambda: _switches(world),
            customs=lambda: _customs(world),
            log=self._records.note,
            origin=origin,
        )

    def route_handlers(self) -> Sequence[ControllerRouterHandler]:
        return self._gateway.route_handlers()

    def connections(self, client_id: str) -> Sequence[str]:
        return self._gateway.connections(client_id)

    async def push(
        self, client_id: str, topic: str, data: Mapping[str, object], about: About
    ) -> Pushed:
        """Push a frame until it is acknowledged or given up; each attempt is recorded."""
        name = uuid4().hex
        with self._records.of_push(name, about) as calls:
            delivery = await self._gateway.deliver(client_id, topic, data, about=name)
        found = delivery.acknowledgement
        acknowledged = (one for one in reversed(calls) if found and one.status is not None)
        call = next(acknowledged, None) or (calls[-1] if calls else self._never_sent(topic, about))
        return Pushed(call=call, answer=found.text if found else None)

    def rotate(self, client_id: str) -> int:
        return self._gateway.rotate(client_id)

    def drop(self, client_id: str) -> int:
        return self._gateway.drop(client_id)

    async def close(self) -> None:
        await self._gateway.close()

    def _never_sent(self, topic: str, about: About) -> Call:
        """No websocket took it, or only one that is dead."""
        call = Call(
            endpoint=about.endpoint,
            direction=Direction.TO_ROBOT,
            method="PUSH",
            path=topic,
            at=self._world.now(),
            room=about.room,
            message=about.message,
            robot=about.robot,
            error="unreachable",
        )
        return self._world.record(call)


def _switches(world: World) -> Switches:
    now = world.switches
    return Switches(
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


def _customs(world: World) -> Customs:
    now = world.switches
    return Customs(
        ticket_life=timedelta(seconds=now.stream_ticket_life),
        redeliver_after=timedelta(seconds=now.stream_redelivery_pause),
        attempts=now.stream_attempts,
        ping_every=timedelta(seconds=now.stream_ping_interval),
        ping_patience=timedelta(seconds=now.stream_ping_patience),
        close_after=timedelta(seconds=now.stream_rotation_silence),
        hanging=timedelta(seconds=now.stream_hanging),
    )
