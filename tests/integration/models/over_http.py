"""The adapter for the chat protocol, at a scripted server on the loopback."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import TypedDict, Unpack

from adapters.openai.chat import ChatOptions, OpenAIChatModel
from adapters.openai.connection import (
    AzureEndpoint,
    Connection,
    ConnectionOptions,
    Endpoint,
    OpenAIEndpoint,
)
from adapters.openai.timeouts import StreamTimeouts
from application.errors import ModelFailure
from application.ports import Finish, ModelOutput
from domain.conversation import Prompt
from tests.contracts.chat_model import PROMPT, text_of, thoughts_of
from tests.fakes.model_server import Behaviour, ModelServer

KEY = "sk-secret-4711"

QUICK = StreamTimeouts(
    first_token=timedelta(seconds=2),
    idle=timedelta(seconds=2),
    whole=timedelta(seconds=5),
    after_finish=timedelta(milliseconds=100),
    after_end=timedelta(milliseconds=100),
)


CHAT = ChatOptions(model="gpt-x", timeouts=QUICK)


class ChatChanges(TypedDict, total=False):
    """What tests change most."""

    streams: bool
    temperature: float | None
    timeouts: StreamTimeouts


class Vendor(Enum):
    OPENAI = "openai"
    AZURE = "azure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a question."""

    text: str
    thoughts: str
    finish: Finish | None
    failure: ModelFailure | None


def endpoint_of(vendor: Vendor, origin: str) -> Endpoint:
    if vendor is Vendor.AZURE:
        return AzureEndpoint(api_key=KEY, url=origin, deployment="ours", api_version="2024-06-01")
    return OpenAIEndpoint(api_key=KEY, base_url=f"{origin}/v1")


@asynccontextmanager
async def model_at(
    endpoint: Endpoint,
    *,
    options: ConnectionOptions = ConnectionOptions(),  # noqa: B008 - frozen
    chat: ChatOptions = CHAT,
) -> AsyncGenerator[OpenAIChatModel]:
    connection = Connection(endpoint, options)
    try:
        yield OpenAIChatModel(connection, chat)
    finally:
        await connection.aclose()


@asynccontextmanager
async def served(
    *script: Behaviour,
    vendor: Vendor = Vendor.OPENAI,
    chat: ChatOptions = CHAT,
    **changes: Unpack[ChatChanges],
) -> AsyncGenerator[tuple[OpenAIChatModel, ModelServer]]:
    """A model and the server that it asks; `changes` are to the options `chat`."""
    async with (
        ModelServer().serving(*script) as server,
        model_at(endpoint_of(vendor, server.origin), chat=replace(chat, **changes)) as model,
    ):
        yield model, server


async def outcome_of(model: OpenAIChatModel, prompt: Prompt = PROMPT) -> Outcome:
    items: list[ModelOutput] = []
    failure = None
    try:
        async for item in model.answer(prompt):
            items.append(item)  # noqa: PERF401 - those before a failure are wanted too
    except ModelFailure as error:
        failure = error
    finish = next((item for item in items if isinstance(item, Finish)), None)
    return Outcome(text=text_of(items), thoughts=thoughts_of(items), finish=finish, failure=failure)


async def asked(*script: Behaviour, **changes: Unpack[ChatChanges]) -> Outcome:
    """One question to a server with that script."""
    async with served(*script, **changes) as (model, _):
        return await outcome_of(model)


def environment_of(**additions: str) -> dict[str, str]:
    """For a process of its own."""
    return {**os.environ, "PYTHONPATH": "src", **additions}
