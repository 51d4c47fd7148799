"""The scripted model keeps the promises of a chat model, so tests may believe it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from application.errors import ModelCutOff, ModelUnavailable
from application.ports import ChatModel, FinishReason
from tests.contracts.chat_model import ScriptableChatModelContract, Stage
from tests.fakes.scripted_model import ScriptedModel, scripted


class ScriptedStage:
    def __init__(self) -> None:
        self._model = ScriptedModel()

    def saying(self, *pieces: str, reason: FinishReason = FinishReason.COMPLETE) -> ChatModel:
        self._model = scripted(pieces)
        self._model.finish = replace(self._model.finish, reason=reason)
        return self._model

    def breaking_after(self, *pieces: str) -> ChatModel:
        failure = ModelCutOff if pieces else ModelUnavailable
        self._model = scripted((*pieces, failure("it broke")))
        return self._model

    def never_ending(self) -> ChatModel:
        self._model = scripted(("a", timedelta(minutes=10)))
        return self._model

    async def a_call_began(self) -> None:
        await asyncio.sleep(0)
        assert self._model.running == 1

    async def all_calls_ended(self) -> None:
        await asyncio.sleep(0)
        assert self._model.running == 0

    @property
    def calls(self) -> int:
        return len(self._model.heard)


class TestScriptedModel(ScriptableChatModelContract):
    @pytest.fixture
    def open_stage(self) -> AbstractAsyncContextManager[Stage]:
        return _stage()


@asynccontextmanager
async def _stage() -> AsyncGenerator[Stage]:
    yield ScriptedStage()
