"""Well-known model services: where each is, what it needs, and how it differs from OpenAI.

Settings, `doctor`, `setup` and the tables of the documents are made from this one table. Addresses and
abilities are those of the services' own documents. A model's name is an example: services retire models,
and their `GET /models` says what they offer today.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

CLOUD_FIRST_TOKEN = timedelta(minutes=2)
CLOUD_IDLE = timedelta(minutes=1)
QUEUED_FIRST_TOKEN = timedelta(minutes=5)
"""Of services that hold a question in a queue while they are busy, and of models that think for long."""
LOCAL_FIRST_TOKEN = timedelta(minutes=10)
"""A local server may have to load the model from the disk first."""
LOCAL_IDLE = timedelta(minutes=3)

NEITHER: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What is known of a service.

    `address` is the base of its API with the version; empty: the operator gives it (`base_url`, or the
    resource of Azure). `key_page` is where a person makes the key. `length_parameter` names what bounds
    an answer; parameters in `unsupported` are not sent; `unstreamed_body` goes along where the answer is
    not streamed. `has_billing`: it serves the balance on the routes of one-api.
    """

    name: str
    service: str
    service_zh: str
    example_model: str
    kind: str = "openai"
    address: str = ""
    needs_key: bool = True
    key_page: str = ""
    is_local: bool = False
    lists_models: bool = True
    has_billing: bool = False
    length_parameter: str = "max_tokens"
    unsupported: frozenset[str] = NEITHER
    unstreamed_body: Mapping[str, object] = field(default_factory=dict)
    first_token_timeout: timedelta = CLOUD_FIRST_TOKEN
    idle_timeout: timedelta = CLOUD_IDLE


