"""A model that says what a script tells, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from application.errors import ModelFailure, ModelGaveNothing
from application.ports import Finish, FinishReason, ModelOutput, Reset, Thought
from domain.conversation import Prompt

Line: TypeAlias = str | Thought | Reset | timedelta | ModelFailure
"""A piece, a wait before the next, or a failure that ends the answer."""


@dataclass(slots=True)
class ScriptedModel:
    """Each question is answered by the next take of the script; the last one stays.

    A take without a piece or a failure is an empty answer.
    """

    takes: list[tuple[Line, ...]] = field(default_factory=lambda: [("a", "b")])
    finish: Finish = field(
        default_factory=lambda: Finish(
            reason=FinishReason.COMPLETE, model="scripted", prompt_tokens=5, answer_tokens=7
        )
    )
    heard: list[Prompt] = field(default_factory=list)
    running: int = 0
    most_running: int = 0

    async def answer(self, prompt: Prompt) -> AsyncGenerator[ModelOutput]:
        take = self.takes[min(len(self.heard), len(self.takes) - 1)]
        self.heard.append(prompt)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            for line in take:
                if isinstance(line, ModelFailure):
                    raise line
                if isinstance(line, timedelta):
                    await asyncio.sleep(line.total_seconds())
                elif line:
                    yield line
            if not any(isinstance(line, str) and line for line in take):
                raise ModelGaveNothing("the script has no words")
            yield self.finish
        finally:
            self.running -= 1


def scripted(*takes: tuple[Line, ...]) -> ScriptedModel:
    return ScriptedModel(takes=list(takes))
