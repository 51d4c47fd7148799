"""Models, and what belongs to asking them."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from domain.conversation import Prompt
from domain.message import UserKey
from domain.model_availability import ListedModel
from domain.picture import Picture
from domain.spending import Balance


class FinishReason(Enum):
    """Why a model stopped."""

    COMPLETE = "complete"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Thought:
    """A piece of what a model thinks before or while it answers; it is no part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Reset:
    """The pieces and thoughts that came before are void; what they should have been follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The last thing a model's answer yields. Token counts are None where the provider tells none.

    `answer_tokens` counts thoughts too, as they are paid for; `thought_tokens` are those among them.
    """

    reason: FinishReason
    model: str
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    thought_tokens: int | None = None


ModelOutput: TypeAlias = str | Thought | Reset | Finish


class ChatModel(Protocol):
    def answer(self, prompt: Prompt) -> AsyncGenerator[ModelOutput]:
        """Yield the answer piece by piece (none empty), thoughts beside it, then exactly one `Finish`.

        A `Reset` comes where text turns out to have been thought: some models mark the end of their
        thoughts only. So nothing of an answer is shown or kept for good before its `Finish`.

        An answer without any text raises ModelGaveNothing, ThinkingUsedUpLimit or OnlyThoughts instead;
        one that ends before it is whole raises ModelCutOff. Closing the iterator ends the call.

        Raises:
            ModelFailure: one of its kinds; pieces may have come before.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture as a model made it, checked. Token counts are None where the provider tells none."""

    picture: Picture
    model: str
    prompt_tokens: int | None = None
    answer_tokens: int | None = None


class ImageModel(Protocol):
    async def draw(self, prompt: str, *, asker: str) -> Drawing:
        """One picture after these words; `asker` is the person's pseudonym. What comes back is a picture.

        Raises:
            ModelFailure: one of its kinds; ModelGaveNothing also for bytes that are no picture we show.
        """
        ...


class AccountBalance(Protocol):
    async def balance(self) -> Balance | None:
        """What the provider says the account has left; None where it does not tell.

        Raises:
            ModelFailure: it could not be asked.
        """
        ...


class ModelList(Protocol):
    async def listed(self) -> tuple[ListedModel, ...] | None:
        """The models that the provider offers to this key, each name once; None where it tells none.

        Raises:
            ModelFailure: it could not be asked.
        """
        ...


class TokenCounter(Protocol):
    def count(self, text: str) -> int:
        """How many tokens the text has; exact for OpenAI's current models. Never touches the network."""
        ...


class Pseudonyms(Protocol):
    def pseudonym_of(self, user: UserKey) -> str:
        """A name for the person that tells strangers nothing and is the same tomorrow."""
        ...
