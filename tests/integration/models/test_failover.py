"""Two servers, one of them in trouble: the whole model side together."""

import asyncio
import json
import sys
from contextlib import aclosing
from dataclasses import replace
from urllib.request import urlopen

import pytest

from adapters.openai.chat import OpenAIChatModel
from adapters.openai.connection import OpenAIEndpoint
from application.answer_question import answer_to
from application.ports import ChatModel, Finish, ModelOutput
from application.provider import Provider
from application.provider_pool import ProviderPool
from domain.failover import ANSWERED, Attempt, Then
from tests.contracts.chat_model import PROMPT
from tests.fakes.clock import ManualClock
from tests.fakes.model_server import (
    Behaviour,
    answer,
    error,
    reset,
    said,
    silence,
    stream,
)
from tests.integration.models.over_http import (
    CHAT,
    KEY,
    QUICK,
    environment_of,
    model_at,
    outcome_of,
    served,
)

pytestmark = pytest.mark.anyio


async def all_of(*models: ChatModel) -> list[ModelOutput | Attempt]:
    """Without the finish."""
    providers = [
        Provider(name=f"{number}", model=model, concurrency=5, model_name=f"{number}")
        for number, model in enumerate(models, start=1)
    ]
    pool = ProviderPool(providers=providers, clock=ManualClock(), time_limit=QUICK.whole)
    async with aclosing(pool.ask(answer_to(PROMPT))) as items:
        return [item async for item in items if not isinstance(item, Finish)]


@pytest.mark.parametrize(
    "trouble", [error(500), error(400), error(401), error(429, "insufficient_quota"), reset]
)
async def test_h14_the_second_answers_for_the_first(trouble: Behaviour) -> None:
    async with served(trouble) as (first, _), served(answer("二", "四")) as (second, _):
        *pieces, last = await all_of(first, second)

    assert [piece for piece in pieces if isinstance(piece, str)] == ["二", "四"]
    assert isinstance(last, Attempt)
    assert (last.provider, last.outcome) == ("2", ANSWERED)


async def test_h9_a_cut_stream_is_asked_for_again() -> None:
    script = [stream(said("二")), answer("二", "四")]

    async with served(*script) as (model, server):
        *pieces, _ = await all_of(model)

    cut = pieces.pop(1)
    assert isinstance(cut, Attempt)
    assert cut.then is Then.RETRY
    assert pieces == ["二", "二", "四"]
    assert len(server.calls) == 2


async def test_h8_giving_up_a_question_ends_the_call_at_the_server() -> None:
    async with served(silence()) as (model, server):
        asking = asyncio.create_task(all_of(model))
        await server.was_asked()

        asking.cancel()
        await asyncio.wait([asking])

        await server.hung_up()
    assert asking.cancelled()


async def test_a_closed_connection_opens_again() -> None:
    async with served(answer("四")) as (model, server):
        await outcome_of(model)
        await close(model)
        await server.hung_up()

        outcome = await outcome_of(model)

    assert outcome.text == "四"


async def close(model: OpenAIChatModel) -> None:
    await model._connection.aclose()  # noqa: SLF001 - its owner is the container, which is not here


@pytest.mark.parametrize("streams", [True, False])
async def test_the_server_of_the_command_line_echoes(*, streams: bool) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fakes.model_server", "--chunks", "3", "--delay", "0.01"),
        stdout=asyncio.subprocess.PIPE,
        env=environment_of(),
    )
    assert process.stdout
    url = (await process.stdout.readline()).decode().split()[-1]
    try:
        endpoint = OpenAIEndpoint(api_key=KEY, base_url=url)
        async with model_at(endpoint, chat=replace(CHAT, streams=streams)) as model:
            outcome = await outcome_of(model)
        told = await asyncio.to_thread(_body_of, url.removesuffix("/v1") + "/calls")
    finally:
        process.terminate()
        await process.communicate()

    assert outcome.text == "echo 二加二？"
    (call,) = json.loads(told)
    assert call["messages"][-1]["content"] == "二加二？"


def _body_of(url: str) -> bytes:
    with urlopen(url, timeout=5) as response:  # noqa: S310 - our own loopback
        body: bytes = response.read()
        return body
