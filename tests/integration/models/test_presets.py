"""What presets and keys of a provider become in a request."""

import json

import pytest

from adapters.tokens.toktok import ToktokCounter
from domain.conversation import Prompt
from entrypoints.presets import PRESETS, Preset
from entrypoints.providers import build
from entrypoints.settings import load
from tests.fakes.model_server import Call, ModelServer, answer

pytestmark = pytest.mark.anyio

PROMPT = Prompt(system="", turns=(), question="1+1", answer_limit=50, asker="pseudonym")
OPENAI_LIKE = [one for one in PRESETS.values() if one.kind == "openai"]


async def request_of(**keys: object) -> Call:
    """What is sent for a question to a provider with these keys, at a server of ours."""
    async with ModelServer().serving(answer("二")) as server:
        address = str(keys.pop("base_url", "{origin}/v1")).format(origin=server.origin)
        provider = {
            "name": "p",
            "api_key": "sk-a1b2c3d4",
            "model": "m",
            "base_url": address,
            **keys,
        }
        settings = load(environment={"PROVIDERS": json.dumps([provider])}).settings
        made = build(settings.effective_providers[0], ToktokCounter("m"))
        try:
            async for _ in made.chat.answer(PROMPT):
                """Only the request matters."""
        finally:
            await made.aclose()
        return server.calls[0]


@pytest.mark.parametrize("preset", OPENAI_LIKE, ids=lambda one: one.name)
async def test_a_preset_sends_what_its_service_takes(preset: Preset) -> None:
    sent = (await request_of(preset=preset.name)).body

    assert sent[preset.length_parameter] == 50
    assert not preset.unsupported & set(sent)
    assert ("user" in sent) is ("user" not in preset.unsupported)
    assert "enable_thinking" not in sent


async def test_what_must_go_along_with_an_answer_that_is_not_streamed_does() -> None:
    sent = (await request_of(preset="dashscope", stream=False)).body

    assert (sent["stream"], sent["enable_thinking"]) == (False, False)


async def test_the_keys_of_a_provider_reach_its_server() -> None:
    call = await request_of(
        kind="openai",
        base_url="{origin}/ask/chat/completions?team=bot#",
        extra_body={"top_k": 5},
        extra_headers={"X-Team": "bot"},
    )

    assert call.body["top_k"] == 5
    assert call.headers["x-team"] == "bot"
    assert call.path == "/ask/chat/completions?team=bot"


async def test_a_route_that_was_cut_off_is_asked_once() -> None:
    call = await request_of(kind="openai", base_url="{origin}/chat/completions")

    assert call.path == "/v1/chat/completions"
