"""Admit a question, or say why not: its length, its words, and what the person has asked already."""

from dataclasses import dataclass

from application.ports import Claim, Ledger, Messenger, Outcome
from application.rulebook import Rulebook
from domain.command import Mode
from domain.conversation import Session
from domain.history import Exchange
from domain.inbox import State

LONGEST_KEPT = 10_000
"""Characters of a refused question that history keeps: one may be refused for its length."""


OVER_QUOTA = "over_quota"
"""The reason of a question beyond the daily limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with all that decides about it."""

    claim: Claim
    session: Session
    text: str
    rules: Rulebook

    @property
    def mode(self) -> Mode:
        return self.session.mode or self.rules.default_mode

    def noted(self, answer: str) -> str:
        """The answer, which begins with what was left out of the question."""
        if not self.claim.message.content.has_unseen_picture:
            return answer
        return f"{self.rules.wording.picture_not_seen}\n\n{answer}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitQuestion:
    """The one gate to every model. The first that refuses wins; only who comes through is charged."""

    ledger: Ledger
    messenger: Messenger

    async def __call__(self, question: Question, *, size: int) -> Outcome | None:
        """What a refused question ends with; None where it is admitted, and then it is charged.

        `size` is the question's length in tokens.
        """
        return self._unfit(question, size) or await self._over_quota(question)

    def _unfit(self, question: Question, size: int) -> Outcome | None:
        rules = question.rules
        if size > rules.budget.question:
            text = rules.wording.question_too_long.format(tokens=size, limit=rules.budget.question)
            return self._refused(question, text, "question_too_long")
        if rules.sensitive_words.shown_by(question.text):
            return self._refused(question, rules.wording.sensitive, "sensitive_word")
        return None

    async def _over_quota(self, question: Question) -> Outcome | None:
        message, rules = question.claim.message, question.rules
        day = rules.quota.day_of(message.received_at)
        limit = None if rules.access.is_unlimited(message) else rules.quota.limit
        use = await self.ledger.charge(question.claim.lease, message.sender.key, day, limit=limit)
        if use.admitted:
            return None
        resets_at = rules.wording.moment(rules.quota.resets_at(day))
        text = rules.wording.over_quota.format(limit=limit, resets_at=resets_at)
        return self._refused(question, text, OVER_QUOTA)

    def _refused(self, question: Question, text: str, reason: str) -> Outcome:
        message, rules = question.claim.message, question.rules
        # One character more tells that there are more; the rest is not worth the work.
        asked = rules.sensitive_words.mask_typed(question.text[: LONGEST_KEPT + 1])
        exchange = Exchange(
            day=rules.quota.day_of(message.received_at),
            sender=message.sender,
            room=message.room,
            question=asked if len(asked) <= LONGEST_KEPT else f"{asked[:LONGEST_KEPT]}…",
            answer="",
        )
        return Outcome(
            state=State.REFUSED,
            reason=reason,
            parts=self.messenger.parts_of(text, message),
            session=question.session,
            exchange=exchange,
        )
