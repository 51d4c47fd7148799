"""Put a question to a model, within the rules, and decide what the person is told."""

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

from application.admit_question import AdmitQuestion, Question
from application.errors import ModelFailure, ModelGaveNothing
from application.long_texts import worked_on
from application.ports import (
    ChatModel,
    Clock,
    Messenger,
    ModelOutput,
    Outcome,
    Pseudonyms,
    TokenCounter,
)
from application.provider_pool import ProviderPool
from application.rulebook import Rulebook
from application.streamed_answer import StreamedAnswer
from domain.command import Mode
from domain.conversation import Prompt, Session, Turn, fixed_tokens, turn_of
from domain.failover import Attempt, worth_recording
from domain.history import Exchange
from domain.inbox import State

logger = logging.getLogger(__name__)

CUT_OFF = "answer_cut"
"""The reason of an answer whose end never came, from any provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuestion:
    """Only a question that was admitted reaches a model."""

    pool: ProviderPool[ChatModel]
    admit: AdmitQuestion
    messenger: Messenger
    tokens: TokenCounter
    pseudonyms: Pseudonyms
    clock: Clock

    async def __call__(self, question: Question) -> Outcome:
        size = self.tokens.count(question.text)
        if refused := await self.admit(question, size=size):
            return refused
        words = question.rules.sensitive_words
        answer = StreamedAnswer(words=words, asked_at=self.clock.now())
        try:
            await self._receive(question, size, answer)
        except ModelFailure as failure:
            return await worked_on(
                len(answer.text), partial(self._without_end, question, answer, failure)
            )
        note = question.rules.wording.cut_short if answer.reached_limit else ""
        return await worked_on(
            len(answer.text),
            partial(self._answered, question, answer, reason="answered", note=note),
        )

    async def _receive(self, question: Question, size: int, answer: StreamedAnswer) -> None:
        items = self.pool.ask(
            answer_to(self._prompt(question, size)),
            fallback_on_declined=question.rules.fallback_on_declined,
        )
        async with aclosing(items):
            async for item in items:
                # The end of an attempt has its text masked.
                length = answer.size if isinstance(item, Attempt) else 0
                await worked_on(length, partial(answer.take, item, self.clock.now()))
        if not answer.is_whole:
            raise ModelGaveNothing("the answer was blank")

    def _prompt(self, question: Question, size: int) -> Prompt:
        rules, session = question.rules, question.session
        turns = session.turns if question.mode is Mode.MULTI_TURN else ()
        fixed = fixed_tokens(rules.system_prompt, size, self.tokens.count)
        fitting = _masked(rules.budget.fitting(turns, fixed=fixed), rules)
        tokens = fixed + sum(turn.tokens for turn in fitting)
        return Prompt(
            system=rules.system_prompt,
            turns=fitting,
            question=question.text,
            tokens=tokens,
            answer_limit=rules.budget.answer_limit(tokens),
            asker=self.pseudonyms.pseudonym_of(question.claim.message.sender.key),
        )

    def _answered(
        self, question: Question, answer: StreamedAnswer, *, reason: str, note: str
    ) -> Outcome:
        rules, text = question.rules, answer.text
        thoughts = ""
        if rules.show_reasoning:
            thoughts = answer.reasoning.quoted(rules.wording.reasoning, rules.sensitive_words)
        return Outcome(
            state=State.ANSWERED,
            reason=reason,
            parts=self.messenger.parts_of(
                question.noted(f"{text.rstrip()}\n\n{note}" if note else text),
                question.claim.message,
                preface=thoughts,
            ),
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

    def _without_end(
        self, question: Question, answer: StreamedAnswer, failure: ModelFailure
    ) -> Outcome:
        """Better the part of an answer that has come than none; else one sentence, free of charge."""
        facts = {"kind": failure.kind.value, "fact": str(failure)}
        facts["msg_id"] = question.claim.message.id
        if not answer.is_blank:
            logger.warning("answer_cut", extra=facts)
            note = question.rules.wording.cut_off
            return self._answered(question, answer, reason=CUT_OFF, note=note)
        logger.warning("question_failed", extra=facts)
        return Outcome(
            state=State.FAILED,
            reason=failure.kind.value,
            parts=self.messenger.parts_of(
                question.rules.wording.sorry(failure), question.claim.message
            ),
            session=question.session,
            exchange=self._exchange(question, answer),
        )

    def _exchange(self, question: Question, answer: StreamedAnswer) -> Exchange:
        source, finish, first = answer.source, answer.finish, answer.first_piece_at
        message = question.claim.message
        return Exchange(
            day=question.rules.quota.day_of(message.received_at),
            sender=message.sender,
            room=message.room,
            question=question.rules.sensitive_words.mask_typed(question.text),
            answer=answer.text,
            provider=source.provider if source else "",
            model=(finish.model if finish else source.model if source else ""),
            prompt_tokens=(finish.prompt_tokens if finish else None) or 0,
            answer_tokens=(finish.answer_tokens if finish else None) or 0,
            thought_tokens=finish.thought_tokens if finish else None,
            first_token_after=first - answer.asked_at if first else None,
            took=self.clock.now() - answer.asked_at,
            attempts=worth_recording(answer.attempts),
        )


def answer_to(prompt: Prompt) -> Callable[[ChatModel], AsyncGenerator[ModelOutput]]:
    """What is asked of each provider."""
    return lambda model: model.answer(prompt)


def _masked(turns: Sequence[Turn], rules: Rulebook) -> tuple[Turn, ...]:
    """The turns as they may be repeated to a model now: words may have been listed since."""
    masked = rules.sensitive_words.mask_typed
    return tuple(
        replace(turn, question=masked(turn.question), answer=masked(turn.answer)) for turn in turns
    )