_TABLE = (
    Preset(
        name="openai",
        service="OpenAI",
        service_zh="OpenAI",
        address="https://api.openai.com/v1",
        key_page="https://platform.openai.com/api-keys",
        example_model="gpt-6-luna",
        length_parameter="max_completion_tokens",
    ),
    Preset(
        name="azure",
        service="Azure OpenAI",
        service_zh="Azure OpenAI",
        kind="azure",
        key_page="https://ai.azure.com",
        example_model="my-deployment",
        # Its list is of what could be deployed, not of what is.
        lists_models=False,
        length_parameter="max_completion_tokens",
    ),
    Preset(
        name="deepseek",
        service="DeepSeek",
        service_zh="DeepSeek（深度求索）",
        address="https://api.deepseek.com/v1",
        key_page="https://platform.deepseek.com/api_keys",
        example_model="deepseek-v4-flash",
        # Sends keep-alives, for minutes, while it is busy.
        first_token_timeout=QUEUED_FIRST_TOKEN,
    ),
    Preset(
        name="dashscope",
        service="Alibaba Cloud Model Studio (Qwen)",
        service_zh="阿里云百炼（通义千问）",
        address="https://dashscope.aliyuncs.com/compatible-mode/v1",
        key_page="https://bailian.console.aliyun.com/?tab=model#/api-key",
        example_model="qwen-plus",
        # Models that think or not as they are asked refuse to think where the answer is not streamed.
        unstreamed_body={"enable_thinking": False},
    ),
    Preset(
        name="zhipu",
        service="Zhipu (GLM)",
        service_zh="智谱（GLM）",
        address="https://open.bigmodel.cn/api/paas/v4",
        key_page="https://bigmodel.cn/usercenter/proj-mgmt/apikeys",
        example_model="glm-5.3",
        # Its own name for the asker is `user_id`; token counts come without being asked for.
        unsupported=frozenset({"user", "stream_options"}),
        first_token_timeout=QUEUED_FIRST_TOKEN,
    ),
    Preset(
        name="moonshot",
        service="Moonshot (Kimi)",
        service_zh="月之暗面（Kimi）",
        address="https://api.moonshot.cn/v1",
        key_page="https://platform.moonshot.cn/console/api-keys",
        example_model="kimi-k3",
    ),
    Preset(
        name="minimax",
        service="MiniMax",
        service_zh="MiniMax（稀宇）",
        address="https://api.minimaxi.com/v1",
        key_page="https://platform.minimaxi.com/user-center/basic-information/interface-key",
        example_model="MiniMax-M3",
        length_parameter="max_completion_tokens",
        unsupported=frozenset({"user"}),
    ),
    Preset(
        name="ark",
        service="Volcengine Ark (Doubao)",
        service_zh="火山方舟（豆包）",
        address="https://ark.cn-beijing.volces.com/api/v3",
        key_page="https://console.volcengine.com/ark/region:ark+cn-beijing/apiKey",
        # The operator's own inference endpoints, which no list of models names.
        example_model="ep-20260101120000-abcde",
        lists_models=False,
        first_token_timeout=QUEUED_FIRST_TOKEN,
    ),
    Preset(
        name="siliconflow",
        service="SiliconFlow",
        service_zh="硅基流动",
        address="https://api.siliconflow.cn/v1",
        key_page="https://cloud.siliconflow.cn/account/ak",
        example_model="Qwen/Qwen3-8B",
        first_token_timeout=QUEUED_FIRST_TOKEN,
    ),
    Preset(
        name="openrouter",
        service="OpenRouter",
        service_zh="OpenRouter",
        address="https://openrouter.ai/api/v1",
        key_page="https://openrouter.ai/settings/keys",
        example_model="openrouter/auto",
    ),
    Preset(
        name="ollama",
        service="Ollama (on your own machine)",
        service_zh="Ollama（本机）",
        address="http://127.0.0.1:11434/v1",
        needs_key=False,
        is_local=True,
        example_model="qwen3",
        first_token_timeout=LOCAL_FIRST_TOKEN,
        idle_timeout=LOCAL_IDLE,
    ),
    Preset(
        name="vllm",
        service="vLLM (on your own machine)",
        service_zh="vLLM（本机）",
        address="http://127.0.0.1:8000/v1",
        needs_key=False,
        is_local=True,
        example_model="Qwen/Qwen3-8B",
        first_token_timeout=LOCAL_FIRST_TOKEN,
        idle_timeout=LOCAL_IDLE,
    ),
    Preset(
        name="lmstudio",
        service="LM Studio (on your own machine)",
        service_zh="LM Studio（本机）",
        address="http://127.0.0.1:1234/v1",
        needs_key=False,
        is_local=True,
        example_model="qwen/qwen3-8b",
        first_token_timeout=LOCAL_FIRST_TOKEN,
        idle_timeout=LOCAL_IDLE,
    ),
    Preset(
        name="one-api",
        service="one-api, new-api and gateways like them",
        service_zh="one-api、new-api 等网关",
        # It is the gateway's page "tokens", wherever the gateway is.
        example_model="qwen-plus",
        has_billing=True,
        first_token_timeout=QUEUED_FIRST_TOKEN,
    ),
)

PRESETS: Mapping[str, Preset] = {one.name: one for one in _TABLE}

CALLED: Mapping[str, str] = {
    called: name
    for name, also in {
        "openai": "chatgpt gpt",
        "deepseek": "深度求索 深度求索（deepseek）",
        "dashscope": "qwen tongyi aliyun bailian alibaba 通义 通义千问 千问 阿里云 阿里百炼 阿里云百炼 百炼",
        "zhipu": "glm zhipuai bigmodel chatglm 智谱 智谱ai 智谱清言",
        "moonshot": "kimi 月之暗面",
        "ark": "doubao volcengine volces 豆包 火山 火山方舟 火山引擎 字节 方舟",
        "siliconflow": "硅基流动",
        "lmstudio": "lm-studio lm_studio",
        "one-api": "oneapi one_api new-api newapi",
    }.items()
    for called in also.split()
}
"""What people call the services besides."""
