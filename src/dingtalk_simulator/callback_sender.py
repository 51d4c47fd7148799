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
from dingtalk_simulator.endpoints.bot_messages import (
    MessageSource,
    delivery_error,
    parse_message,
    post_to_chat,
)
from dingtalk_simulator.endpoints.protocol import ApiError
from dingtalk_simulator.entities import ReceiveMode, Robot, RobotKeys, RobotKind
from dingtalk_simulator.records import MAX_BODY, Billed, Call, Delivery, Direction, Message
from dingtalk_simulator.signature import sign
from dingtalk_simulator.state import State
from dingtalk_simulator.switches import Failure, FailureKind

logger = logging.getLogger(__name__)

MESSAGES = "/v1.0/im/bot/messages/get"
CARD_CLICKS = "/v1.0/card/instances/callback"

MAX_ANSWER_SIZE = 1024 * 1024
STALE = 2 * 60 * 60 * 1000
CONTENT_TYPE = "application/json; charset=utf-8"

CALLBACK = "callback"
SUCCESS = range(200, 300)
Body = Mapping[str, object]


class PushContext(msgspec.Struct, frozen=True, kw_only=True):
    """The facts recorded with the frames of a push."""

    endpoint: str
    robot: str
    billed: Billed = Billed.FREE
    room: str | None = None
    message: str | None = None


class PushResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a push: the recorded call of its last frame, and the robot's answer."""

    call: Call
    answer: str | None = None
    """The `data` of the acknowledgement; None after a timeout."""


class StreamGateway(Protocol):
    """The server side of stream mode."""

    def route_handlers(self) -> Sequence[ControllerRouterHandler]:
        """The routes where robots get a ticket and connect."""
        ...

    def connections(self, client_id: str) -> Sequence[str]:
        """The ids of the open connections of an app."""
        ...

    async def push(
        self, client_id: str, topic: str, data: Mapping[str, object], context: PushContext
    ) -> PushResult:
        """Push a frame until it is acknowledged or the attempts are used up; each attempt is recorded."""
        ...

    def rotate(self, client_id: str) -> int:
        """Announce the end of the app's connections, then close them; returns their number."""
        ...

    def drop(self, client_id: str) -> int:
        """Cut the app's connections without a close frame; returns their number."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


def signed_headers(
    state: State, robot: Robot, *, failure: FailureKind | None = None
) -> dict[str, str]:
    """The headers that authenticate a callback: `timestamp` and `sign`, or an outgoing `token`."""
    keys = state.keys.get(robot.id) or RobotKeys()
    headers = {"Content-Type": CONTENT_TYPE}
    is_outgoing = robot.kind is RobotKind.OUTGOING
    if is_outgoing and keys.token:
        headers["token"] = keys.token
    if keys.secret and (not is_outgoing or state.switches.outgoing_callbacks_are_signed):
        is_stale = failure is FailureKind.STALE_SIGNATURE
        timestamp = str(state.now() - (STALE if is_stale else 0))
        secret = f"not {keys.secret}" if failure is FailureKind.BAD_SIGNATURE else keys.secret
        headers |= {"timestamp": timestamp, "sign": sign(timestamp, secret)}
    return headers


class CallbackRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request to a robot, with the facts that are recorded for it."""

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


async def post(
    state: State, client: httpx.AsyncClient, request: CallbackRequest
) -> tuple[Call, bytes]:
    """Send the request; returns the recorded call and the body of the response."""
    content = msgspec.json.encode(request.body)
    call = Call(
        endpoint=request.endpoint,
        direction=Direction.TO_ROBOT,
        at=state.now(),
        path=state.without_secrets(request.url),
        request_headers={
            name.lower(): state.without_secrets(value) for name, value in request.headers.items()
        },
        request_body=content.decode()[:MAX_BODY],
        request_size=len(content),
        room=request.room,
        message=request.message,
        robot=request.robot,
        billed=request.billed,
        failure=request.failure,
    )
    begun = time.perf_counter()
    answer = await _response_to(client, request, content, call)
    call.latency_ms = round((time.perf_counter() - begun) * 1000, 3)
    call.answer_body = state.without_secrets(answer.decode("utf-8", "replace"))[:MAX_BODY]
    return state.record(call), answer


async def _response_to(
    client: httpx.AsyncClient, request: CallbackRequest, content: bytes, call: Call
) -> bytes:
    try:
        async with (
            asyncio.timeout(request.time_limit or None),
            client.stream("POST", request.url, content=content, headers=request.headers) as answer,
        ):
            call.status = answer.status_code
            call.answer_headers = dict(answer.headers)
            read = b""
            async for chunk in answer.aiter_bytes():
                read += chunk
                if len(read) > MAX_ANSWER_SIZE:
                    break
            return read[:MAX_ANSWER_SIZE]
    except TimeoutError:
        call.status, call.error = None, "timed_out"
    except (httpx.HTTPError, httpx.InvalidURL):
        call.error = "hung_up" if call.status else "unreachable"
        call.status = None
    return b""


