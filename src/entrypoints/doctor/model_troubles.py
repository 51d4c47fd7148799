"""What can be wrong with a model service, with the way to mend it, as in the table of `docs/running.md`."""

from collections.abc import Mapping

from adapters.openai.diagnosis import Cause
from domain.model_availability import Availability
from entrypoints.doctor.finding import Trouble, Verdict, trouble

BY_CAUSE: Mapping[Cause, Trouble] = {
    Cause.KEY: trouble(
        "model-key",
        ("模型服务不接受这个密钥", "the model service does not accept the key"),
        (
            "重新复制 api_key；确认它属于 base_url（或 preset）所指的服务，没有过期或被删除",
            "copy api_key again; it must be of the service at base_url (or preset), and still valid",
        ),
    ),
    Cause.PERMISSION: trouble(
        "model-permission",
        ("密钥没有权限", "the key lacks a permission"),
        (
            "在模型服务的控制台给密钥开通这个模型；看有没有限制地区或 IP 地址",
            "allow the key this model in the service's console; look for limits by region or IP address",
        ),
    ),
    Cause.FUNDS: trouble(
        "model-funds",
        ("模型账号没有余额或额度", "the account at the model service has no funds or quota"),
        ("充值，或在 providers 里加一个备用的", "pay in, or add another one to providers"),
    ),
    Cause.MODEL: trouble(
        "model-unknown",
        ("模型服务没有这个模型", "the model service does not have this model"),
        (
            "把 model 改成它提供的（Azure：核对 azure_deployment_name；Ollama：先 ollama pull）",
            "set model to one it offers (Azure: see azure_deployment_name; Ollama: ollama pull first)",
        ),
    ),
    Cause.ADDRESS: trouble(
        "model-address",
        (
            "这个地址没有聊天接口",
            "there is no chat API at this address",
        ),
        (
            "核对 base_url：一般以 /v1 结尾，不带 /chat/completions；Azure 核对 azure_api_version",
            "see base_url: it usually ends with /v1, without /chat/completions; Azure: azure_api_version",
        ),
    ),
    Cause.RATE_LIMIT: trouble(
        "model-rate-limit",
        (
            "模型服务说请求太多（429）",
            "the model service says that there are too many requests (429)",
        ),
        (
            "过一会再试；经常这样就提高账号的限额，或在 providers 里加一个备用的",
            "try again later; if it happens often raise the limits, or add another one to providers",
        ),
    ),
    Cause.REQUEST: trouble(
        "model-request",
        ("模型服务不接受这个请求", "the model service does not accept the request"),
        (
            "看括号里的代码：确认 model 是聊天模型，temperature 和长度的设置它都支持",
            "see the code in brackets: is it a chat model, and does it take the temperature and lengths?",
        ),
    ),
    Cause.TOO_LONG: trouble(
        "model-context",
        (
            "系统提示词加一个短问题就超过了模型的上下文",
            "the system prompt with a short question does not fit into the model's context",
        ),
        (
            "缩短 system_prompt，调低 max_answer_len 和 max_text，或换上下文更长的模型",
            "shorten system_prompt, lower max_answer_len and max_text, or take a model with a larger context",
        ),
    ),
    Cause.DECLINED: trouble(
        "model-declined",
        (
            "模型服务的内容审核拦下了试问的问题",
            "the service's content filter stopped the test question",
        ),
        (
            "多半是 system_prompt 的内容：改写它，或看服务的审核设置",
            "mostly because of system_prompt: put it differently, or see the settings of the filter",
        ),
    ),
    Cause.SERVER: trouble(
        "model-server",
        ("模型服务自己出错或超载", "the model service fails or is overloaded"),
        (
            "过一会再试；看服务的状态页，自己部署的看它的日志",
            "try again later; see the service's status page, or the log of one of your own",
        ),
    ),
    Cause.NAME: trouble(
        "model-dns",
        ("找不到模型服务的域名", "the name of the model service is not found"),
        (
            "核对 base_url 里的域名和本机的 DNS；需要代理时设置 http_proxy",
            "see the name in base_url and this machine's DNS; set http_proxy where a proxy is needed",
        ),
    ),
    Cause.NOT_LISTENING: trouble(
        "model-connection",
        ("模型服务的地址和端口没有程序应答", "nothing listens at the address of the model service"),
        (
            "启动它，核对 base_url 的端口；容器里 127.0.0.1 是容器自己，用 host.docker.internal 或主机的地址",
            "start it; see the port in base_url; from a container the host is host.docker.internal",
        ),
    ),
    Cause.TLS: trouble(
        "model-tls",
        ("模型服务的证书或 TLS 有问题", "the certificate or TLS of the model service fails"),
        (
            "核对 base_url 是 http 还是 https；公司自己的证书要装进系统，或用 SSL_CERT_FILE 指出",
            "is base_url http or https? a company's own authority goes into the system's, or SSL_CERT_FILE",
        ),
    ),
    Cause.PROXY: trouble(
        "model-proxy",
        ("代理连不上或不放行", "the proxy is not reached, or refuses"),
        (
            '核对 http_proxy 的地址、端口、用户名和密码；不用代理就留空（providers 里写 proxy: ""）',
            'see address, port and login in http_proxy; leave it empty for none (proxy: "" in providers)',
        ),
    ),
    Cause.TIMEOUT: trouble(
        "model-timeout",
        ("时限内没有等到模型的回答", "the model did not answer in time"),
        (
            "看防火墙和代理；冷启动或长时间思考的模型，调高 first_token_timeout",
            "see firewall and proxy; for a model that loads or thinks for long raise first_token_timeout",
        ),
    ),
    Cause.DISCONNECTED: trouble(
        "model-disconnected",
        ("连接中途断了", "the connection was cut"),
        (
            "核对 base_url 是 http 还是 https；看中间的网关、防火墙和代理",
            "see whether base_url is http or https; look at gateways, firewalls and proxies on the way",
        ),
    ),
    Cause.THINKING: trouble(
        "model-thinking",
        (
            "模型能用，但思考用完了长度上限，没有写出回答",
            "the model works, and spends the whole length limit on thoughts",
        ),
        (
            "调高 max_answer_len 和 max_text，或关掉思考",
            "raise max_answer_len and max_text, or switch thinking off",
        ),
        Verdict.WARNING,
    ),
    Cause.ONLY_THOUGHTS: trouble(
        "model-only-thoughts",
        (
            "模型只给出了思考，没有回答",
            "the model gives thoughts and no answer",
        ),
        (
            "自己部署的服务：核对思考解析器（如 vLLM 的 --reasoning-parser）是否与模型相符",
            "on a server of your own: its reasoning parser (vLLM: --reasoning-parser) must suit the model",
        ),
    ),
    Cause.EMPTY: trouble(
        "model-empty",
        ("模型给出了空的回答", "the model gives an empty answer"),
        ("确认 model 是聊天模型，再运行一次", "see that it is a chat model, and run this again"),
    ),
    Cause.UNREADABLE: trouble(
        "model-odd",
        (
            "那里有应答，但不是聊天接口的回答",
            "something answers there, and not as a chat API",
        ),
        (
            "核对 base_url：它可能是网页或登录页的地址；确认服务兼容 OpenAI 的 chat/completions",
            "see base_url: it may be a web page or a login; the service must speak chat/completions",
        ),
    ),
}

