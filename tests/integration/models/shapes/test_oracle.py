"""Legal streams are read as OpenAI's own SDK reads them, those of local servers too."""

import json
from collections.abc import AsyncGenerator, Sequence
from itertools import pairwise
from pathlib import Path

import httpx2
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.openai.answer import Answer
from adapters.openai.connection import Reply
from adapters.openai.response import ResponseReader
from adapters.openai.timeouts import Deadline, StreamTimeouts
from application.ports import Finish, FinishReason, ModelOutput
from tests.contracts.chat_model import text_of, thoughts_of

pytestmark = pytest.mark.anyio

SAMPLES = Path(__file__).parent / "samples"
"""Streams in the forms that Ollama 0.12 and vLLM 0.11 send, names and numbers ours."""

LETTERS = ["二", "a", "<b>", "\n", " ", '"', "\\", "{}", "data: x", "👋"]
texts = st.lists(st.sampled_from(LETTERS), max_size=4).map("".join)
thinking = st.lists(st.sampled_from(["想", "t", "\n"]), max_size=3)
edges = st.lists(st.integers(0, 2000), max_size=10)
endings = st.sampled_from(["stop", "length", "tool_calls"])
newlines = st.sampled_from(["\n", "\r\n"])


async def pieces(chunks: Sequence[bytes]) -> AsyncGenerator[bytes]:
    for one in chunks:
        if one:
            yield one


async def read_here(chunks: Sequence[bytes]) -> list[ModelOutput]:
    reader = ResponseReader(Answer("m"), Deadline(StreamTimeouts()))
    reply = Reply(content_type="text/event-stream", received=pieces(chunks))
    return [item async for item in reader.read(reply)]


async def read_by_the_sdk(chunks: Sequence[bytes]) -> tuple[str, str | None]:
    """The text, and the last reason."""

    def respond(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(
            200, headers={"content-type": "text/event-stream"}, content=pieces(chunks)
        )

    transport = httpx2.AsyncClient(transport=httpx2.MockTransport(respond))
    async with openai.AsyncOpenAI(
        api_key="k", base_url="http://m.test", http_client=transport
    ) as client:
        stream = await client.chat.completions.create(model="m", messages=[], stream=True)
        text, reason = "", None
        async for chunk in stream:
            for choice in chunk.choices:
                text += choice.delta.content or ""
                reason = choice.finish_reason or reason
    return text, reason


def cut(whole: bytes, edges: list[int]) -> list[bytes]:
    places = [0, *sorted(min(edge, len(whole)) for edge in edges), len(whole)]
    return [whole[start:stop] for start, stop in pairwise(places)]


def legal(said: list[str], thought: list[str], reason: str, newline: str) -> bytes:
    """A stream as OpenAI's documents describe it, thoughts in DeepSeek's field."""
    deltas: list[dict[str, object]] = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": one} for one in thought]
    deltas += [{"content": one} for one in said]
    chunks: list[dict[str, object]] = [
        {"choices": [{"index": 0, "delta": one, "finish_reason": None}]} for one in deltas
    ]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    usage: dict[str, object] = {
        "choices": [],
        "usage": {"prompt_tokens": 5, "completion_tokens": 7},
    }
    frame: dict[str, object] = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
    }
    events = [json.dumps({**frame, **one}, ensure_ascii=False) for one in [*chunks, usage]]
    return "".join(f"data: {one}{newline}{newline}" for one in [*events, "[DONE]"]).encode()


@settings(deadline=None)
@given(
    said=st.lists(texts, max_size=5),
    thought=thinking,
    reason=endings,
    newline=newlines,
    edges=edges,
)
async def test_a_legal_stream_is_read_as_the_sdk_reads_it(
    said: list[str], thought: list[str], reason: str, newline: str, edges: list[int]
) -> None:
    chunks = cut(legal(["答", *said], thought, reason, newline), edges)

    items = await read_here(chunks)

    assert (text_of(items), reason) == await read_by_the_sdk(chunks)
    assert thoughts_of(items) == "".join(thought)
    assert isinstance(finish := items[-1], Finish)
    assert (finish.reason is FinishReason.LENGTH) == (reason == "length")
    assert (finish.prompt_tokens, finish.answer_tokens) == (5, 7)


SAMPLED = [
    ("ollama.sse", "1 + 1 equals 2.", "", (31, 9)),
    ("ollama-thinking.sse", "The answer is 2.", "Okay, 1 + 1 is 2.", (16, 18)),
    ("vllm.sse", "一加一等于二。", "", (24, 6)),
    ("vllm-reasoning.sse", "二。", "用户问一加一。\n", (14, 12)),
]


@pytest.mark.parametrize(("name", "text", "thoughts", "tokens"), SAMPLED)
@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_a_servers_own_form_is_read_as_it_is_meant(
    name: str, text: str, thoughts: str, tokens: tuple[int, int], size: int
) -> None:
    whole = (SAMPLES / name).read_bytes()
    chunks = [whole[start : start + size] for start in range(0, len(whole), size)]

    items = await read_here(chunks)

    assert (text_of(items), thoughts_of(items)) == (text, thoughts)
    assert (await read_by_the_sdk(chunks))[0].lstrip() == text
    assert isinstance(finish := items[-1], Finish)
    assert (finish.prompt_tokens, finish.answer_tokens) == tokens
