"""What the predecessor's keys mean now, where that is something else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from entrypoints.settings.load import Loaded
from entrypoints.settings.schema import Settings

AZURE_KEYS = (
    "azure_api_version",
    "azure_resource_name",
    "azure_deployment_name",
    "azure_openai_token",
)
USER_LISTS = ("allow_users", "deny_users", "vip_users", "admin_users")
LEGACY_DATABASE = "dingtalkbot.sqlite"

Meant = Callable[[Settings], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A key of the predecessor, whether its new meaning touches this configuration, and what it is."""

    key: str
    touches: Meant
    told: str


def _always(_: Settings) -> bool:
    return True


def _uses_azure(settings: Settings) -> bool:
    return settings.uses_azure and not settings.providers


def _uses_flat_keys(settings: Settings) -> bool:
    return not settings.uses_azure and not settings.providers


def _groups_look_like_titles(settings: Settings) -> bool:
    return any(not one.startswith("cid") for one in settings.allow_groups)


def _outgoing_groups_look_like_titles(settings: Settings) -> bool:
    return any(
        not one.startswith("cid") and one != "disabled" for one in settings.allow_outgoing_groups
    )


def _look_like_nicknames(key: str) -> Meant:
    def look(settings: Settings) -> bool:
        listed: tuple[str, ...] = getattr(settings, key)
        return any(not one.isascii() for one in listed)

    return look


