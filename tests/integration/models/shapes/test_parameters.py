"""What servers refuse about a request is learned, and the question is asked again at once."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from adapters.openai.parameters import ParameterSupport
from application.errors import ModelGone, ModelOutOfFunds, ModelRejected, PromptTooLong
from tests.contracts.chat_model import PROMPT
from tests.fakes.model_server import Behaviour, Call, Line, answer, status
from tests.integration.models.over_http import CHAT, outcome_of, served

pytestmark = pytest.mark.anyio

ASKED = replace(PROMPT, tokens=30, answer_limit=4096)
LENGTHS = ("max_tokens", "max_completion_tokens")
Body = dict[str, object]


def refusing(
    refuses: Callable[[Body], str | None], *, code: int = 400, **fields: object
) -> Behaviour:
    """A server that answers unless there is something to be said about the request."""

    async def behave(line: Line, call: Call) -> None:
        if (words := refuses(call.body)) is None:
            await answer("二四")(line, call)
        else:
            error = {"message": words, "type": "invalid_request_error", **fields}
            await status(code, {"error": error})(line, call)

    return behave


def length_of(body: Body) -> int | None:
    found = next((body[name] for name in LENGTHS if name in body), None)
    return found if isinstance(found, int) else None


def roles_of(body: Body) -> list[str]:
    messages = body["messages"]
    assert isinstance(messages, list)
    return [message["role"] for message in messages]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row: what the server refuses, in which words, and what the request looks like afterwards."""

    name: str
    refuses: Callable[[Body], bool]
    words: str
    then: Callable[[Body], bool]
    streams: bool = True
    calls: int = 2

    def __str__(self) -> str:
        return self.name

    def behaviour(self, *, code: int = 400) -> Behaviour:
        return refusing(lambda body: self.words if self.refuses(body) else None, code=code)


def over(limit: int) -> Callable[[Body], bool]:
    return lambda body: (length_of(body) or limit) > limit


def within(limit: int) -> Callable[[Body], bool]:
    return lambda body: length_of(body) == limit


def sends(name: str) -> Callable[[Body], bool]:
    return lambda body: name in body


def lacks(name: str) -> Callable[[Body], bool]:
    return lambda body: name not in body


def role(name: str) -> Callable[[Body], bool]:
    return lambda body: name in roles_of(body)


def is_folded(body: Body) -> bool:
    messages = body["messages"]
    assert isinstance(messages, list)
    return roles_of(body) == ["user", "assistant", "user"] and messages[0]["content"] == (
        "简短回答\n\n一加一？"
    )


