"""The adapter keeps the promises of a chat model at OpenAI and at Azure, streaming or not."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest

from adapters.openai.chat import OpenAIChatModel
from adapters.openai.connection import OpenAIEndpoint
from application.ports import ChatModel, FinishReason
from tests.contracts.chat_model import PROMPT, ScriptableChatModelContract, Stage
from tests.fakes.model_server import (
    ModelServer,
    answer,
    reset,
    said,
    stream,
)
from tests.integration.models.over_http import CHAT, Vendor, model_at, outcome_of, served


class HttpStage:
    def __init__(self, model: OpenAIChatModel, server: ModelServer) -> None:
        self._model = model
        self._server = server

    def saying(self, *pieces: str, reason: FinishReason = FinishReason.COMPLETE) -> ChatModel:
        word = "length" if reason is FinishReason.LENGTH else "stop"
        self._server.script = [answer(*pieces, reason=word)]
        return self._model

    def breaking_after(self, *pieces: str) -> ChatModel:
        self._server.script = [stream(*map(said, pieces)) if pieces else reset]
        return self._model

    def never_ending(self) -> ChatModel:
        self._server.script = [stream(said("a"), hold=30)]
        return self._model

    async def a_call_began(self) -> None:
        await self._server.was_asked()

    async def all_calls_ended(self) -> None:
        await self._server.hung_up()

    @property
    def calls(self) -> int:
        return len(self._server.calls)


@asynccontextmanager
async def _stage(vendor: Vendor, *, streams: bool) -> AsyncGenerator[Stage]:
    async with served(vendor=vendor, streams=streams) as (model, server):
        yield HttpStage(model, server)


class TestAtOpenAI(ScriptableChatModelContract):
    @pytest.fixture
    def open_stage(self) -> AbstractAsyncContextManager[Stage]:
        return _stage(Vendor.OPENAI, streams=True)


class TestAtAzure(ScriptableChatModelContract):
    @pytest.fixture
    def open_stage(self) -> AbstractAsyncContextManager[Stage]:
        return _stage(Vendor.AZURE, streams=True)


class WholeStage(HttpStage):
    """Where nothing is streamed a model cannot say something and then go on for ever."""

    def breaking_after(self, *pieces: str) -> ChatModel:
        self._server.script = [stream(*map(said, pieces), kind="application/json")]
        return self._model


class TestWithoutStreaming(ScriptableChatModelContract):
    @pytest.fixture
    def open_stage(self) -> AbstractAsyncContextManager[Stage]:
        return _whole_stage()

    async def test_closing_ends_the_call(self, stage: Stage) -> None:
        """Nothing is said before the end, so what can be closed is an answer that nobody waits for."""
        await stage.never_ending().answer(PROMPT).aclose()

        assert stage.calls == 0


@asynccontextmanager
async def _whole_stage() -> AsyncGenerator[Stage]:
    async with served(streams=False) as (model, server):
        yield WholeStage(model, server)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("vendor", "path", "header", "value"),
    [
        (Vendor.OPENAI, "/v1/chat/completions", "authorization", "Bearer sk-secret-4711"),
        (
            Vendor.AZURE,
            "/openai/deployments/ours/chat/completions?api-version=2024-06-01",
            "api-key",
            "sk-secret-4711",
        ),
    ],
)
async def test_a_question_goes_where_the_vendor_wants_it(
    vendor: Vendor, path: str, header: str, value: str
) -> None:
    async with served(answer("四"), vendor=vendor, temperature=0.5) as (model, server):
        async for _ in model.answer(PROMPT):
            pass

    (call,) = server.calls
    assert (call.method, call.path, call.headers[header]) == ("POST", path, value)
    assert call.body == {
        "model": "gpt-x",
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "max_tokens": 100,
        "user": "somebody",
        "messages": [
            {"role": "system", "content": "简短回答"},
            {"role": "user", "content": "一加一？"},
            {"role": "assistant", "content": "二"},
            {"role": "user", "content": "二加二？"},
        ],
    }


@pytest.mark.anyio
async def test_a_connection_serves_one_question_after_another() -> None:
    async with served(answer("四"), vendor=Vendor.OPENAI) as (model, server):
        for _ in range(5):
            async for _item in model.answer(PROMPT):
                pass

    assert (server.connections, len(server.calls)) == (1, 5)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "path",
    ["/chat", "/v1/chat/completions?api-version=7", "/proxy/openai/", "/x/v1/chat/completions"],
)
async def test_a_literal_address_is_asked_as_it_is(path: str) -> None:
    async with ModelServer().serving(answer("四")) as server:
        endpoint = OpenAIEndpoint(api_key="k", base_url=server.origin + path, is_literal=True)
        async with model_at(endpoint) as model:
            assert (await outcome_of(model)).text == "四"

    assert [call.path for call in server.calls] == [path]


@pytest.mark.anyio
async def test_what_the_operator_adds_wins_over_all_but_the_question() -> None:
    added = {"temperature": 1, "max_tokens": 7, "top_k": 3, "stream": False, "messages": []}
    headers = {"X-Team": "a", "Authorization": "Basic zzz"}
    chat = replace(CHAT, temperature=0.5, extra_body=added, extra_headers=headers)

    async with served(answer("四"), chat=chat) as (model, server):
        await outcome_of(model)

    (call,) = server.calls
    assert {name: call.body[name] for name in ("temperature", "max_tokens", "top_k")} == {
        "temperature": 1,
        "max_tokens": 7,
        "top_k": 3,
    }
    assert call.body["stream"] is True
    assert call.body["messages"]
    assert (call.headers["x-team"], call.headers["authorization"]) == ("a", "Basic zzz")
    assert "zzz" not in repr(chat)


@pytest.mark.anyio
async def test_without_a_limit_none_is_sent() -> None:
    async with served(answer("四")) as (model, server):
        await outcome_of(model, replace(PROMPT, answer_limit=None))

    assert not [name for name in server.calls[0].body if "max" in name]
