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
    """How long a question, an answer, and all of a conversation may be, in tokens."""

    question: int
    answer: int
    text: int

    def __post_init__(self) -> None:
        if min(self.question, self.answer, self.text) < 1:
            raise InvalidValue("a token budget is made of numbers of 1 or more")

    @property
    def reserved(self) -> int:
        """What is kept free for the answer while choosing how much history goes along.

        Where an answer may be as long as the whole text (the predecessor's defaults), no history would
        ever fit; half of the text is then kept for the answer.
        """
        return self.answer if self.answer < self.text else self.text // 2

    def fitting(self, turns: Sequence[Turn], *, fixed: int) -> tuple[Turn, ...]:
        """The newest turns that fit beside `fixed` tokens and the reserved answer, oldest first."""
        room = self.text - self.reserved - fixed
        kept: list[Turn] = []
        for turn in reversed(turns):
            room -= turn.tokens
            if room < 0:
                break
            kept.append(turn)
        return tuple(reversed(kept))

    def answer_limit(self, prompt_tokens: int) -> int:
        """How long the answer to a prompt of so many tokens may be."""
        return min(self.answer, max(self.text - prompt_tokens, self.reserved))


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