CHANGES = (
    Change(
        key="base_url",
        touches=lambda settings: bool(settings.base_url) and _uses_flat_keys(settings),
        told="base_url may end with /v1 or not: /v1 is added only where the path names no version. "
        "base_url 末尾带不带 /v1 都可以：路径里没有版本号时才会补上 /v1。",
    ),
    Change(
        key="model",
        touches=lambda settings: not _uses_azure(settings),
        told="model takes any id; there is no list of allowed names any more. "
        "model 可以填写任意模型名，不再限定可选值。",
    ),
    Change(
        key="model",
        touches=_uses_azure,
        told="azure_on is true: azure_deployment_name says what is asked, model only how tokens are counted. "
        "azure_on 为 true：实际使用的是 azure_deployment_name，model 只决定怎样计算 token。",
    ),
    Change(
        key="image_model",
        touches=_always,
        told="image_model takes any id that draws, also of Azure. "
        "image_model 可以填写任意能画图的模型，Azure 也可以画图。",
    ),
    Change(
        key="session_timeout",
        touches=_always,
        told="session_timeout: a bare number is seconds, as before; 10m and 1h can be written too. It counts "
        "from the last message, and mode and context survive a restart. "
        "session_timeout：纯数字仍是秒，也可写 10m、1h；从最后一条消息算起，模式和上下文重启后仍在。",
    ),
    Change(
        key="max_question_len",
        touches=_always,
        told="max_question_len is counted in tokens of the model; a longer question is refused and free. "
        "max_question_len 按模型的 token 计；超过时不提问、不计次数。",
    ),
    Change(
        key="max_answer_len",
        touches=_always,
        told="max_answer_len is counted in tokens of the model; an answer that was cut says so. "
        "max_answer_len 按模型的 token 计；被截断的回答会注明。",
    ),
    Change(
        key="max_text",
        touches=_always,
        told="max_text holds system prompt, history, question and answer together, in tokens; a long talk "
        "drops its oldest turns instead of being reset. "
        "max_text 是系统提示、历史、问题和回答合计的 token 数；串聊过长时丢掉最早的几轮，不再整个重置。",
    ),
    Change(
        key="http_proxy",
        touches=lambda settings: settings.http_proxy is not None,
        told="http_proxy is used for every model endpoint, Azure too, and never for DingTalk. "
        "http_proxy 用于所有模型接口，包括 Azure；访问钉钉从不使用。",
    ),
    Change(
        key="max_request",
        touches=lambda settings: settings.max_request > 0,
        told="max_request counts answered questions and pictures, until midnight in `timezone` and over "
        "restarts; commands and failures are free. "
        "max_request 只计得到回答的提问和画图，按 timezone 的零点重新计数，重启不清零；命令和失败不计。",
    ),
    Change(
        key="service_url",
        touches=lambda settings: bool(settings.service_url),
        told="service_url: /images/, /history/ and /download/ below it must lead to this service. "
        "service_url：它下面的 /images/、/history/、/download/ 都要能访问到本服务。",
    ),
    Change(
        key="service_url",
        # A value was given, and none came of it.
        touches=lambda settings: not settings.service_url,
        told="service_url is a placeholder and not used: set the address at which this service is reached, "
        "or nothing. service_url 是占位符，没有使用：请填写本服务的对外地址，或留空。",
    ),
    Change(
        key="allow_groups",
        touches=_groups_look_like_titles,
        told="allow_groups takes conversation ids (cid…), no titles: say 群ID in a group to see its id. "
        "allow_groups 填群 ID（cid 开头），不是群名：在群里发送 群ID 可以查看。",
    ),
    Change(
        key="allow_outgoing_groups",
        touches=_outgoing_groups_look_like_titles,
        told="allow_outgoing_groups takes conversation ids (cid…), no titles. "
        "allow_outgoing_groups 填群 ID（cid 开头），不是群名。",
    ),
    *(
        Change(
            key=key,
            touches=_look_like_nicknames(key),
            told=f"{key} takes staff ids, no nicknames. {key} 填员工的 userid，不是昵称。",
        )
        for key in USER_LISTS
    ),
    Change(
        key="allow_users",
        touches=lambda settings: bool(settings.allow_users),
        told="allow_users shuts out people without a staff id too (outgoing robots, external contacts). "
        "设置了 allow_users 时，没有工号的人（outgoing 机器人、外部联系人）也不能使用。",
    ),
    Change(
        key="deny_users",
        touches=lambda settings: bool(settings.deny_users),
        told="deny_users holds for administrators too. deny_users 对管理员同样有效。",
    ),
    Change(
        key="admin_users",
        touches=lambda settings: bool(settings.admin_users),
        told="admin_users: administrators pass the lists of groups and users, and have no daily limit. "
        "admin_users：管理员不受群和用户白名单限制，也没有每日次数限制。",
    ),
    Change(
        key="app_secrets",
        touches=lambda settings: bool(settings.app_secrets and settings.credentials),
        told="credentials verify callbacks too: their secrets need not be repeated in app_secrets. "
        "credentials 也用来校验回调，其中的密钥不必在 app_secrets 里再写一遍。",
    ),
    Change(
        key="sensitive_words",
        touches=lambda settings: bool(settings.sensitive_words),
        told="sensitive_words: letter case, width and spaces between letters hide no word; in an answer each "
        "letter becomes *. "
        "sensitive_words：大小写、全角半角、字间空格都不影响匹配；回答中每个字替换为一个 *。",
    ),
    Change(
        key="help",
        touches=lambda settings: bool(settings.help),
        told="help replaces the built-in text, which knows the new commands; HTML in it is not shown. "
        "help 会代替内置的帮助（内置的列有新命令）；其中的 HTML 不会显示。",
    ),
)


def changes_in(loaded: Loaded) -> Iterator[str]:
    """What the operator of the predecessor should know about the keys that were set, in order."""
    settings = loaded.settings
    for change in CHANGES:
        if loaded.origins[change.key] != "default" and change.touches(settings):
            yield change.told
    set_keys = [key for key in AZURE_KEYS if loaded.origins[key] != "default"]
    if set_keys and _uses_flat_keys(settings):
        yield (
            f"azure_on is false, so {', '.join(set_keys)} are not used, placeholders included. "
            f"azure_on 为 false，因此不使用 {'、'.join(set_keys)}（可以是占位符）。"
        )
    if (legacy := settings.data_dir / LEGACY_DATABASE).is_file():
        yield (
            f"{legacy} is the predecessor's history: `chatgpt-dingtalk import-legacy {legacy}` takes "
            "it over. "
            f"{legacy} 是旧版的对话记录：可用 `chatgpt-dingtalk import-legacy {legacy}` 导入。"
        )
