"""Tell a person what they asked today and how full their conversation is."""

from dataclasses import dataclass

from application.ports import Ledger
from application.rulebook import Rulebook
from domain.command import Mode
from domain.conversation import Session
from domain.message import IncomingMessage


@dataclass(frozen=True, slots=True)
class ReportUsageOf:
    ledger: Ledger

    async def __call__(self, message: IncomingMessage, session: Session, rules: Rulebook) -> str:
        day = rules.quota.day_of(message.received_at)
        asked = await self.ledger.used(message.sender.key, day)
        return f"{self._asked(asked, message, rules)}\n\n{self._context(session, rules)}"

    def _asked(self, asked: int, message: IncomingMessage, rules: Rulebook) -> str:
        left = rules.quota.left_after(asked)
        if left is None or rules.access.is_unlimited(message):
            return rules.wording.usage_unlimited.format(asked=asked)
        resets_at = rules.quota.resets_at(rules.quota.day_of(message.received_at))
        return rules.wording.usage.format(
            asked=asked,
            limit=rules.quota.limit,
            left=left,
            resets_at=rules.wording.moment(resets_at),
        )

    def _context(self, session: Session, rules: Rulebook) -> str:
        mode = session.mode or rules.default_mode
        if mode is Mode.SINGLE_TURN:
            return rules.wording.no_context.format(mode=rules.wording.mode_names[mode])
        tokens = sum(turn.tokens for turn in session.turns)
        room = rules.budget.text - rules.budget.reserved
        return rules.wording.context_use.format(
            turns=len(session.turns),
            tokens=tokens,
            room=room,
            percent=min(100, tokens * 100 // room),
        )
