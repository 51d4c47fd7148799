"""Send a stored reply part by part, and note what became of it."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from application.errors import StorageFailed
from application.ports import Claim, Clock, Messenger, Outcomes, StoredReply
from domain.inbox import MAX_DELIVERIES, pause_before_delivery
from domain.message import IncomingMessage
from domain.reply import Busy, ReplyPart, SendResult, Sent

Complete: TypeAlias = Callable[[ReplyPart, IncomingMessage], Awaitable[ReplyPart]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverReply:
    """Every part that is sent is noted before the next, so that a crash repeats one part at most.

    `complete` puts in what is not stored with a reply.
    """

    messenger: Messenger
    complete: Complete
    outcomes: Outcomes
    clock: Clock

    async def now(self, claim: Claim, reply: StoredReply) -> None:
        """Send the reply to the leased message, or see to it that it is sent later."""
        lease = claim.lease
        match await self._send(claim, lease.message, reply):
            case Sent():
                await self.outcomes.settle(lease, lease.message, delivered=True)
            case Busy() as busy if reply.failures < MAX_DELIVERIES and not claim.has_newer:
                pause = pause_before_delivery(reply.failures + 1, busy.pause)
                await self.outcomes.postpone(lease, until=self.clock.now() + pause)
            case _:
                # Where the person has written again, that message brings a fresh address.
                await self.outcomes.settle(lease, lease.message, delivered=False)

    async def late(self, claim: Claim, message: int, reply: StoredReply) -> bool:
        """Send a reply that has been waiting, in answer to the message that has now come.

        Returns whether it got through; if not it goes on waiting.
        """
        is_sent = isinstance(await self._send(claim, message, reply), Sent)
        if is_sent:
            await self.outcomes.settle(claim.lease, message, delivered=True)
        return is_sent

    async def _send(self, claim: Claim, message: int, reply: StoredReply) -> SendResult:
        for place in range(reply.sent, len(reply.parts)):
            key = f"{message}-{place}"
            result = await self._sent(reply.parts[place], claim, key)
            self._log(claim, result)
            if not isinstance(result, Sent):
                return result
            if place + 1 < len(reply.parts):
                await self.outcomes.note_sent(claim.lease, message, parts=place + 1)
        return Sent()

    async def _sent(self, part: ReplyPart, claim: Claim, key: str) -> SendResult:
        try:
            whole = await self.complete(part, claim.message)
            return await self.messenger.send(whole, claim.message, key=key)
        except StorageFailed:
            raise
        except Exception as error:  # A mistake of ours delays one reply, never the worker.
            logger.exception("delivery_broke_the_program", extra={"msg_id": claim.message.id})
            return Busy(reason=type(error).__name__)

    def _log(self, claim: Claim, result: SendResult) -> None:
        facts = {"msg_id": claim.message.id, "result": type(result).__name__.lower()}
        if isinstance(result, Sent):
            logger.info("reply_sent", extra=facts)
        else:
            logger.warning("reply_not_sent", extra=facts | {"reason": result.reason})
