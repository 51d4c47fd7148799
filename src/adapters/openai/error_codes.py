"""The one table of what providers' error codes and sentences mean.

Sources: the error pages of OpenAI, Azure, DashScope, Zhipu, Moonshot, MiniMax, Volcengine Ark, SiliconFlow,
OpenRouter, DeepSeek, Anthropic and Google, and the sources of one-api, new-api, vLLM, SGLang, TGI,
llama.cpp and Ollama.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

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

NAMES: Mapping[type[ModelFailure], str] = MappingProxyType(
    {
        ModelDeclined: """
            content_filter contentfilter content_policy_violation content_policy moderation_blocked
            responsibleaipolicyviolation image_content_policy_violation image_safety_violation
            data_inspection_failed datainspectionfailed invalidparameter.datainspection ipinfringementsuspect
            sensitive_content sensitive_words_detected content_blocked prompt_blocked
            censorship_blocked unsafe_request input_moderation output_moderation
            moderation_error prohibited_content unsafe_content
            1301 10013 10014 10019 336104 refusal risk_control content_security
            minimax.1026 minimax.1027
        """,
        ModelOutOfFunds: """
            insufficient_quota insufficient_user_quota insufficient_balance insufficient_balance_error
            insufficient_funds insufficient_credits billing_hard_limit_reached billing_not_active
            billing_error credit_balance_too_low exceeded_current_quota_error quota_exhausted
            pre_consume_token_quota_failed arrearage account_arrears accountoverdueerror account_overdue
            operationdenied.serviceoverdue postpaidbilloverdue prepaidbilloverdue paymentrequired
            payment_required quotaexceeded allocationquota.freetieronly coin_insufficient
            access_terminated_error budget_exceeded setlimitexceeded token_quota_exhausted
            failedoperation.resourcepackexhausted failedoperation.freeresourcepackexhausted
            1113 1304 1308 1309 1310 11201 30001 minimax.1008 minimax.2056
        """,
        ModelGone: """
            model_not_found modelnotfound model_not_exist model_not_exists model_decommissioned
            model_deprecated modeldeprecated model_retired model_shutdown deploymentnotfound
            invalidendpointormodel.notfound invalidendpointormodel.modelidaccessdisabled
            invalidendpoint.notfound invalidendpoint.closedendpoint
            modelnotopen operationdenied.servicenotopen unknown_model operationnotsupported
            model_not_supported model_not_available modelnotsupported unsupported_model unsupportedmodel
            no_available_channel 1211 1221 20012 30003
        """,
        PromptTooLong: """
            context_length_exceeded string_above_max_length context_window_exceeded prompt_too_long
            exceed_context_size_error input_too_long max_context_length_exceeded request_too_large
            1261 10907 336007
        """,
        ModelUnavailable: """
            token_quota_exceeded rate_limit_exceeded rate_limit_error rate_limit_reached_error
            requests tokens too_many_requests engine_overloaded_error engine_overloaded overloaded_error
            serveroverloaded server_overloaded resource_exhausted model_overloaded server_error
            api_connection_error
            internal_server_error internalservererror internalerror modelservingerror modelunavailable
            service_unavailable requesttimeout timeout 1120 1230 1234 1302 1303 1305 1312 1313
            11202 11203 50505 50603 minimax.1000 minimax.1001 minimax.1002 minimax.1013 minimax.1024
            minimax.1033 minimax.1039 minimax.1041
        """,
        ModelMisconfigured: """
            invalid_api_key incorrect_api_key_error authentication_error invalid_authentication_error
            authorized_error authenticationerror invalidapikey api_key_invalid unauthenticated
            invalid_token token_expired access_denied accessdenied accessdenied.unpurchased model.accessdenied
            permission_denied permission_denied_error permission_error permissiondenied forbidden
            unsupported_country_region_territory account_deactivated model_price_error
            1000 1001 1002 1003 1004 1110 1111 1112 1121 1220 1222 1311
            minimax.1004 minimax.2049 minimax.2061
        """,
        ModelRejected: """
            invalid_request_error invalid_parameter_error invalid_parameter invalidparameter badrequest
            bad_request badrequesterror bad_request_error invalid_prompt invalid_argument
            missingparameter 1210 1212 1213 1214 1215 20015 minimax.1042 minimax.2013
        """,
    }
)
"""Codes, types and the like, in lower case. Bare numbers are those of Zhipu and SiliconFlow; MiniMax has
other meanings for the same ones, so its `base_resp.status_code` is looked up under `minimax.`."""

SAYS_LITTLE = frozenset(
    {
        "server_error",
        "internal_server_error",
        "internalservererror",
        "internalerror",
        "api_connection_error",
        "minimax.1000",
    }
)
"""Names of a failure that gateways and servers also give to what they have no name for; sentences win."""

PREFIXES: tuple[tuple[str, type[ModelFailure]], ...] = (
    ("throttling", ModelUnavailable),
    ("ratelimitexceeded", ModelUnavailable),
    ("requestburst", ModelUnavailable),
    ("sensitivecontentdetected", ModelDeclined),
    ("authfailure", ModelMisconfigured),
)
SUFFIX_DECLINED = re.compile(
    r"sensitivecontentdetected|riskdetection|data_?inspection", re.IGNORECASE
)
"""Codes of Ark say where it was found in front, and what kind of it behind."""

SENTENCES: tuple[tuple[re.Pattern[str], type[ModelFailure]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.VERBOSE), failure)
    for pattern, failure in (
        (
            r"""allocated\ quota\ exceeded | rate\ limit | too\ many\ requests | 请求(?:过于)?频繁
            | 频率(?:过高|超) | 并发(?:数)?(?:过高|超) | 限流 | 流控 | (?:requests?|tokens)\ per\ minute\b
            | please\ wait\ before""",
            ModelUnavailable,
        ),
        (
            r"""content\ exists\ risk | inappropriate\ content | content\ (?:management|moderation)\ policy
            | (?:flagged|blocked|rejected)\ (?:by|as|for)\ .{0,40}(?:moderation|safety|policy|violat)
            | (?:was|were|been)\ flagged | safety\ system | sensitive\ (?:content|words?|information)
            | 敏感(?:内容|词|信息) | 不安全或敏感 | 内容(?:安全|审核|违规|涉敏) | 涉敏
            | violat\w*\ (?:\w+\ )?(?:usage|content)\ (?:polic|guideline) | usage\ guidelines\ violation
            | contentpolicyviolation | 违规(?:内容|信息) | 涉嫌违规 | \(102[67]\)""",
            ModelDeclined,
        ),
        (
            r"""insufficient[ _](?:account[ _])?(?:balance|credits?|funds|quota|user[ _]quota)
            | (?:balance|credits?|quota|credit\ limit)\ (?:is|are|has\ been|have\ been)?\ ?
              (?:too\ low|insufficient|exhausted|not\ enough|used\ up)
            | not\ enough\ (?:balance|credits?|quota) | exceeded\ your\ current\ quota
            | (?:out\ of|no\ more|have\ any|all\ available)\ (?:credits|funds)
            | key\ limit\ exceeded | budget\ has\ been\ exceeded
            | reach(?:ed|ing)\ .{0,60}(?:spending\ limit|usage\ limits) | spending\ limit\ .{0,40}reached
            | overdue\ (?:balance|payment) | in\ arrears
            | account\ is\ in\ good\ standing | free\ (?:tier|trial)\ .{0,40}(?:exhausted|expired|used\ up)
            | billing\ hard\ limit
            | (?:余额|余量|额度|配额|费用|点数|积分)(?:已)?(?:不足|用尽|用完|耗尽) | 欠费 | 请充值 | 账户余额
            | 预扣费 | \(1008\)""",
            ModelOutOfFunds,
        ),
        (
            r"""model\ not\ exists? | models?\b.{0,120}?(?:does\ not|doesn.t|not)\ exist
            | (?:model|deployment)s?\b.{0,120}?(?:not\ found|not\ be\ found)
            | not\ found\ the\ model | (?:unknown|invalid|no\ such)\ model\b | not\ a\ valid\ model
            | no\ endpoints\ found | no\ available\ channels?\ for
            | model\ version\ has\ reached\ the\ end | unable\ to\ access\ model | provider\ not\ provided
            | ^model:\ \S+$
            | models?\b.{0,120}?(?:deprecated|decommissioned|retired|discontinued|sunset|shut\ ?down|
                no\ longer\ (?:available|supported|offered))
            | (?:deprecated|decommissioned|retired)\ model | does\ not\ work\ with\ the\ specified\ model
            | (?<!this\ )model\ (?:(?![`'"]?(?:temp|max_|stream|system|user|role|tool|top_))\S+\ )?is
              \ (?:not\ supported|unsupported|not\ available|disabled)(?!\ (?:for|with|in|by|when)\b)
            | 模型.{0,80}?已于.{0,24}?(?:下线|停用|停止服务)
            | 模型.{0,80}?(?:不存在|未找到|找不到|已下线|已停用|已停止|已废弃|已弃用|无可用渠道|未开通)
            | 无可用渠道""",
            ModelGone,
        ),
        (
            r"""max(?:imum)?\ (?:allowed\ )?(?:context|sequence|model|prompt|input)\ len | max_seq_len
            | max\ (?:message\ tokens|input\ (?:tokens|characters)) | request\ too\ large
            | input\ token\ count .{0,40}?exceed | longer\ than .{0,30}?(?:context|maximum)
            | larger\ than .{0,20}?context
            | context[ _](?:length|window|size|limit)s?.{0,60}?exceed | exceed.{0,80}?context
            | (?:prompt|input|messages?)\ .{0,60}?too\ (?:long|large|many\ tokens)
            | exceeded\ model\ token\ limit | too\ many\ (?:input\ )?tokens
            | input\ (?:token\ )?length .{0,60}?(?:exceed|should\ be|too\ long)
            | range\ of\ input\ length | loaded\ with\ context\ length
            | `?inputs`?\ tokens\ \+ | tokens\ to\ keep\ from\ the\ initial\ prompt
            | max_tokens.{0,20}at\ least\ 1\b.{0,20}got\ -
            | (?<![_a-z])tokens?\ ?(?:数|数量|总数)?\ ?超(?:过|出) | 最大输入长度
            | (?:内容|文本|消息)(?:过长|超长|太长)
            | 上下文.{0,20}(?:超|过长|长度) | (?:输入|prompt|提示词).{0,12}?(?:过长|超长|超过|超出)
            | 超过.{0,12}?上下文""",
            PromptTooLong,
        ),
        (
            r"""(?:invalid|incorrect|wrong|expired|missing|no)\ (?:api[ -]?)key
            | api\ key\ (?:not\ valid|invalid|expired)
            | api[_ ]?key.{0,40}(?:invalid|无效|错误|过期) | unauthorized | login\ fail
            | 无效的?(?:令牌|密钥|api)
            | (?:location|country|region|territory)\ (?:is\ )?not\ supported | in\ your\ (?:region|country)
            | url\ error | 令牌.{0,20}(?:无效|过期|禁用|状态不可用|无权)
            | 鉴权失败 | 身份验证 | \(1004\)|\(2049\)""",
            ModelMisconfigured,
        ),
        (
            r"""over(?:loaded|load)
            | (?:service|server|system|model|engine)\ .{0,40}?(?:busy|unavailable|at\ capacity)
            | try\ again\ later | temporarily | timed?\ ?out | 繁忙 | 稍后(?:再|重)试 | 过载 | 超时 | 负载""",
            ModelUnavailable,
        ),
    )
)
"""Searched in this order, where no code decides. They may quote people, so they decide less than codes."""


def _by_name() -> dict[str, type[ModelFailure]]:
    return {name: failure for failure, names in NAMES.items() for name in names.split()}


BY_NAME: Mapping[str, type[ModelFailure]] = MappingProxyType(_by_name())


def meaning_of_name(name: str) -> type[ModelFailure] | None:
    """What a code or a type says; None if it is not in the table."""
    folded = name.casefold()
    if found := BY_NAME.get(folded):
        return found
    if SUFFIX_DECLINED.search(folded):
        return ModelDeclined
    return next((failure for prefix, failure in PREFIXES if folded.startswith(prefix)), None)


def meaning_of_sentence(text: str) -> type[ModelFailure] | None:
    """What a provider's own words say; None if they say nothing known."""
    return next((failure for pattern, failure in SENTENCES if pattern.search(text)), None)
