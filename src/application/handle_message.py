"""The front door: turn a message away, or find out what it asks and have it done."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from application.obey_command import Order
from application.ports import Claim, Clock, Messenger, Outcome
from application.rulebook import CurrentRules, Rulebook
from application.wording import Wording
from application.wording.literal import literal
from application.wording.quotation import as_code
from domain.access import Refusal
from domain.command import ShowGroupId, parse
from domain.inbox import State, may_refuse_aloud
from domain.message import ContentKind

logger = logging.getLogger(__name__)

LONGEST_TITLE = 256
"""Characters of a group's title in a sentence of ours."""

RECOMMENDING_GROUP_ID = frozenset({Refusal.GROUP_NOT_LISTED, Refusal.OUTGOING_GROUP_NOT_LISTED})
"""Refusals whose sentence tells people to send `群ID`: the pause between refusals does not swallow it."""


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
        open_group = message.in_group and rules.access.opens(message.room.kind)
        if isinstance(command, ShowGroupId) and open_group:
            return self._group_id(claim, rules)
        if refusal := rules.access.refusal_for(message):
            return self._turned_away(claim, refusal, rules)
        if command is None:
            reason, text = _unread(content.kind, rules.wording)
            parts = self.messenger.parts_of(text, message)
            return Outcome(state=State.REFUSED, reason=reason, parts=parts)
        session = claim.session.at(message.received_at, timeout=rules.session_timeout)
        outcome = await self.obey(Order(command=command, claim=claim, session=session, rules=rules))
        return _without_blank(outcome) if claim.session.is_blank else outcome

    def _group_id(self, claim: Claim, rules: Rulebook) -> Outcome:
        """Always logged; answered too, unless who is refused for another reason was told so just before."""
        room, refusal = claim.message.room, rules.access.refusal_for(claim.message)
        logger.info("group_id_asked", extra={"group_id": room.id, "group_title": room.title})
        is_paused = not may_refuse_aloud(claim.last_refusal, self.clock.now())
        if refusal is not None and refusal not in RECOMMENDING_GROUP_ID and is_paused:
            return Outcome(state=State.REFUSED, reason=ShowGroupId.__name__)
        text = rules.wording.group_id_logged
        if rules.access.is_admin(claim.message):
            text = rules.wording.group_id.format(
                id=as_code(room.id), title=literal(room.title, longest=LONGEST_TITLE)
            )
        parts = self.messenger.parts_of(text, claim.message)
        return Outcome(
            state=State.ANSWERED,
            reason=ShowGroupId.__name__,
            parts=parts,
            aloud=refusal is not None,
        )

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
