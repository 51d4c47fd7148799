"""Put a question to a model, within the rules, and decide what the person is told."""

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from application.admit_question import AdmitQuestion, Question
from application.errors import ModelFailure, ModelGaveNothing
from application.ports import (
    Clock,
    FinishReason,
    Messenger,
    Outcome,
    Pseudonyms,
    Reset,
    Thought,
    TokenCounter,
)
from application.provider_pool import Answered, Restart
from application.rulebook import Rulebook
from domain.command import Mode, trimmed
from domain.conversation import Prompt, Session, Turn, fixed_tokens, turn_of
from domain.history import Exchange
from domain.inbox import State
from domain.sensitive_words import SensitiveWords

logger = logging.getLogger(__name__)

Ask: TypeAlias = Callable[[Prompt], AsyncGenerator[str | Thought | Reset | Restart | Answered]]


@dataclass(slots=True, kw_only=True)
class GrowingAnswer:
    """An answer while it arrives; both texts are empty until it is whole, and masked then.

    `text` is Markdown to be shown, `repeated` what a model is told that it has said.
    """

    words: SensitiveWords
    asked_at: datetime
    text: str = ""
    repeated: str = ""
    first_piece_at: datetime | None = None
    answered: Answered | None = None
    _pieces: list[str] = field(default_factory=list)

    def take(self, piece: str | Thought | Reset | Restart | Answered, now: datetime) -> None:
        match piece:
            case Restart() | Reset():
                self._pieces.clear()
            case Answered():
                self.answered = piece
                whole = "".join(self._pieces)
                self.text = self.words.mask_as_shown(whole)
                self.repeated = self.words.mask_typed(whole)
            case Thought():
                self.first_piece_at = self.first_piece_at or now
            case _:
                self.first_piece_at = self.first_piece_at or now
                self._pieces.append(piece)

    @property
    def is_cut(self) -> bool:
        return self.answered is not None and self.answered.finish.reason is FinishReason.LENGTH


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuestion:
    """Only a question that was admitted reaches a model."""

    ask: Ask
    admit: AdmitQuestion
    messenger: Messenger
    tokens: TokenCounter
    pseudonyms: Pseudonyms
    clock: Clock

    async def __call__(self, question: Question) -> Outcome:
        size = self.tokens.count(question.text)
        if refused := await self.admit(question, size=size):
            return refused
        answer = GrowingAnswer(words=question.rules.sensitive_words, asked_at=self.clock.now())
        try:
            await self._listen(self._prompt(question, size), answer)
        except ModelFailure as failure:
            return self._failed(question, answer, failure)
        return self._answered(question, answer)

    def _prompt(self, question: Question, size: int) -> Prompt:
        rules, session = question.rules, question.session
        turns = _masked(session.turns, rules) if question.mode is Mode.MULTI_TURN else ()
        fixed = fixed_tokens(rules.system_prompt, size, self.tokens.count)
        fitting = rules.budget.fitting(turns, fixed=fixed)
        tokens = fixed + sum(turn.tokens for turn in fitting)
        return Prompt(
            system=rules.system_prompt,
            turns=fitting,
            question=question.text,
            tokens=tokens,
            answer_limit=rules.budget.answer_limit(tokens),
            asker=self.pseudonyms.pseudonym_of(question.claim.message.sender.key),
        )

    async def _listen(self, prompt: Prompt, answer: GrowingAnswer) -> None:
        async with aclosing(self.ask(prompt)) as pieces:
            async for piece in pieces:
                answer.take(piece, self.clock.now())
        if not trimmed(answer.text):
            raise ModelGaveNothing("the answer was blank")

    def _answered(self, question: Question, answer: GrowingAnswer) -> Outcome:
        text = answer.text
        if answer.is_cut:
            text = f"{text.rstrip()}\n\n{question.rules.wording.cut_short}"
        return Outcome(
            state=State.ANSWERED,
            reason="answered",
            parts=self.messenger.parts_of(question.noted(text), question.claim.message),
            session=self._continued(question, answer.repeated),
            exchange=self._exchange(question, answer),
        )

    def _continued(self, question: Question, answer: str) -> Session:
        if question.mode is Mode.SINGLE_TURN:
            return question.session
        turn = turn_of(question.text, answer, self.tokens.count)
        longer = question.session.plus(turn)
        # What can go along with no question at all will go along with none: it need not be kept.
        rules = question.rules
        fixed = fixed_tokens(rules.system_prompt, 0, self.tokens.count)
        return longer.with_turns(rules.budget.fitting(longer.turns, fixed=fixed))

    def _failed(self, question: Question, answer: GrowingAnswer, failure: ModelFailure) -> Outcome:
        kind, message = type(failure).__name__, question.claim.message
        logger.warning(
            "question_failed", extra={"msg_id": message.id, "kind": kind, "fact": str(failure)}
        )
        answer.text = ""
        return Outcome(
            state=State.FAILED,
            reason=kind,
            parts=self.messenger.parts_of(question.rules.wording.sorry(failure), message),
            session=question.session,
            exchange=self._exchange(question, answer),
        )

    def _exchange(self, question: Question, answer: GrowingAnswer) -> Exchange:
        answered, first = answer.answered, answer.first_piece_at
        finish = answered.finish if answered else None
        message = question.claim.message
        return Exchange(
            day=question.rules.quota.day_of(message.received_at),
            sender=message.sender,
            room=message.room,
            question=question.rules.sensitive_words.mask_typed(question.text),
            answer=answer.text,
            provider=answered.provider if answered else "",
            model=finish.model if finish else "",
            prompt_tokens=(finish.prompt_tokens if finish else None) or 0,
            answer_tokens=(finish.answer_tokens if finish else None) or 0,
            first_token_after=first - answer.asked_at if first else None,
            took=self.clock.now() - answer.asked_at,
        )


def _masked(turns: Sequence[Turn], rules: Rulebook) -> tuple[Turn, ...]:
    """The turns as they may be repeated to a model now: words may have been listed since."""
    masked = rules.sensitive_words.mask_typed
    return tuple(
        replace(turn, question=masked(turn.question), answer=masked(turn.answer)) for turn in turns
    )
