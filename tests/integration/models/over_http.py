"""The adapter for the chat protocol, at a scripted server on the loopback."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from adapters.openai.chat import OpenAIChatModel
from adapters.openai.connection import Connection
from adapters.openai.endpoint import AzureEndpoint, Endpoint, OpenAIEndpoint, Route
from adapters.openai.pace import Limits
from application.errors import ModelFailure
from application.ports import Finish
from domain.conversation import Prompt
from tests.contracts.chat_model import PROMPT
from tests.fakes.model_server import Behaviour, ModelServer

KEY = "sk-secret-4711"

QUICK = Limits(
    first_piece=timedelta(seconds=2),
    between_pieces=timedelta(seconds=2),
    whole=timedelta(seconds=5),
    after_finish=timedelta(milliseconds=100),
    after_end=timedelta(milliseconds=100),
)


class Vendor(Enum):
    OPENAI = "openai"
    AZURE = "azure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a question."""

    text: str
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
    route: Route = Route(),  # noqa: B008 - frozen
    streams: bool = True,
    temperature: float | None = None,
    limits: Limits = QUICK,
) -> AsyncGenerator[OpenAIChatModel]:
    connection = Connection(endpoint, route)
    try:
        yield OpenAIChatModel(
            connection, model="gpt-x", streams=streams, temperature=temperature, limits=limits
        )
    finally:
        await connection.aclose()


@asynccontextmanager
async def served(
    *script: Behaviour,
    vendor: Vendor = Vendor.OPENAI,
    streams: bool = True,
    temperature: float | None = None,
    limits: Limits = QUICK,
) -> AsyncGenerator[tuple[OpenAIChatModel, ModelServer]]:
    """A model and the server that it asks."""
    async with (
        ModelServer().serving(*script) as server,
        model_at(
            endpoint_of(vendor, server.origin),
            streams=streams,
            temperature=temperature,
            limits=limits,
        ) as model,
    ):
        yield model, server


async def outcome_of(model: OpenAIChatModel, prompt: Prompt = PROMPT) -> Outcome:
    text, finish = "", None
    try:
        async for item in model.answer(prompt):
            if isinstance(item, Finish):
                finish = item
            else:
                text += item
    except ModelFailure as failure:
        return Outcome(text=text, finish=None, failure=failure)
    return Outcome(text=text, finish=finish, failure=None)


async def asked(*script: Behaviour, streams: bool = True, limits: Limits = QUICK) -> Outcome:
    """One question to a server with that script."""
    async with served(*script, streams=streams, limits=limits) as (model, _):
        return await outcome_of(model)


def environment_of(**additions: str) -> dict[str, str]:
    """For a process of its own."""
    return {**os.environ, "PYTHONPATH": "src", **additions}
