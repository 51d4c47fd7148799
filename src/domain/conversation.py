"""Turns of a conversation, and which of them fit into a budget of tokens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from domain.command import Mode
from domain.errors import InvalidValue

CountTokens: TypeAlias = Callable[[str], int]

MESSAGE_TOKENS = 4
"""What the chat format adds to each message: two marks, a line break and the role (OpenAI's cookbook)."""

REPLY_TOKENS = 3
"""What the chat format adds once, to open the answer."""

USUAL_TEXT = 4096
"""Tokens of a prompt and its answer, where the operator says nothing: the smallest models take that many."""

USUAL_ANSWER = 4096
"""Tokens that are kept free for an answer whose length is left to the model."""

MARGIN_OF_TEXT, MARGIN_OF_PROMPT = 32, 8
"""Which parts of the whole and of a prompt a model's own template and tokenizer may add to our count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question with its answer. Turns are kept and dropped whole."""

    question: str
    answer: str
    tokens: int
    """Of both messages, with what the chat format adds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """All that is said to a model for one answer."""

    system: str
    turns: tuple[Turn, ...]
    question: str
    tokens: int = 0
    """Of the whole prompt, as counted here: an estimate for models with another tokenizer."""
    answer_limit: int | None = None
    """How many tokens the answer may have; None leaves it to the model."""
    asker: str = ""
    """A pseudonym of the person, for the provider's own abuse checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBudget:
    """How long a question, an answer, and all of a conversation may be, in tokens.

    `answer` is None where the operator leaves the length of answers to the model; `limits_text` tells that
    the operator has chosen `text`.
    """

    question: int
    text: int
    answer: int | None = None
    limits_text: bool = False

    def __post_init__(self) -> None:
        answer = 1 if self.answer is None else self.answer
        if min(self.question, self.text, answer) < 1:
            raise InvalidValue("a token budget is made of numbers of 1 or more")

    @property
    def reserved(self) -> int:
        """What is kept free for the answer while choosing how much history goes along.

        Where an answer may be as long as the whole text (the predecessor's defaults), no history would
        ever fit; half of the text is then kept for the answer.
        """
        answer = USUAL_ANSWER if self.answer is None else self.answer
        return answer if answer < self.text else self.text // 2

    def fitting(self, turns: Sequence[Turn], *, fixed: int) -> tuple[Turn, ...]:
        """The newest turns that fit beside `fixed` tokens and the reserved answer, oldest first."""
        prompt = fixed
        kept: list[Turn] = []
        for turn in reversed(turns):
            prompt += turn.tokens
            if self._left_beside(prompt) < self.reserved:
                break
            kept.append(turn)
        return tuple(reversed(kept))

    def answer_limit(self, prompt_tokens: int) -> int | None:
        """How long the answer to a prompt of so many tokens may be; None leaves it to the model."""
        left = self._left_beside(prompt_tokens)
        if self.answer is not None:
            return min(self.answer, max(left, self.reserved))
        if self.limits_text and left < USUAL_ANSWER:
            return max(left, self.reserved)
        return None

    def _left_beside(self, prompt_tokens: int) -> int:
        """What is surely free for the answer: what a prompt really costs, only the model's server knows."""
        margin = self.text // MARGIN_OF_TEXT + prompt_tokens // MARGIN_OF_PROMPT
        return self.text - prompt_tokens - margin


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One person's mode in one conversation, and the turns that go along with the next question.

    `mode` is None while the default mode is in force.
    """

    mode: Mode | None = None
    turns: tuple[Turn, ...] = ()
    touched_at: datetime | None = None

    @property
    def is_blank(self) -> bool:
        """Whether it is as good as none, whenever it was touched."""
        return self.mode is None and not self.turns

    def at(self, moment: datetime, *, timeout: timedelta) -> "Session":
        """What is left of it at that moment, which it is now touched at."""
        if self.touched_at is None or moment - self.touched_at >= timeout:
            return Session(touched_at=moment)
        return replace(self, touched_at=max(moment, self.touched_at))

    def in_mode(self, mode: Mode) -> "Session":
        """The same in another mode. Only a running multi-turn talk keeps its turns."""
        turns = self.turns if mode is Mode.MULTI_TURN else ()
        return replace(self, mode=mode, turns=turns)

    def plus(self, turn: Turn) -> "Session":
        return replace(self, turns=(*self.turns, turn))

    def with_turns(self, turns: tuple[Turn, ...]) -> "Session":
        return replace(self, turns=turns)


def turn_of(question: str, answer: str, count: CountTokens) -> Turn:
    """A turn that knows its size."""
    tokens = count(question) + count(answer) + 2 * MESSAGE_TOKENS
    return Turn(question=question, answer=answer, tokens=tokens)


def fixed_tokens(system: str, question_tokens: int, count: CountTokens) -> int:
    """What a prompt costs without any history."""
    system_tokens = count(system) + MESSAGE_TOKENS if system else 0
    return system_tokens + question_tokens + MESSAGE_TOKENS + REPLY_TOKENS
