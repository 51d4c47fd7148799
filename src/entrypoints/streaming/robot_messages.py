"""The door of stream mode: read, stored, acknowledged, and never acknowledged before."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from adapters.dingtalk.inbound.callback import BadCallback, Callback, read_callback
from adapters.dingtalk.inbound.robots import Caller
from adapters.dingtalk.stream.frames import BAD_REQUEST, TAKEN, Frame, Reply
from adapters.dingtalk.stream.link import Handler
from application.errors import StorageFailed
from application.ports import Acceptance, Arrival, Clock
from application.rate_limited_logger import RateLimitedLogger
from domain.message import RobotId
from entrypoints.callback_reports import CallbackReports

_logger = logging.getLogger(__name__)

STORING = timedelta(seconds=2)
"""As long as over HTTP; DingTalk sends again what is not acknowledged."""

LATE = timedelta(seconds=20)
"""A message that comes so long after it was written was not brought here at the first try."""

MEMORY = timedelta(minutes=10)
"""So long a failure of our own explains why a message comes late."""

Receive = Callable[[Arrival], Awaitable[Acceptance]]


@dataclass(slots=True, kw_only=True)
class RobotMessages:
    """Makes the handler of a robot's messages: the robot is the one whose connection brought them."""

    receive: Receive
    clock: Clock
    storing: timedelta = STORING
    reports: CallbackReports = field(default_factory=CallbackReports)
    logger: RateLimitedLogger = field(default_factory=partial(RateLimitedLogger, _logger))
    _failed_at: float | None = field(default=None, init=False)

    def __call__(self, robot: RobotId) -> Handler:
        caller = Caller(robot=robot)

        async def take(frame: Frame) -> Reply | None:
            try:
                callback = read_callback(frame.data)
                message = callback.to_message(caller, received_at=self.clock.now())
            except BadCallback as error:
                self.reports.unreadable(robot, error)
                return BAD_REQUEST
            self.reports.read(robot, callback)
            acceptance = await self._stored(Arrival(message=message, signed_at=None))
            if acceptance is Acceptance.STORED:
                self._look_at_delay(frame, callback, robot)
            return None if acceptance is None else TAKEN

        return take

    async def _stored(self, arrival: Arrival) -> Acceptance | None:
        try:
            async with asyncio.timeout(self.storing.total_seconds()):
                return await self.receive(arrival)
        except (StorageFailed, TimeoutError):
            self._failed_at = asyncio.get_running_loop().time()
            self.logger.error("message_not_stored", robot=arrival.message.robot)  # noqa: TRY400 - the cause is logged where it happened
            return None

    def _look_at_delay(self, frame: Frame, callback: Callback, robot: RobotId) -> None:
        """Notice that somebody else is connected as this robot and takes messages without acknowledging them.

        DingTalk gives each message to one connection of a client id, whosever it is, and to another one when
        it was not acknowledged. So a message that is new here and old, although this connection was there all
        the time, was with somebody else before. Both times are of DingTalk's clock. A second process that
        does acknowledge cannot be seen from here.
        """
        if frame.sent_at is None or not isinstance(callback.created, int):
            return
        seconds = (frame.sent_at - callback.created) // 1000
        was_up = seconds <= frame.up_for.total_seconds()
        if seconds < LATE.total_seconds() or not was_up or self._has_failed_lately():
            return
        reason = (
            f"robot {robot}: a message came {seconds} s late although this connection was up;"
            " another process may be connected with the same client id"
        )
        self.logger.warning("stream_message_late", reason=reason)

    def _has_failed_lately(self) -> bool:
        now = asyncio.get_running_loop().time()
        return self._failed_at is not None and now - self._failed_at < MEMORY.total_seconds()
