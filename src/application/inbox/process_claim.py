"""Bring one leased message one step further: decide, store the decision, deliver the reply."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from application.errors import OutsideFailure
from application.inbox.deliver_reply import DeliverReply
from application.ports import Claim, Messenger, Outcome, Outcomes, StoredReply
from application.rulebook import CurrentRules
from domain.inbox import DECIDED, State

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessClaim:
    """Raises StorageFailed or LeaseLost; every other trouble ends as something the person is told."""

    handle_message: Callable[[Claim], Awaitable[Outcome]]
    deliver: DeliverReply
    outcomes: Outcomes
    messenger: Messenger
    rules: CurrentRules

    async def __call__(self, claim: Claim) -> None:
        claim = self._with_names_masked(claim)
        if self.rules().access.refusal_for(claim.message) is None:
            await self._deliver_what_waits(claim)
        reply = claim.reply
        if claim.progress.state not in DECIDED:
            outcome = await self._decide(claim)
            await self.outcomes.record(claim.lease, outcome)
            logger.info(
                "message_decided",
                extra={
                    "msg_id": claim.message.id,
                    "state": outcome.state.value,
                    "reason": outcome.reason,
                },
            )
            reply = StoredReply(parts=outcome.parts) if outcome.parts else None
        if reply is not None:
            await self.deliver.now(claim, reply)

    async def _deliver_what_waits(self, claim: Claim) -> None:
        """In order, and no further than the first that does not get through."""
        for waiting in claim.waiting:
            if not await self.deliver.late(claim, waiting.message, waiting.reply):
                break

    def _with_names_masked(self, claim: Claim) -> Claim:
        """What people call themselves and their groups is shown and kept like everything else: masked."""
        mask, message = self.rules().sensitive_words.mask_typed, claim.message
        sender = replace(message.sender, nick=mask(message.sender.nick))
        room = replace(message.room, title=mask(message.room.title))
        return replace(claim, message=replace(message, sender=sender, room=room))

    async def _decide(self, claim: Claim) -> Outcome:
        if claim.progress.is_exhausted:
            logger.error("message_given_up", extra={"msg_id": claim.message.id})
            return self._apology(claim, "given_up", self.rules().wording.gave_up)
        try:
            return await self.handle_message(claim)
        except OutsideFailure:
            raise
        except Exception:  # A mistake of ours costs one answer, never the worker.
            logger.exception("message_broke_the_program", extra={"msg_id": claim.message.id})
            return self._apology(claim, "program_error", self.rules().wording.went_wrong)

    def _apology(self, claim: Claim, reason: str, text: str) -> Outcome:
        parts = self.messenger.parts_of(text, claim.message)
        return Outcome(state=State.FAILED, reason=reason, parts=parts)
