"""What a server does not understand is left out, once it has said so."""

import asyncio

import pytest

from application.errors import ModelRejected
from tests.fakes.model_server import Behaviour, Call, Line, answer, error, status
from tests.integration.models.over_http import Vendor, outcome_of, served

pytestmark = pytest.mark.anyio


def refusing(behaviour: Behaviour, *names: str) -> Behaviour:
    """A server that refuses, one a time, whatever of these it is sent."""

    async def behave(line: Line, call: Call) -> None:
        sent = [name for name in names if name in call.body]
        await (behaviour if sent else answer("四"))(line, call)

    return behave


def unsupported(name: str, message: str = "") -> Behaviour:
    return error(400, "unsupported_parameter", param=name, message=message)


FASTAPI = {"detail": [{"type": "extra_forbidden", "loc": ["body", "user"], "msg": "Extra inputs"}]}


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("max_tokens", unsupported("max_tokens", "Use 'max_completion_tokens' instead.")),
        ("max_tokens", error(400, message="use max_completion_tokens")),
        ("stream_options", unsupported("stream_options")),
        ("stream_options", error(400, message="Unrecognized request argument: stream_options")),
        ("user", status(422, FASTAPI)),
        ("user", error(400, message="unknown field `user`")),
        (
            "temperature",
            error(400, "unsupported_value", param="temperature", message="does not support 0.5"),
        ),
    ],
)
@pytest.mark.parametrize("vendor", Vendor)
async def test_a_refused_parameter_is_sent_only_once(
    name: str, refusal: Behaviour, vendor: Vendor
) -> None:
    script = refusing(refusal, name)

    async with served(script, vendor=vendor, temperature=0.5) as (model, server):
        first, second = await outcome_of(model), await outcome_of(model)

    assert (first.text, second.text) == ("四", "四")
    assert [name in call.body for call in server.calls] == [True, False, False]


async def test_the_length_is_still_bounded_under_its_newer_name() -> None:
    script = refusing(unsupported("max_tokens"), "max_tokens")

    async with served(script) as (model, server):
        await outcome_of(model)

    assert server.calls[-1].body["max_completion_tokens"] == 100


async def test_several_refusals_are_learned_one_after_another() -> None:
    async def behave(line: Line, call: Call) -> None:
        for name in ("stream_options", "user", "temperature", "max_tokens"):
            if name in call.body:
                await unsupported(name)(line, call)
                return
        await answer("四")(line, call)

    async with served(behave, temperature=0.5) as (model, server):
        outcome = await outcome_of(model)

    assert outcome.text == "四"
    assert len(server.calls) == 5


async def test_the_system_role_changes_if_the_server_asks_for_another() -> None:
    async def behave(line: Line, call: Call) -> None:
        refusal = error(400, message="'system' is not supported, use 'developer' instead")
        await (refusal if "system" in str(call.body) else answer("四"))(line, call)

    async with served(behave) as (model, server):
        await outcome_of(model)

    messages = server.calls[-1].body["messages"]
    assert isinstance(messages, list)
    assert messages[0] == {"role": "developer", "content": "简短回答"}


@pytest.mark.parametrize(
    "refusal",
    [
        unsupported("max_tokens"),
        unsupported("user"),
        unsupported("logprobs"),
        error(400, "invalid_value", param="max_tokens", message="max_tokens is too large"),
        error(400, message="The user message is unexpected"),
        error(400, message="'system' is not supported, use 'developer' instead"),
    ],
)
async def test_a_server_that_keeps_refusing_is_not_asked_for_ever(refusal: Behaviour) -> None:
    async with served(refusal) as (model, server):
        outcome = await outcome_of(model)

    assert isinstance(outcome.failure, ModelRejected)
    assert len(server.calls) <= 5


async def test_a_word_of_every_day_is_no_parameter() -> None:
    async with served(error(400, message="The user message is unexpected")) as (model, server):
        await outcome_of(model)

    assert len(server.calls) == 1


async def test_questions_at_the_same_time_all_learn() -> None:
    script = refusing(unsupported("max_tokens"), "max_tokens")

    async with served(script) as (model, _):
        outcomes = await asyncio.gather(*(outcome_of(model) for _ in range(5)))

    assert [outcome.text for outcome in outcomes] == ["四"] * 5
