"""The doorstep: store what came in, then it may be acknowledged."""

import asyncio
import logging
from dataclasses import dataclass, field
from functools import partial

from application.ports import Acceptance, Arrival, Doorstep
from application.rate_limited_logger import RateLimitedLogger

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveMessage:
    """Stores an arrival and rings for the worker. Raises StorageFailed if it is not stored.

    Who has seen one request can send it again as often as they like: what is not new is logged now and then.
    """

    doorstep: Doorstep
    bell: asyncio.Event
    repeated: RateLimitedLogger = field(default_factory=partial(RateLimitedLogger, logger))

    async def __call__(self, arrival: Arrival) -> Acceptance:
        acceptance = await self.doorstep.accept(arrival)
        if acceptance is Acceptance.STORED:
            self.bell.set()
        message = arrival.message
        facts = {"msg_id": message.id, "robot": message.robot, "acceptance": acceptance.value}
        if acceptance is Acceptance.STORED:
            logger.info("message_received", extra=facts)
        else:
            self.repeated.info("message_received", **facts)
        return acceptance
