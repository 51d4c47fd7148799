"""Carries what people said to the robot: once, twice, late, or again."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping

import httpx

from dingtalk_simulator.callbacks.body import quota_body
from dingtalk_simulator.callbacks.post import Posting, post, signed_headers
from dingtalk_simulator.callbacks.stream import MESSAGES, About, StreamGateway
from dingtalk_simulator.endpoints.exchange import Refused
from dingtalk_simulator.endpoints.rooms import Way, obstacle, say_in_room
from dingtalk_simulator.endpoints.webhook_messages import spoken
from dingtalk_simulator.entities import ReceiveMode, Robot
from dingtalk_simulator.records import Billed, Call, Delivery, Message
from dingtalk_simulator.state import World
from dingtalk_simulator.switches import Failure, FailureKind

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
