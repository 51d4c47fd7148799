"""Sends callbacks to robots over HTTP or the stream gateway: once, twice, late, or again."""

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Protocol

import httpx
import msgspec
from litestar.types import ControllerRouterHandler

from dingtalk_simulator.callback_bodies import quota_body
from dingtalk_simulator.endpoints.bot_messages import Way, obstacle, say_in_room, spoken
from dingtalk_simulator.endpoints.protocol import Refused
from dingtalk_simulator.entities import ReceiveMode, Robot, RobotKeys, RobotKind
from dingtalk_simulator.records import LONGEST_BODY, Billed, Call, Delivery, Direction, Message
from dingtalk_simulator.signature import sign
from dingtalk_simulator.state import World
from dingtalk_simulator.switches import Failure, FailureKind

MESSAGES = "/v1.0/im/bot/messages/get"
CARD_CLICKS = "/v1.0/card/instances/callback"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What the record says of frames that are pushed."""

    endpoint: str
    robot: str
    billed: Billed = Billed.FREE
    room: str | None = None
    message: str | None = None


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a push: the last frame of it as it is recorded, and what the robot said to it."""

    call: Call
    answer: str | None = None
    """The `data` of the acknowledgement; None if there was none in time."""


class StreamGateway(Protocol):
    """DingTalk's side of stream mode."""

    def route_handlers(self) -> Sequence[ControllerRouterHandler]:
        """Where robots get a ticket and connect."""
        ...

    def connections(self, client_id: str) -> Sequence[str]:
        """The ids of an app's open connections."""
        ...

    async def push(
        self, client_id: str, topic: str, data: Mapping[str, object], about: About
    ) -> Pushed:
        """Push a frame until it is acknowledged or given up; each attempt is recorded."""
        ...

    def rotate(self, client_id: str) -> int:
        """Announce the end of an app's connections, and end them; returns how many."""
        ...

    def drop(self, client_id: str) -> int:
        """End an app's connections without a word; returns how many."""
        ...

    async def close(self) -> None:
        """End all connections."""
        ...


LARGEST_ANSWER = 1024 * 1024
STALE = 2 * 60 * 60 * 1000
CONTENT_TYPE = "application/json; charset=utf-8"


def signed_headers(
    world: World, robot: Robot, *, failure: FailureKind | None = None
) -> dict[str, str]:
    """What vouches for a callback: `timestamp` and `sign`, or an outgoing robot's `token`."""
    keys = world.keys.get(robot.id) or RobotKeys()
    headers = {"Content-Type": CONTENT_TYPE}
    is_outgoing = robot.kind is RobotKind.OUTGOING
    if is_outgoing and keys.token:
        headers["token"] = keys.token
    if keys.secret and (not is_outgoing or world.switches.outgoing_callbacks_are_signed):
        is_stale = failure is FailureKind.STALE_SIGNATURE
        timestamp = str(world.now() - (STALE if is_stale else 0))
        secret = f"not {keys.secret}" if failure is FailureKind.BAD_SIGNATURE else keys.secret
        headers |= {"timestamp": timestamp, "sign": sign(timestamp, secret)}
    return headers


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """A request to a robot: what is posted where, and what the record says of it."""

    endpoint: str
    url: str
    body: Mapping[str, object]
    headers: dict[str, str]
    time_limit: float
    room: str | None
    message: str | None
    robot: str
    billed: str
    failure: str = ""


async def post(world: World, client: httpx.AsyncClient, posting: Posting) -> tuple[Call, bytes]:
    """Post it; the exchange as it is recorded, and the whole answer's body."""
    content = msgspec.json.encode(posting.body)
    call = Call(
        endpoint=posting.endpoint,
        direction=Direction.TO_ROBOT,
        at=world.now(),
        path=world.without_secrets(posting.url),
        request_headers={
            name.lower(): world.without_secrets(value) for name, value in posting.headers.items()
        },
        request_body=content.decode()[:LONGEST_BODY],
        request_size=len(content),
        room=posting.room,
        message=posting.message,
        robot=posting.robot,
        billed=posting.billed,
        failure=posting.failure,
    )
    begun = time.perf_counter()
    answer = await _answered(client, posting, content, call)
    call.latency_ms = round((time.perf_counter() - begun) * 1000, 3)
    call.answer_body = world.without_secrets(answer.decode("utf-8", "replace"))[:LONGEST_BODY]
    return world.record(call), answer


async def _answered(
    client: httpx.AsyncClient, posting: Posting, content: bytes, call: Call
) -> bytes:
    try:
        async with (
            asyncio.timeout(posting.time_limit or None),
            client.stream("POST", posting.url, content=content, headers=posting.headers) as answer,
        ):
            call.status = answer.status_code
            call.answer_headers = dict(answer.headers)
            return await _beginning(answer)
    except TimeoutError:
        call.status, call.error = None, "timed_out"
    except (httpx.HTTPError, httpx.InvalidURL):
        call.error = "hung_up" if call.status else "unreachable"
        call.status = None
    return b""


async def _beginning(answer: httpx.Response) -> bytes:
    read = b""
    async for chunk in answer.aiter_bytes():
        read += chunk
        if len(read) > LARGEST_ANSWER:
            return read[:LARGEST_ANSWER]
    return read


