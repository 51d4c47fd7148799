"""What providers' errors mean, whatever the status is they come with; one row for each code and sentence."""

from dataclasses import replace

import pytest

from application.errors import (
    ModelDeclined,
    ModelFailure,
    ModelGone,
    ModelMisconfigured,
    ModelOutOfFunds,
    ModelRejected,
    ModelUnavailable,
    PromptTooLong,
)
from tests.contracts.chat_model import PROMPT
from tests.fakes.model_server import Behaviour, status
from tests.integration.models.over_http import asked, outcome_of, served
from tests.integration.models.shapes.table import Shape, body, check_alone, check_with_backup

pytestmark = pytest.mark.anyio


def openai(code: str | int | None = None, words: str = "", kind: str | None = None) -> object:
    """OpenAI's error body."""
    return {"error": {"message": words, "type": kind, "param": None, "code": code}}


def ark(code: str) -> object:
    return openai(code, "The request failed. Request id: 02", "Forbidden")


NO_FUNDS: list[tuple[int, object]] = [
    (429, openai("insufficient_quota", "You exceeded your current quota", "insufficient_quota")),
    (429, {"error": {"code": "1113", "message": "您的账户已欠费，请充值后重试"}}),
    (403, openai("insufficient_user_quota", "用户额度不足, 剩余额度: ¥0.1", "new_api_error")),
    (403, openai("pre_consume_token_quota_failed", "token quota is not enough", "new_api_error")),
    (401, openai("", "该令牌额度已用尽", "one_api_error")),
    (
        400,
        {
            "code": "Arrearage",
            "message": "Access denied, make sure your account is in good standing",
        },
    ),
    (400, openai("Arrearage", "Access denied")),
    (429, openai(None, "suspended", "exceeded_current_quota_error")),
    (403, ark("AccountOverdueError")),
    (403, ark("OperationDenied.ServiceOverdue")),
    (429, ark("QuotaExceeded")),
    (402, openai("invalid_request_error", "Insufficient Balance", "unknown_error")),
    (402, {"error": {"code": 402, "message": "Insufficient credits"}}),
    (403, {"code": 30001, "message": "Sorry, your account balance is insufficient", "data": None}),
    (
        400,
        openai(None, "Your credit balance is too low to access the API", "invalid_request_error"),
    ),
    (500, openai(None, "upstream: {'code': 'insufficient_user_quota'}", "upstream_error")),
    (200, {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}),
    (429, openai(None, "insufficient balance (1008)", "insufficient_balance_error")),
    (403, openai("AllocationQuota.FreeTierOnly", "The free tier of the model has been exhausted.")),
    (400, openai("billing_hard_limit_reached")),
    (403, openai(403, "Key limit exceeded (total limit). Manage it at x")),
    (402, openai(402, "This request requires more credits, or fewer max_tokens.")),
    (400, openai(None, "You have reached your specified API usage limits.")),
    (
        403,
        {"code": "The caller does not have permission to", "error": "It doesn't have any credits"},
    ),
    (
        429,
        {"code": "Some resource has been exhausted", "error": "It has used all available credits"},
    ),
    (429, openai("SetLimitExceeded", "It has reached the set inference limit", "TooManyRequests")),
    (429, {"error": {"code": "1308", "message": "已达到 5 小时的使用上限。"}}),
    (429, {"error": {"code": "1304", "message": "该 API 已达到今日调用次数限额"}}),
    (400, openai("400", "Budget has been exceeded! Current cost: 0.5", "budget_exceeded")),
    (412, openai("PRECONDITION_FAILED", "suspended due to reaching the monthly spending limit")),
    (403, openai("token_quota_exhausted", "token quota has been exhausted", "new_api_error")),
    (403, openai(None, "账户配额已用完")),
    (429, openai("429", "The monthly spending limit for this project has been reached")),
]
GONE: list[tuple[int, object]] = [
    (
        404,
        openai("model_not_found", "The model `x` does not exist or you do not have access to it."),
    ),
    (400, openai("invalid_request_error", "Model Not Exist", "invalid_request_error")),
    (404, ark("InvalidEndpointOrModel.NotFound")),
    (404, ark("ModelNotOpen")),
    (404, {"error": {"message": 'model "x" not found, try pulling it first', "type": "api_error"}}),
    (404, {"error": "model 'x' not found"}),
    (404, {"object": "error", "message": "The model `x` does not exist.", "code": 404}),
    (400, openai("model_decommissioned", "The model `x` has been decommissioned")),
    (404, openai(None, "The model `x` has been deprecated, learn more here: x")),
    (410, openai(None, "This model was retired on 2026-01-01.")),
    (400, {"code": 20012, "message": "Model does not exist. Please check it carefully."}),
    (400, {"error": {"code": "1211", "message": "模型不存在，请检查模型代码。"}}),
    (503, openai("model_not_found", "No available channel for model x under group default")),
    (503, openai(None, "当前分组 default 下对于模型 x 无可用渠道", "one_api_error")),
    (404, openai(None, "No endpoints found for x.")),
    (400, openai(400, "x is not a valid model ID")),
    (404, openai("DeploymentNotFound", "The API deployment for this resource does not exist.")),
    (404, openai(None, "Not found the model x or Permission denied", "resource_not_found_error")),
    (404, {"type": "error", "error": {"type": "not_found_error", "message": "model: x not found"}}),
    (404, [{"error": {"code": 404, "message": "models/x is not found for API version v1main"}}]),
    (400, openai(None, "模型已下线，请更换")),
    (400, openai(None, "当前模型 x 已于 2026-10-01 下线")),
    (400, openai(None, "This model version has reached the end of its life.")),
    (404, {"type": "error", "error": {"type": "not_found_error", "message": "model: x-2"}}),
    (404, openai("model_not_available", "Unable to access model x.")),
    (404, openai("OperationNotSupported", "It does not work with the specified model, x.")),
    (400, openai("model_not_supported", "The requested model is not supported.")),
    (400, openai(None, "Model x is not supported")),
    (404, openai(None, "Model x is not available. Please choose another", "not_found")),
    (404, openai(None, "Invalid model name passed in model=x.", "invalid_request_error")),
]
DECLINED: list[tuple[int, object]] = [
    (400, openai("content_filter", "filtered due to the prompt triggering our content policy")),
    (400, openai("data_inspection_failed", "Input data may contain inappropriate content.")),
    (400, {"code": "DataInspectionFailed", "message": "Output data may contain it."}),
    (400, openai("invalid_request_error", "Content Exists Risk", "invalid_request_error")),
    (
        400,
        {"error": {"code": "1301", "message": "系统检测到输入或生成内容可能包含不安全或敏感内容"}},
    ),
    (400, ark("SensitiveContentDetected")),
    (400, ark("SensitiveContentDetected.SevereViolation")),
    (400, ark("InputTextSensitiveContentDetected")),
    (400, ark("OutputTextRiskDetection")),
    (
        400,
        openai(
            None, "The request was rejected because it was considered high risk", "content_filter"
        ),
    ),
    (200, {"base_resp": {"status_code": 1026, "status_msg": "input new_sensitive"}}),
    (500, openai(None, "input sensitive (1026)", "api_error")),
    (400, openai("contentFilter", "x")),
    (400, openai(None, "Your request was rejected as a result of our safety system.")),
    (400, openai("400", "litellm.ContentPolicyViolationError: it was filtered")),
    (451, openai("censorship_blocked", "It is blocked.", "censorship_blocked")),
    (403, openai("unsafe_request", "it may be unsafe", "access_denied")),
    (400, openai("10013", "输入内容审核不通过", "api_error")),
    (400, openai(None, "输入文本包含违规信息", "invalid_request_error")),
    (403, openai("permission-denied", "Usage guidelines violation. SAFETY_CHECK_TYPE")),
    (
        400,
        {"error": {"code": "BadRequest", "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
    ),
    (403, openai(403, "Your input was flagged by moderation")),
    (421, openai(None, "blocked")),
    (500, openai("sensitive_words_detected", "user sensitive words detected", "new_api_error")),
]
WRONG_SETTINGS: list[tuple[int, object]] = [
    (401, openai("invalid_api_key", "Incorrect API key provided")),
    (401, {"error": {"code": "1002", "message": "Authentication Token 非法"}}),
    (401, openai(None, "无效的令牌", "new_api_error")),
    (200, {"base_resp": {"status_code": 1004, "status_msg": "login fail"}}),
    (200, {"base_resp": {"status_code": 2049, "status_msg": "invalid api key"}}),
    (400, [{"error": {"message": "API key not valid.", "status": "INVALID_ARGUMENT"}}]),
    (403, openai("unsupported_country_region_territory", "Country not supported")),
    (403, {"code": "AccessDenied.Unpurchased", "message": "x"}),
    (403, "<!DOCTYPE html>\nblocked by policy of your company"),
    (400, [{"error": {"message": "User location is not supported for the API use."}}]),
    (403, openai(403, "The model x is not available in your region")),
    (400, {"code": "InvalidParameter", "message": "url error, please check url！"}),
    (200, {"base_resp": {"status_code": 2061, "status_msg": "your plan does not cover it"}}),
    (500, openai("model_price_error", "模型 x 倍率或价格未配置", "new_api_error")),
    (200, {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "x"}}}),
    (404, "404 page not found"),
    (404, {"detail": "Not Found"}),
    (405, {"detail": "Method Not Allowed"}),
    (200, {"code": "InvalidApiKey", "message": "Invalid API-key provided."}),
]
LATER: list[tuple[int, object]] = [
    (429, openai("rate_limit_exceeded", "Rate limit reached", "tokens")),
    (
        429,
        {"code": "Throttling.AllocationQuota", "message": "Allocated quota exceeded, increase it"},
    ),
    (
        429,
        openai("insufficient_quota", "Allocated quota exceeded, please increase your quota limit."),
    ),
    (400, {"code": "Throttling.RateQuota", "message": "Requests rate limit exceeded"}),
    (400, {"error": {"code": "1302", "message": "您当前使用该 API 的并发数过高"}}),
    (429, {"error": {"code": "1305", "message": "该 API 已触发流量限制"}}),
    (200, {"base_resp": {"status_code": 1002, "status_msg": "rate limit"}}),
    (200, {"base_resp": {"status_code": 1039, "status_msg": "token limit"}}),
    (429, openai(None, "The engine is currently overloaded", "engine_overloaded_error")),
    (429, ark("ServerOverloaded")),
    (429, ark("RateLimitExceeded.EndpointTPMExceeded")),
    (529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
    (500, openai(None, "invalid upstream", "invalid_request_error")),
    (503, openai(None, "服务繁忙，请稍后再试")),
    (200, openai(None, "当前负载已饱和，请稍后再试", "new_api_error")),
    (502, "<html>Bad gateway"),
    (502, "<html>The page does not exist at this deployment: not found. insufficient balance"),
    (499, openai(499, "client closed request")),
    (424, {"error": "Request failed during generation", "error_type": "generation"}),
    (403, openai("11202", "授权错误：秒级流控超限。")),
    (429, openai("throttling", "Too many tokens, please wait before trying again.")),
    (524, "error code: 524"),
    (429, openai("token_quota_exceeded", "Tokens per minute limit exceeded - too many tokens")),
]
TOO_LONG: list[tuple[int, object]] = [
    (400, openai("context_length_exceeded", "x")),
    (400, {"error": {"code": "1261", "message": "Prompt 超长"}}),
    (400, openai("invalid_parameter_error", "Range of input length should be [1, 6144]")),
    (400, openai(None, "Invalid request: Your request exceeded model token limit: 8192")),
    (400, openai(None, "prompt is too long: 9000 tokens > 8192 maximum", "invalid_request_error")),
    (500, openai(None, "the request exceeds the available context size (4096 tokens)")),
    (400, openai(None, "输入超过了模型的最大上下文长度")),
    (
        400,
        {
            "code": 20015,
            "message": "length of prompt_tokens (9) must be less than max_seq_len (5).",
        },
    ),
    (
        400,
        [
            {
                "error": {
                    "message": "The input token count (9) exceeds the maximum number of tokens allowed"
                }
            }
        ],
    ),
    (
        400,
        openai(
            None, "This model's maximum prompt length is 10 but the request contains 90 tokens."
        ),
    ),
    (
        400,
        openai(
            None, "The input (90 tokens) is longer than the model's context length (10 tokens)."
        ),
    ),
    (400, openai("InvalidParameter", "Total tokens of image and text exceed max message tokens.")),
    (500, openai(None, "input is larger than the max context size. skipped")),
    (400, openai("10907", "token数量超过上限")),
    (400, openai(None, "消息内容过长")),
    (413, "<html>Request Entity Too Large"),
    (413, openai("rate_limit_exceeded", "Request too large on tokens per minute", "tokens")),
    (429, openai("rate_limit_exceeded", "Request too large for x on tokens per min", "tokens")),
]
REJECTED: list[tuple[int, object]] = [
    (400, openai(None, "messages must not be empty", "invalid_request_error")),
    (422, {"detail": [{"loc": ["body", "top_k"], "msg": "Input should be an integer"}]}),
]
ROWS: list[tuple[type[ModelFailure], list[tuple[int, object]]]] = [
    (ModelOutOfFunds, NO_FUNDS),
    (ModelGone, GONE),
    (ModelDeclined, DECLINED),
    (ModelMisconfigured, WRONG_SETTINGS),
    (ModelUnavailable, LATER),
    (PromptTooLong, TOO_LONG),
    (ModelRejected, REJECTED),
]


def written(value: object) -> list[bytes]:
    return [value.encode()] if isinstance(value, str) else body(value)


SHAPES = [
    Shape(
        name=f"{failure.__name__} {code} {written(value)[0].decode()[:70]}",
        chunks=written(value),
        status=code,
        kind="application/json",
        failure=failure,
    )
    for failure, rows in ROWS
    for code, value in rows
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
async def test_alone(shape: Shape) -> None:
    await check_alone(shape)


@pytest.mark.parametrize("shape", SHAPES[::3], ids=str)
async def test_with_a_backup(shape: Shape) -> None:
    await check_with_backup(shape)


@pytest.mark.parametrize(
    ("behaviour", "fact"),
    [
        (status(404, {"detail": "Not Found"}), "status 404"),
        (status(401, openai("invalid_api_key", "sk-123", "x")), "status 401 invalid_api_key x"),
        (
            status(
                400, {"error": {"message": "张三 asked", "param": "messages", "code": "bad\n值"}}
            ),
            "status 400 bad param messages",
        ),
        (
            status(422, {"detail": [{"loc": ["body", "top_k"], "msg": "张三"}]}),
            "status 422 param top_k",
        ),
        (
            status(
                400,
                openai(
                    None, "This model's maximum context length is 4,096 tokens, 9 in the prompt"
                ),
            ),
            "status 400 context 4096 prompt 9",
        ),
        (
            status(
                400, openai("1214", "the parameter top_k tokens must be less than or equal to 20")
            ),
            "status 400 1214 at most 20",
        ),
        (
            status(429, openai("He asked me for a loan", "张三", "tokens")),
            "status 429 tokens",
        ),
        (
            status(400, openai(None, "Range of input length should be [1, 6144]")),
            "status 400 at least 1 at most 6144",
        ),
        (
            status(
                500, openai(None, "input {'code': 'hunter2'}, error {'code': 'insufficient_quota'}")
            ),
            "status 500 insufficient_quota",
        ),
        (status(400, openai(None, "expires 在 2026-12-01, tokens")), "status 400"),
    ],
)
async def test_the_log_has_codes_parameters_and_numbers_only(
    behaviour: Behaviour, fact: str
) -> None:
    assert str((await asked(behaviour)).failure) == fact


@pytest.mark.parametrize(
    "words",
    [
        "This model's maximum context length is 4096 tokens, 9000 in the messages",
        "Range of input length should be [1, 4096]",
        "length of prompt_tokens (9000) must be less than max_seq_len (4096).",
        "The input token count (9000) exceeds the maximum number of tokens allowed (4096).",
        "This model's maximum prompt length is 4096 but the request contains 9000 tokens.",
        "Request too large on tokens per min (TPM): Limit 4096, Requested 9000.",
    ],
)
async def test_a_context_that_is_named_is_told_on(words: str) -> None:
    async with served(status(400, openai(None, words))) as (model, server):
        failure = (await outcome_of(model, replace(PROMPT, answer_limit=4000))).failure

    assert isinstance(failure, PromptTooLong)
    assert failure.context == 4096
    assert len(server.calls) == 1