BY_AVAILABILITY: Mapping[Availability, Trouble] = {
    Availability.NOT_OFFERED: trouble(
        "model-not-offered",
        (
            "模型服务的列表里没有这个模型",
            "the model is not in the service's list",
        ),
        ("改成列表里的一个", "set one of those that are listed"),
        Verdict.WARNING,
    ),
    Availability.SHUT_DOWN: trouble(
        "model-shut-down",
        ("这个模型已经停止服务", "the model has been shut down"),
        ("换一个模型", "take another model"),
        Verdict.WARNING,
    ),
    Availability.SHUTTING_DOWN: trouble(
        "model-shutting-down",
        ("这个模型即将停止服务", "the model will be shut down"),
        ("在那天之前换一个模型", "take another model before that day"),
        Verdict.WARNING,
    ),
    Availability.DEPRECATED: trouble(
        "model-deprecated",
        ("模型服务不再推荐这个模型", "the service has deprecated the model"),
        ("在停止服务之前换一个模型", "take another model before it is shut down"),
        Verdict.WARNING,
    ),
}

PICTURE_FAILED = trouble(
    "picture",
    ("试画的图片没有画成", "the test picture was not made"),
    (
        "看括号里的原因；核对 image_model，没有图片模型就留空",
        "see the reason in brackets; see image_model, and leave it empty where there is none",
    ),
)
