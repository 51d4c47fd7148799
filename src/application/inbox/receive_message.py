"""The doorstep: store what came in, then it may be acknowledged."""

import asyncio
import logging
from dataclasses import dataclass

from application.ports import Acceptance, Arrival, Doorstep

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveMessage:
    """Stores an arrival and rings for the worker. Raises StorageFailed if it is not stored."""

    doorstep: Doorstep
    bell: asyncio.Event

    async def __call__(self, arrival: Arrival) -> Acceptance:
        acceptance = await self.doorstep.accept(arrival)
        if acceptance is Acceptance.STORED:
            self.bell.set()
        message = arrival.message
        logger.info(
            "message_received",
            extra={"msg_id": message.id, "robot": message.robot, "acceptance": acceptance.value},
        )
        return acceptance