class CallbackSender:
    """Delivers messages to robots, and owns the background deliveries until it is closed."""

    def __init__(
        self, state: State, client: httpx.AsyncClient, stream: StreamGateway | None = None
    ) -> None:
        self.state = state
        self.client = client
        self.stream = stream
        self._tasks: set[asyncio.Task[None]] = set()

    async def deliver(self, message: Message, body: Body, robot: Robot) -> None:
        """Deliver a message and wait for the first attempt; redeliveries run in the background."""
        if robot.mode is ReceiveMode.STREAM:
            await self._push(message, body, robot)
        elif robot.target:
            await self._post(message, body, robot)
        else:
            message.delivery = Delivery.NOT_DELIVERED
        self.state.emit_delivery(message)

    def start_background(self, work: Coroutine[None, None, None]) -> None:
        """Run a coroutine in the background."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("simulated_delivery_failed", exc_info=error)

    def cancel(self) -> None:
        """Cancel the background deliveries."""
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        self.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _post(self, message: Message, body: Body, robot: Robot) -> None:
        failure = self.state.failures.pop(CALLBACK)
        is_twice = failure is not None and failure.kind is FailureKind.DUPLICATE
        copies = failure.copies if failure is not None and is_twice else 0
        attempts = [self._attempt(message, body, robot, failure) for _ in range(1 + copies)]
        outcomes = await asyncio.gather(*attempts)
        message.delivery = outcomes[0]
        if self._will_repeat(outcomes[0]):
            self.start_background(self._repeat(message, body, robot))

    def _will_repeat(self, outcome: Delivery) -> bool:
        switches = self.state.switches
        if outcome is Delivery.ACKNOWLEDGED or not switches.callback_redeliveries:
            return False
        return outcome is not Delivery.REFUSED or switches.redeliver_after_refusal

    async def _repeat(self, message: Message, body: Body, robot: Robot) -> None:
        for _ in range(self.state.switches.callback_redeliveries):
            await asyncio.sleep(self.state.switches.callback_redelivery_pause)
            message.delivery = await self._attempt(message, body, robot, None)
            self.state.emit_delivery(message)
            if not self._will_repeat(message.delivery):
                return

    async def _attempt(
        self, message: Message, body: Body, robot: Robot, failure: Failure | None
    ) -> Delivery:
        kind = failure.kind if failure else None
        if failure is not None and kind is FailureKind.LATENCY:
            await asyncio.sleep(failure.seconds)
        allowance = self.state.switches.monthly_messages
        is_used_up = kind is FailureKind.QUOTA or (
            bool(allowance) and self.state.billing.of(Billed.MESSAGES) >= allowance
        )
        call, answer = await post(
            self.state,
            self.client,
            CallbackRequest(
                endpoint=CALLBACK,
                url=robot.target,
                body=quota_body(self.state, dict(body)) if is_used_up else body,
                headers=signed_headers(self.state, robot, failure=kind),
                time_limit=self.state.switches.callback_time_limit,
                room=message.room,
                message=message.id,
                robot=robot.id,
                billed=Billed.MESSAGES,
                failure=kind or "",
            ),
        )
        self.state.billing.count(Billed.MESSAGES, CALLBACK)
        if call.status in SUCCESS:
            self._take_inline_reply(message, robot, call, answer)
        return _outcome(call)

    def _take_inline_reply(self, message: Message, robot: Robot, call: Call, answer: bytes) -> None:
        """Post the message in the response of a callback. Source: DingTalk, "receive-message"."""
        chat = self.state.chats.get(message.room)
        if (
            chat is None
            or not self.state.switches.inline_replies_count
            or b'"msgtype"' not in answer
        ):
            return
        try:
            words = parse_message(answer)
        except ApiError:
            call.error = "inline_reply_refused"
            return
        if words.msgtype == "empty" or delivery_error(self.state, robot, chat, words):
            return
        reply = post_to_chat(
            self.state, chat, words, MessageSource(via="inline", answers=message.id)
        )
        reply.frames = [call]

    async def _push(self, message: Message, body: Body, robot: Robot) -> None:
        message.via = "stream"
        message.delivery = Delivery.QUEUED
        self.state.emit_delivery(message)
        if self.stream is None:
            message.delivery = Delivery.UNREACHABLE
            return
        context = PushContext(
            endpoint="stream",
            robot=robot.id,
            billed=Billed.MESSAGES,
            room=message.room,
            message=message.id,
        )
        result = await self.stream.push(robot.client_id, MESSAGES, body, context)
        message.delivery = _outcome(result.call)
        if message.delivery is not Delivery.UNREACHABLE:
            self.state.billing.count(Billed.MESSAGES, "stream")


def _outcome(call: Call) -> Delivery:
    if call.error == "timed_out":
        return Delivery.TIMED_OUT
    if call.status is None:
        return Delivery.UNREACHABLE
    return Delivery.ACKNOWLEDGED if call.status in SUCCESS else Delivery.REFUSED
