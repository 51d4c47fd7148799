"""The front door: turn a message away, or find out what it asks and have it done."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import assert_never

from application.answer_question import Question
from application.change_session import reset, switch_mode
from application.ports import Claim, Clock, Messenger, Outcome
from application.report_usage import ReportUsageOf
from application.rulebook import CurrentRules, Rulebook
from application.show_templates import shown_template, template_list
from domain.access import Refusal
from domain.command import (
    Ask,
    Command,
    ListTemplates,
    ReportUsage,
    ResetSession,
    ShowGroupId,
    ShowHelp,
    ShowTemplate,
    SwitchMode,
    parse,
)
from domain.conversation import Session
from domain.inbox import State, may_refuse_aloud

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandleMessage:
    """Decides what becomes of a leased message; nothing is stored or sent here but the charge."""

    rules: CurrentRules
    messenger: Messenger
    clock: Clock
    answer_question: Callable[[Question], Awaitable[Outcome]]
    report_usage: ReportUsageOf

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
            return self._say(claim, rules.wording.only_text, State.REFUSED, "unreadable_content")
        session = claim.session.at(message.received_at, timeout=rules.session_timeout)
        return await self._obey(command, claim, session, rules)

    async def _obey(
        self, command: Command, claim: Claim, session: Session, rules: Rulebook
    ) -> Outcome:
        match command:
            case Ask(text):
                question = Question(claim=claim, session=session, text=text, rules=rules)
                return await self.answer_question(question)
            case SwitchMode(mode):
                text, session = switch_mode(session, mode, rules)
            case ResetSession():
                text, session = reset(session, rules)
            case ShowHelp():
                text = rules.help
            case ListTemplates():
                text = template_list(rules)
            case ShowTemplate(template):
                text = shown_template(template, rules)
            case ReportUsage():
                text = await self.report_usage(claim.message, session, rules)
            case ShowGroupId():
                text = rules.wording.group_id_outside
            case _:
                assert_never(command)
        text = rules.sensitive_words.mask(text)
        return self._say(claim, text, State.ANSWERED, type(command).__name__, session=session)

    def _group_id(self, claim: Claim, rules: Rulebook) -> Outcome:
        room, turned_away = claim.message.room, rules.access.refusal_for(claim.message) is not None
        if turned_away and not may_refuse_aloud(claim.last_refusal, self.clock.now()):
            return Outcome(state=State.REFUSED, reason=ShowGroupId.__name__)
        logger.info("group_id_asked", extra={"group_id": room.id, "group_title": room.title})
        text = rules.wording.group_id_logged
        if rules.access.is_admin(claim.message):
            text = rules.wording.group_id.format(id=room.id, title=room.title)
        said = self._say(claim, text, State.ANSWERED, ShowGroupId.__name__)
        return replace(said, aloud=turned_away)

    def _turned_away(self, claim: Claim, refusal: Refusal, rules: Rulebook) -> Outcome:
        if not may_refuse_aloud(claim.last_refusal, self.clock.now()):
            return Outcome(state=State.REFUSED, reason=refusal.value)
        parts = self.messenger.parts_of(rules.wording.refusals[refusal], claim.message)
        return Outcome(state=State.REFUSED, reason=refusal.value, parts=parts, aloud=True)

    def _say(
        self, claim: Claim, text: str, state: State, reason: str, *, session: Session | None = None
    ) -> Outcome:
        parts = self.messenger.parts_of(text, claim.message)
        return Outcome(state=state, reason=reason, parts=parts, session=session)