TOO_LARGE = [
    "Range of max_tokens should be [1, 1024]",
    "max_tokens is too large: 4096. This model supports at most 1024 completion tokens.",
    "Invalid max_tokens value, the valid range of max_tokens is [1, 1024]",
    "max_tokens: 4096 > 1024, which is the maximum allowed number of output tokens for x",
    "`max_tokens` must be less than or equal to `1024`",
    "max_tokens (4096) exceeds limit of 1024",
    "integer above maximum value for max_tokens. Expected a value <= 1024, but got 4096 instead.",
    "[{'type': 'less_than_equal', 'loc': ('body', 'max_tokens'), 'ctx': {'le': 1024}}]",
    "max_tokens 不能大于 1024",
    "参数 max_tokens 超出范围，应在 1 到 1024 之间",
    "max_tokens取值范围为[1,1024]",
    "max_tokens 最大值为1024",
    "max_tokens参数超出范围：最大1024",
    "`max_new_tokens` must be <= 1024. Given: 4096",
    "a maxOutputTokens value of 4096 but the supported range is from 1 (inclusive) to 1025 (exclusive).",
]
NO_SYSTEM = [
    "System role not supported",
    "Only user and assistant roles are supported!",
    "Conversation roles must alternate user/assistant/user/assistant/...",
    "Developer instruction is not enabled for this model (system)",
    "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
    "messages[0].role: Input should be 'user' or 'assistant'",
    "不支持 system 角色",
    "角色信息不正确",
    "This model does not support system messages",
    "messages.role只支持user和assistant",
    "invalid message role: system (2013)",
]
NOT_STREAMED = [
    "Streaming is not supported for this model",
    "Unsupported value: 'stream' does not support true with this model.",
    "Your organization must be verified to stream this model.",
    "stream must be false",
    "该模型不支持流式输出",
    "模型不支持stream",
]
ONLY_STREAMED = [
    "This model only support stream mode, please enable the stream parameter to access the model.",
    "Non-streaming is not supported, use stream=true",
    "stream must be true",
    "该模型仅支持流式调用",
    "current user api does not support http call",
    "stream=False is not supported",
    "Streaming is required for operations that may take longer than 10 minutes",
]
TEMPERATURES = [
    "invalid temperature: only 1 is allowed for this model",
    "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value.",
    "temperature must be in (0.0, 0.5]",
    "Range of temperature should be [1.0, 2.0)",
    "temperature 参数非法",
    "参数temperature取值范围[0,0.5]",
]
RULES = [
    *(Rule(name=words, words=words, refuses=over(1024), then=within(1024)) for words in TOO_LARGE),
    *(Rule(name=words, words=words, refuses=role("system"), then=is_folded) for words in NO_SYSTEM),
    *(
        Rule(
            name=words,
            words=words,
            refuses=lambda body: body["stream"] is True,
            then=lambda body: body["stream"] is False and "stream_options" not in body,
        )
        for words in NOT_STREAMED
    ),
    *(
        Rule(
            name=words,
            words=words,
            refuses=lambda body: body["stream"] is False,
            then=lambda body: body["stream"] is True,
            streams=False,
        )
        for words in ONLY_STREAMED
    ),
    *(
        Rule(name=words, words=words, refuses=sends("temperature"), then=lacks("temperature"))
        for words in TEMPERATURES
    ),
    Rule(
        name="thinking without streaming",
        words="parameter.enable_thinking must be set to false for non-streaming calls",
        refuses=lambda body: body["stream"] is False and body.get("enable_thinking") is not False,
        then=lambda body: body.get("enable_thinking") is False,
        streams=False,
    ),
    Rule(
        name="the newer name",
        words="Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.",
        refuses=sends("max_tokens"),
        then=lambda body: body.get("max_completion_tokens") == 4096,
    ),
    Rule(
        name="the newer name, in other words",
        words="max_tokens is deprecated, please use max_completion_tokens",
        refuses=sends("max_tokens"),
        then=lambda body: body.get("max_completion_tokens") == 4096,
    ),
    Rule(
        name="neither name",
        words="Extra inputs are not permitted: max_tokens, max_completion_tokens",
        refuses=lambda body: length_of(body) is not None,
        then=lambda body: length_of(body) is None,
        calls=3,
    ),
    Rule(
        name="the system role has another name",
        words="'system' is not supported, use 'developer' instead",
        refuses=role("system"),
        then=role("developer"),
    ),
    Rule(
        name="some parameter",
        words="API 调用参数有误，请检查文档。",
        refuses=sends("user"),
        then=lambda body: "user" not in body and length_of(body) == 4096,
    ),
    Rule(
        name="some parameter, in other words",
        words="请求参数错误",
        refuses=sends("stream_options"),
        then=lacks("stream_options"),
    ),
    Rule(
        name="the person's pseudonym",
        words="Invalid 'user': string too long. Expected a string with maximum length 8.",
        refuses=sends("user"),
        then=lacks("user"),
    ),
    Rule(
        name="what to send with a stream",
        words="Unrecognized request argument supplied: stream_options",
        refuses=sends("stream_options"),
        then=lambda body: "stream_options" not in body and body["stream"] is True,
    ),
    Rule(
        name="too small",
        words="max_tokens must be at least 5000 tokens",
        refuses=lambda body: (length_of(body) or 9999) < 5000,
        then=within(5000),
    ),
    Rule(
        name="without a number",
        words="max_tokens is invalid",
        refuses=lambda body: length_of(body) is not None,
        then=lambda body: length_of(body) is None,
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=str)
async def test_a_refusal_is_learned_within_the_question_and_remembered(rule: Rule) -> None:
    chat = replace(CHAT, streams=rule.streams, temperature=0.7)

    async with served(rule.behaviour(), chat=chat) as (model, server):
        first, second = await outcome_of(model, ASKED), await outcome_of(model, ASKED)

    assert (first.text, second.text) == ("二四", "二四")
    assert len(server.calls) == rule.calls + 1
    assert all(rule.then(call.body) for call in server.calls[rule.calls - 1 :])


@pytest.mark.parametrize("rule", RULES[::4], ids=str)
@pytest.mark.parametrize("code", [422, 500, 200])
async def test_it_is_so_whatever_the_status(rule: Rule, code: int) -> None:
    chat = replace(CHAT, streams=rule.streams, temperature=0.7)

    async with served(rule.behaviour(code=code), chat=chat) as (model, _):
        assert (await outcome_of(model, ASKED)).text == "二四"


@pytest.mark.parametrize("rule", RULES, ids=str)
async def test_what_was_known_before_needs_no_refusal(rule: Rule) -> None:
    """Presets know what refusals would teach."""
    chat = replace(CHAT, streams=rule.streams, temperature=0.7)
    async with served(rule.behaviour(), chat=chat) as (model, _):
        await outcome_of(model, ASKED)
        known = model._support  # noqa: SLF001 - what a preset would have to say

    async with served(rule.behaviour(), chat=replace(chat, support=known)) as (model, server):
        await outcome_of(model, ASKED)

    assert len(server.calls) == 1


LISTED = [
    {"detail": [
        {"type": "extra_forbidden", "loc": ["body", "user"], "msg": "Extra inputs are not permitted"},
        {"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs"},
    ]},
    {"object": "error", "code": 400, "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'user'), "
     "'msg': 'Extra inputs are not permitted'}, {'loc': ('body', 'stream_options')}]"},
    {"object": "error", "message": {"detail": [
        {"type": "extra_forbidden", "loc": ["body", "user"], "msg": "Extra inputs are not permitted"},
        {"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs"},
    ]}, "type": "invalid_request_error"},
    {"errors": [{"message": "Additional properties '/user', 'stream_options' not allowed", "code": 5006}]},
]  # fmt: skip


@pytest.mark.parametrize("value", LISTED)
async def test_a_list_of_mistakes_is_learned_at_once(value: object) -> None:
    async def behave(line: Line, call: Call) -> None:
        refused = {"user", "stream_options"} & call.body.keys()
        await (status(422, value) if refused else answer("二四"))(line, call)

    async with served(behave) as (model, server):
        assert (await outcome_of(model)).text == "二四"

    assert len(server.calls) == 2


CONTEXT = 4096
COUNTED = 95
CONTEXT_WORDS = [
    (
        "This model's maximum context length is {context} tokens. However, you requested {sum} tokens "
        "({prompt} in the messages, {length} in the completion). Please reduce the length."
    ),
    (
        "'max_tokens' or 'max_completion_tokens' is too large: {length}. This model's maximum context length "
        "is {context} tokens and your request has {prompt} input tokens ({length} > {context} - {prompt})."
    ),
    (
        "Requested token count exceeds the model's maximum context length of {context} tokens. You requested "
        "a total of {sum} tokens: {prompt} tokens from the input messages and {length} for the completion."
    ),
    (
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= {context}. Given: {prompt} "
        "`inputs` tokens and {length} `max_new_tokens`"
    ),
    "input length and `max_tokens` exceed context limit: {prompt} + {length} > {context}",
    "the request exceeds the available context size ({context} tokens): {length} max_tokens",
    "输入 token 数 {prompt} 与 max_tokens {length} 之和超过模型上下文长度 {context}",
    "prompt and max_tokens exceed the context window",
]


def in_context(words: str, *, prompt: int = COUNTED) -> Behaviour:
    """A server that counts the prompt itself, and has no room for more than its context."""

    def refuses(body: Body) -> str | None:
        length = length_of(body) or 0
        named = {"context": CONTEXT, "prompt": prompt, "length": length, "sum": prompt + length}
        return words.format(**named) if prompt + length > CONTEXT else None

    return refusing(refuses)


@pytest.mark.parametrize("words", CONTEXT_WORDS)
async def test_the_answer_is_asked_for_as_long_as_it_fits(words: str) -> None:
    async with served(in_context(words)) as (model, server):
        first, second = await outcome_of(model, ASKED), await outcome_of(model, ASKED)

    assert (first.text, second.text) == ("二四", "二四")
    assert len(server.calls) <= 4
    assert (length_of(server.calls[-1].body) or 0) > CONTEXT // 3


@pytest.mark.parametrize("words", CONTEXT_WORDS[:5])
async def test_the_servers_own_count_of_a_long_prompt_counts(words: str) -> None:
    """Ours was far too small, and the server told its own."""
    async with served(in_context(words, prompt=4000)) as (model, server):
        outcome = await outcome_of(model, ASKED)

    assert outcome.text == "二四"
    assert [length_of(call.body) for call in server.calls] == [4096, 80]


@pytest.mark.parametrize("words", CONTEXT_WORDS[:5])
async def test_a_prompt_that_fits_with_no_answer_at_all_is_too_long(words: str) -> None:
    async with served(in_context(words, prompt=5000)) as (model, server):
        outcome = await outcome_of(model, ASKED)

    assert isinstance(outcome.failure, PromptTooLong)
    assert outcome.failure.context == CONTEXT
    assert len(server.calls) == 1


async def test_a_context_that_is_known_needs_no_refusal() -> None:
    chat = replace(CHAT, context_length=CONTEXT)

    async with served(in_context(CONTEXT_WORDS[0]), chat=chat) as (model, server):
        await outcome_of(model, ASKED)

    assert [length_of(call.body) for call in server.calls] == [CONTEXT - 30 - 64 - 30 // 8]


async def test_no_limit_is_sent_where_none_is_wanted_until_the_context_demands_it() -> None:
    async def behave(line: Line, call: Call) -> None:
        words = "maximum context length is 4096 tokens, you requested 4196 (100 in the messages)"
        refusal = status(400, {"error": {"message": words}})
        await (answer("二四") if length_of(call.body) else refusal)(line, call)

    async with served(behave) as (model, server):
        outcome = await outcome_of(model, replace(ASKED, answer_limit=None))

    assert outcome.text == "二四"
    assert length_of(server.calls[0].body) is None


@pytest.mark.parametrize(
    ("code", "error", "failure"),
    [
        (400, {"code": "Arrearage", "message": "max_tokens"}, ModelOutOfFunds),
        (404, {"code": "model_not_found", "message": "'stream' not supported"}, ModelGone),
        (400, {"message": "nothing of this is known"}, ModelRejected),
    ],
)
async def test_what_is_not_about_parameters_teaches_nothing(
    code: int, error: object, failure: type[Exception]
) -> None:
    async with served(status(code, {"error": error})) as (model, server):
        outcome = await outcome_of(model)

    assert type(outcome.failure) is failure
    assert len(server.calls) == 1


WORDS = [rule.words for rule in RULES]


@pytest.mark.parametrize("words", WORDS)
async def test_a_server_that_always_refuses_is_given_up(words: str) -> None:
    always = refusing(lambda _: words)
    async with served(always, chat=replace(CHAT, temperature=0.7)) as (model, server):
        outcome = await outcome_of(model, ASKED)

    assert outcome.failure
    assert len(server.calls) <= 9


async def test_what_the_operator_set_is_not_changed() -> None:
    rule = next(rule for rule in RULES if re.match("Range of max", rule.words))
    chat = replace(CHAT, extra_body={"max_tokens": 4096})

    async with served(rule.behaviour(), chat=chat) as (model, server):
        outcome = await outcome_of(model, ASKED)

    assert isinstance(outcome.failure, ModelRejected)
    assert str(outcome.failure).endswith("at least 1 at most 1024")
    assert len(server.calls) == 1


async def test_thinking_that_the_operator_wants_is_streamed() -> None:
    words = "parameter.enable_thinking must be set to false for non-streaming calls"
    whole = refusing(lambda body: None if body["stream"] else words)
    chat = replace(CHAT, streams=False, extra_body={"enable_thinking": True})

    async with served(whole, chat=chat) as (model, server):
        outcome = await outcome_of(model, ASKED)

    assert outcome.text == "二四"
    assert [call.body["stream"] for call in server.calls] == [False, True]


async def test_questions_at_the_same_time_all_learn() -> None:
    async with served(RULES[0].behaviour()) as (model, _):
        outcomes = await asyncio.gather(*(outcome_of(model, ASKED) for _ in range(5)))

    assert [outcome.text for outcome in outcomes] == ["二四"] * 5


async def test_a_preset_may_know_it_all() -> None:
    support = ParameterSupport(
        length_name="max_completion_tokens", system_role="user", left_out=frozenset({"user"})
    )

    async with served(answer("四"), chat=replace(CHAT, support=support)) as (model, server):
        await outcome_of(model, ASKED)

    (call,) = server.calls
    assert call.body["max_completion_tokens"] == 4096
    assert is_folded(call.body)
    assert "user" not in call.body


async def test_what_was_changed_is_logged_without_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    words = "张三: Range of max_tokens should be [1, 1024]"
    rule = replace(RULES[0], words=words)

    async with served(rule.behaviour()) as (model, _):
        await outcome_of(model, ASKED)

    (record,) = [one for one in caplog.records if one.message == "model_request_adapted"]
    assert vars(record)["changed"] == "max_tokens=1024"
    assert vars(record)["fact"] == "status 400 invalid_request_error at least 1 at most 1024"
    assert "张三" not in repr(vars(record))
