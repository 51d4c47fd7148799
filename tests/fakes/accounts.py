"""Accounts whose balance a test decides, and a memory of what was used."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date

from domain.history import Exchange
from domain.spending import Balance, ModelUse


@dataclass(slots=True)
class ScriptedAccount:
    """Tells what the script says, one after another and then the last for ever; counts who asks."""

    script: list[Balance | Exception | None]
    asked: int = 0
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_answer.set()

    async def balance(self) -> Balance | None:
        self.asked += 1
        word = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        await self.may_answer.wait()
        if isinstance(word, Exception):
            raise word
        return word


@dataclass(slots=True)
class InMemorySpending:
    """Adds up in a dictionary."""

    sums: dict[tuple[date, str, str], ModelUse] = field(default_factory=dict)

    def note(self, exchange: Exchange) -> None:
        """Count an answered question."""
        key = (exchange.day, exchange.provider, exchange.model)
        nothing = ModelUse(
            day=exchange.day,
            provider=exchange.provider,
            model=exchange.model,
            questions=0,
            prompt_tokens=0,
            answer_tokens=0,
            pictures=0,
        )
        old = self.sums.get(key, nothing)
        self.sums[key] = replace(
            old,
            questions=old.questions + 1,
            prompt_tokens=old.prompt_tokens + exchange.prompt_tokens,
            answer_tokens=old.answer_tokens + exchange.answer_tokens,
            pictures=old.pictures + (1 if exchange.picture else 0),
        )

    async def spent(self, first: date, last: date) -> tuple[ModelUse, ...]:
        return tuple(self.sums[key] for key in sorted(self.sums) if first <= key[0] <= last)
