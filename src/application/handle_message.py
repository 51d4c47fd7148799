"""The front door: turn a message away, or find out what it asks and have it done."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from application.obey_command import Order
from application.ports import Claim, Clock, Messenger, Outcome
from application.rulebook import CurrentRules, Rulebook
from application.show_ids import RECOMMENDED, shown_id
from application.wording import Wording
from domain.access import Refusal
from domain.command import ShowGroupId, ShowUserId, parse
from domain.inbox import State, may_refuse_aloud
from domain.message import ContentKind

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandleMessage:
    """Decides what becomes of a leased message; nothing is stored or sent here."""

    rules: CurrentRules
    messenger: Messenger
    clock: Clock
    obey: Callable[[Order], Awaitable[Outcome]]

    async def __call__(self, claim: Claim) -> Outcome:
        rules, message = self.rules(), claim.message
        content = message.content
        command = (
            None
            if content.text is None
            else parse(content.text, rules.prompts, quoted=content.quoted)
        )
        if refusal := rules.access.refusal_for(message):
            is_open = rules.access.opens(message.room.kind)
            if is_open and isinstance(command, ShowGroupId | ShowUserId):
                return self._refused_id(claim, refusal, command, rules)
            return self._turned_away(claim, refusal, rules)
        if command is None:
            reason, text = _unread(content.kind, rules.wording)
            parts = self.messenger.parts_of(text, message)
            return Outcome(state=State.REFUSED, reason=reason, parts=parts)
        session = claim.session.at(message.received_at, timeout=rules.session_timeout)
        outcome = await self.obey(Order(command=command, claim=claim, session=session, rules=rules))
        return _without_blank(outcome) if claim.session.is_blank else outcome

    def _refused_id(
        self, claim: Claim, refusal: Refusal, command: ShowGroupId | ShowUserId, rules: Rulebook
    ) -> Outcome:
        """Refused people may ask for the id that their refusal is about, as often as they like.

        Those who were refused for another reason are answered as seldom as they are refused.
        """
        text = shown_id(command, claim.message, rules)
        is_paused = not may_refuse_aloud(claim.last_refusal, self.clock.now())
        if is_paused and RECOMMENDED.get(refusal) is not type(command):
            return Outcome(state=State.REFUSED, reason=type(command).__name__)
        parts = self.messenger.parts_of(text, claim.message)
        return Outcome(state=State.ANSWERED, reason=type(command).__name__, parts=parts, aloud=True)

    def _turned_away(self, claim: Claim, refusal: Refusal, rules: Rulebook) -> Outcome:
        if not may_refuse_aloud(claim.last_refusal, self.clock.now()):
            return Outcome(state=State.REFUSED, reason=refusal.value)
        parts = self.messenger.parts_of(rules.wording.refusals[refusal], claim.message)
        return Outcome(state=State.REFUSED, reason=refusal.value, parts=parts, aloud=True)


def _unread(kind: ContentKind, wording: Wording) -> tuple[str, str]:
    """Why there is nothing to read, for the log and for the person."""
    match kind:
        case ContentKind.ALLOWANCE_USED_UP:
            return kind.value, wording.allowance_used_up
        case ContentKind.KEPT_BACK:
            return kind.value, wording.kept_back
        case _:
            return "unreadable_content", wording.only_text


def _without_blank(outcome: Outcome) -> Outcome:
    """Where nothing was remembered and nothing is to be, there is nothing to store."""
    session = outcome.session
    return replace(outcome, session=None) if session and session.is_blank else outcome
