"""Obey a command: find who does it, and say what they say."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from application.admit_question import Question
from application.change_session import reset, switch_mode
from application.history.history_links import addresses_in
from application.ports import Claim, Messenger, Outcome
from application.rulebook import Rulebook
from application.show_ids import shown_id
from application.show_templates import shown_template, template_list
from domain.command import (
    Ask,
    Command,
    Draw,
    ExplainHistory,
    ExplainPictures,
    InspectCertificate,
    InspectDomain,
    ListTemplates,
    LookUpHistory,
    ReportBalance,
    ReportUsage,
    ResetSession,
    RevokeHistoryLinks,
    ShowGroupId,
    ShowHelp,
    ShowTemplate,
    ShowUserId,
    SwitchMode,
)
from domain.conversation import Session
from domain.inbox import State
from domain.message import IncomingMessage

AnswerTo: TypeAlias = Callable[[Question], Awaitable[Outcome]]
Inspect: TypeAlias = Callable[[InspectDomain | InspectCertificate, Rulebook], Awaitable[str]]
LookUp: TypeAlias = Callable[
    [LookUpHistory | RevokeHistoryLinks, IncomingMessage, Rulebook], Awaitable[str]
]
ReportUse: TypeAlias = Callable[[IncomingMessage, Session, Rulebook], Awaitable[str]]
ReportFunds: TypeAlias = Callable[[IncomingMessage, Rulebook], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command with all that decides about it. `session` is what is left of it now."""

    command: Command
    claim: Claim
    session: Session
    rules: Rulebook

    def question(self, text: str) -> Question:
        return Question(claim=self.claim, session=self.session, text=text, rules=self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObeyCommand:
    """Questions and pictures decide about themselves; everything else is one text, free of charge."""

    messenger: Messenger
    answer_question: AnswerTo
    draw_picture: AnswerTo
    report_usage: ReportUse
    report_balance: ReportFunds
    look_up_history: LookUp
    inspect_site: Inspect

    async def __call__(self, order: Order) -> Outcome:
        match order.command:
            case Ask(text):
                return await self.answer_question(order.question(text))
            case Draw(text):
                return await self.draw_picture(order.question(text))
            case command if _is_forbidden(command, order):
                text, session = order.rules.wording.administrators_only, order.session
                return self._say(order, text, State.REFUSED, "not_administrator", session)
            case SwitchMode(mode):
                text, session = switch_mode(order.session, mode, order.rules)
            case ResetSession():
                text, session = reset(order.session, order.rules)
            case command:
                text, session = await self._text(command, order), order.session
        return self._say(order, text, State.ANSWERED, type(order.command).__name__, session)

    async def _text(self, command: "Errand", order: Order) -> str:
        rules, message = order.rules, order.claim.message
        match command:
            case ReportUsage():
                return await self.report_usage(message, order.session, rules)
            case ReportBalance():
                return await self.report_balance(message, rules)
            case LookUpHistory() | RevokeHistoryLinks():
                return await self.look_up_history(command, message, rules)
            case InspectDomain() | InspectCertificate():
                return await self.inspect_site(command, rules)
            case ShowGroupId() | ShowUserId():
                return shown_id(command, message, rules)
            case _:
                return _at_hand(command, rules)

    def _say(self, order: Order, text: str, state: State, reason: str, session: Session) -> Outcome:
        links = addresses_in(text) if isinstance(order.command, LookUpHistory) else ()
        parts = self.messenger.parts_of(text, order.claim.message, addresses=links)
        return Outcome(state=state, reason=reason, parts=parts, session=session)


AtHand: TypeAlias = ShowHelp | ListTemplates | ShowTemplate | ExplainPictures | ExplainHistory
"""A command whose answer needs nothing but the rules."""

Errand: TypeAlias = (
    ReportUsage
    | ReportBalance
    | LookUpHistory
    | RevokeHistoryLinks
    | InspectDomain
    | InspectCertificate
    | ShowGroupId
    | ShowUserId
    | AtHand
)
"""A command whose answer is a text, and which changes no session."""


def _at_hand(command: AtHand, rules: Rulebook) -> str:
    match command:
        case ShowHelp():
            return rules.help
        case ListTemplates():
            return template_list(rules)
        case ShowTemplate(template):
            return shown_template(template, rules)
        case ExplainPictures():
            words = rules.wording.pictures
            return words.usage if rules.draws else words.off
        case ExplainHistory():
            return rules.wording.history.usage
        case _:
            assert_never(command)


def _is_forbidden(command: Command, order: Order) -> bool:
    """Whether only administrators may have this done, and the author is none."""
    access, message = order.rules.access, order.claim.message
    match command:
        case LookUpHistory() | RevokeHistoryLinks():
            return not access.is_admin(message)
        case ReportBalance():
            return bool(access.admins) and not access.is_admin(message)
        case _:
            return False