logger = logging.getLogger(__name__)

CALLBACK = "callback"
SUCCESS = range(200, 300)

Body = Mapping[str, object]


class Courier:
    """Delivers messages, and keeps what it does in the background until it is closed."""

    def __init__(
        self, world: World, client: httpx.AsyncClient, stream: StreamGateway | None = None
    ) -> None:
        self.world = world
        self.client = client
        self.stream = stream
        self._tasks: set[asyncio.Task[None]] = set()

    async def deliver(self, message: Message, body: Body, robot: Robot) -> None:
        """Until the robot acknowledged it for the first time, or did not; what follows, follows later."""
        if robot.mode is ReceiveMode.STREAM:
            await self._push(message, body, robot)
        elif robot.target:
            await self._post(message, body, robot)
        else:
            message.delivery = Delivery.NOT_DELIVERED
        self.world.tell_delivery(message)

    def begin(self, work: Coroutine[None, None, None]) -> None:
        """Do it in the background."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("simulated_delivery_broke", exc_info=error)

    def cancel(self) -> None:
        """Drop what is under way in the background."""
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        self.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _post(self, message: Message, body: Body, robot: Robot) -> None:
        failure = self.world.failures.take(CALLBACK)
        is_twice = failure is not None and failure.kind is FailureKind.DUPLICATE
        copies = failure.copies if failure is not None and is_twice else 0
        attempts = [self._attempt(message, body, robot, failure) for _ in range(1 + copies)]
        outcomes = await asyncio.gather(*attempts)
        message.delivery = outcomes[0]
        if self._will_repeat(outcomes[0]):
            self.begin(self._repeat(message, body, robot))

    def _will_repeat(self, outcome: Delivery) -> bool:
        switches = self.world.switches
        if outcome is Delivery.ACKNOWLEDGED or not switches.callback_redeliveries:
            return False
        return outcome is not Delivery.REFUSED or switches.redeliver_after_refusal

    async def _repeat(self, message: Message, body: Body, robot: Robot) -> None:
        for _ in range(self.world.switches.callback_redeliveries):
            await asyncio.sleep(self.world.switches.callback_redelivery_pause)
            message.delivery = await self._attempt(message, body, robot, None)
            self.world.tell_delivery(message)
            if not self._will_repeat(message.delivery):
                return

    async def _attempt(
        self, message: Message, body: Body, robot: Robot, failure: Failure | None
    ) -> Delivery:
        kind = failure.kind if failure else None
        if failure is not None and kind is FailureKind.LATENCY:
            await asyncio.sleep(failure.seconds)
        call, answer = await post(
            self.world,
            self.client,
            Posting(
                endpoint=CALLBACK,
                url=robot.target,
                body=self._within_allowance(body, kind),
                headers=signed_headers(self.world, robot, failure=kind),
                time_limit=self.world.switches.callback_time_limit,
                room=message.room,
                message=message.id,
                robot=robot.id,
                billed=Billed.MESSAGES,
                failure=kind or "",
            ),
        )
        self.world.billing.count(Billed.MESSAGES, CALLBACK)
        if call.status in SUCCESS:
            self._take_inline_reply(message, robot, call, answer)
        return _outcome(call)

    def _within_allowance(self, body: Body, kind: FailureKind | None) -> Body:
        allowance = self.world.switches.monthly_messages
        is_used_up = bool(allowance) and self.world.billing.of(Billed.MESSAGES) >= allowance
        if is_used_up or kind is FailureKind.QUOTA:
            return quota_body(self.world, dict(body))
        return body

    def _take_inline_reply(self, message: Message, robot: Robot, call: Call, answer: bytes) -> None:
        """The answer to a callback may be a message itself. Source: DingTalk, "receive-message"."""
        room = self.world.rooms.get(message.room)
        if (
            room is None
            or not self.world.switches.inline_replies_count
            or b'"msgtype"' not in answer
        ):
            return
        try:
            words = spoken(answer)
        except Refused:
            call.error = "inline_reply_refused"
            return
        if words.msgtype == "empty" or obstacle(self.world, robot, room, words):
            return
        reply = say_in_room(self.world, room, words, Way(via="inline", answers=message.id))
        reply.frames = [call]

    async def _push(self, message: Message, body: Body, robot: Robot) -> None:
        message.via = "stream"
        message.delivery = Delivery.QUEUED
        self.world.tell_delivery(message)
        if self.stream is None:
            message.delivery = Delivery.UNREACHABLE
            return
        about = About(
            endpoint="stream",
            robot=robot.id,
            billed=Billed.MESSAGES,
            room=message.room,
            message=message.id,
        )
        pushed = await self.stream.push(robot.client_id, MESSAGES, body, about)
        message.delivery = _outcome(pushed.call)
        if message.delivery is not Delivery.UNREACHABLE:
            self.world.billing.count(Billed.MESSAGES, "stream")


def _outcome(call: Call) -> Delivery:
    if call.error == "timed_out":
        return Delivery.TIMED_OUT
    if call.status is None:
        return Delivery.UNREACHABLE
    return Delivery.ACKNOWLEDGED if call.status in SUCCESS else Delivery.REFUSED
