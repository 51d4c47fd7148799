"""Send a stored reply part by part, and note what became of it."""

import logging
from dataclasses import dataclass

from application.ports import Claim, Clock, Messenger, Outcomes, StoredReply
from domain.inbox import MAX_DELIVERIES, pause_before_delivery
from domain.reply import Busy, Sent, Undeliverable

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverReply:
    """Every part that is sent is noted before the next, so that a crash repeats one part at most."""

    messenger: Messenger
    outcomes: Outcomes
    clock: Clock

    async def now(self, claim: Claim, reply: StoredReply) -> None:
        """Send the reply to the leased message, or see to it that it is sent later."""
        lease = claim.lease
        match await self._send(claim, lease.message, reply):
            case Sent():
                await self.outcomes.settle(lease, lease.message, delivered=True)
            case Busy() as busy if reply.failures < MAX_DELIVERIES:
                pause = pause_before_delivery(reply.failures + 1, busy.pause)
                await self.outcomes.postpone(lease, until=self.clock.now() + pause)
            case Busy() | Undeliverable():
                await self.outcomes.settle(lease, lease.message, delivered=False)

    async def late(self, claim: Claim, message: int, reply: StoredReply) -> None:
        """Send a reply that has been waiting, in answer to the message that has now come."""
        if isinstance(await self._send(claim, message, reply), Sent):
            await self.outcomes.settle(claim.lease, message, delivered=True)

    async def _send(
        self, claim: Claim, message: int, reply: StoredReply
    ) -> Sent | Busy | Undeliverable:
        for place in range(reply.sent, len(reply.parts)):
            key = f"{message}-{place}"
            result = await self.messenger.send(reply.parts[place], claim.message, key=key)
            self._log(claim, result)
            if not isinstance(result, Sent):
                return result
            if place + 1 < len(reply.parts):
                await self.outcomes.note_sent(claim.lease, message, parts=place + 1)
        return Sent()

    def _log(self, claim: Claim, result: Sent | Busy | Undeliverable) -> None:
        facts = {"msg_id": claim.message.id, "result": type(result).__name__.lower()}
        if isinstance(result, Sent):
            logger.info("reply_sent", extra=facts)
        else:
            logger.warning("reply_not_sent", extra=facts | {"reason": result.reason})
