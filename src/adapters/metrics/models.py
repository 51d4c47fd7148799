"""Models, with their tokens, failures and the time to the first piece counted."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from adapters.metrics.instruments import Instruments
from application.errors import ModelFailure
from application.ports import ChatModel, Drawing, Finish, ImageModel, ModelOutput
from domain.conversation import Prompt


@dataclass(frozen=True, slots=True)
class CountedChatModel:
    """Satisfies `ChatModel`."""

    model: ChatModel
    provider: str
    instruments: Instruments

    async def answer(self, prompt: Prompt) -> AsyncGenerator[ModelOutput]:
        began, is_first = time.perf_counter(), True
        try:
            async with aclosing(self.model.answer(prompt)) as items:
                async for item in items:
                    if is_first:
                        is_first = False
                        took = time.perf_counter() - began
                        self.instruments.first_piece.labels(self.provider).observe(took)
                    if isinstance(item, Finish):
                        count_tokens(self.instruments, self.provider, item)
                    yield item
        except ModelFailure as failure:
            count_failure(self.instruments, self.provider, failure)
            raise


@dataclass(frozen=True, slots=True)
class CountedImageModel:
    """Satisfies `ImageModel`."""

    model: ImageModel
    provider: str
    instruments: Instruments

    async def draw(self, prompt: str, *, asker: str) -> Drawing:
        try:
            drawing = await self.model.draw(prompt, asker=asker)
        except ModelFailure as failure:
            count_failure(self.instruments, self.provider, failure)
            raise
        count_tokens(self.instruments, self.provider, drawing)
        return drawing


def count_tokens(instruments: Instruments, provider: str, told: Finish | Drawing) -> None:
    instruments.tokens.labels(provider, "prompt").inc(told.prompt_tokens or 0)
    instruments.tokens.labels(provider, "answer").inc(told.answer_tokens or 0)


def count_failure(instruments: Instruments, provider: str, failure: ModelFailure) -> None:
    instruments.model_failures.labels(provider, type(failure).__name__).inc()
