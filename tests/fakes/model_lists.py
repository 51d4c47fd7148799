"""Lists of models that a test decides."""

import asyncio
from dataclasses import dataclass, field

from domain.model_availability import ListedModel


@dataclass(slots=True)
class ScriptedModelList:
    """Tells `answer`, or raises it, after `may_answer`; counts how often it was asked."""

    answer: tuple[ListedModel, ...] | Exception | None
    asked: int = 0
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_answer.set()

    async def listed(self) -> tuple[ListedModel, ...] | None:
        self.asked += 1
        await self.may_answer.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer
