"""What an operator is told about a configuration that is correct but may surprise."""

from collections.abc import Iterator

from entrypoints.settings.changes import changes_in
from entrypoints.settings.load import Loaded
from entrypoints.settings.permissions import warning_on_readers
from entrypoints.settings.schema import Settings

OPEN = (
    "app_secrets and credentials are empty: callbacks are accepted from the loopback address only "
    "and nobody is administrator or VIP (before, an empty app_secrets meant no check at all); set one. "
    "app_secrets 和 credentials 为空：只接受本机回环地址的回调，且没有人是管理员或 VIP"
    "（旧版留空表示不校验）；请设置其一。"
)
UNSIGNED = (
    "allow_unsigned is true and no secret is set: anyone who reaches this service can post messages "
    "to it, and nobody is administrator or VIP. "
    "allow_unsigned 为 true 且没有配置密钥：任何能访问本服务的人都可以伪造消息，且没有人是管理员或 VIP。"
)
NO_ADMINISTRATOR = (
    "admin_users is empty: nobody is administrator. admin_users 为空：没有人是管理员。"
)
FLAT_KEYS_UNUSED = (
    "providers is set, so api_key, base_url and azure_* are not used. "
    "已配置 providers，因此不使用 api_key、base_url 和 azure_*。"
)
API_KEY_UNUSED = (
    "azure_on is true, so api_key and base_url are not used. "
    "azure_on 为 true，因此不使用 api_key 和 base_url。"
)


NO_PUBLIC_ADDRESS = (
    "service_url is empty: there are no links to histories, and only robots with credentials show pictures. "
    "service_url 为空：没有对话记录的链接，只有配置了 credentials 的机器人能显示图片。"
)

NOT_USED_YET = ("card_template_id",)


def notes_on(loaded: Loaded) -> Iterator[str]:
    """Sentences for the operator, in English and Chinese."""
    settings = loaded.settings
    yield from _notes_on_trust(settings)
    if warning := warning_on_readers(loaded):
        yield warning
    if settings.providers:
        yield FLAT_KEYS_UNUSED
    elif settings.azure_on:
        yield API_KEY_UNUSED
    if not settings.service_url:
        yield NO_PUBLIC_ADDRESS
    yield from changes_in(loaded)
    if unused := [key for key in NOT_USED_YET if loaded.origins[key] != "default"]:
        yield (
            f"not used by this version yet: {', '.join(unused)}. 本版本尚未使用：{'、'.join(unused)}。"
        )
    counts = f"{len(loaded.templates)} / {len(loaded.sensitive_words)}"
    yield f"prompt templates / sensitive words: {counts}. 提示词模板 / 敏感词数量：{counts}。"


def warning_on_trust(settings: Settings) -> str | None:
    """Who is let in without a signature; None if nobody is."""
    if settings.names_a_robot:
        return None
    return UNSIGNED if settings.allow_unsigned else OPEN


def _notes_on_trust(settings: Settings) -> Iterator[str]:
    if warning := warning_on_trust(settings):
        yield warning
    if not settings.admin_users:
        yield NO_ADMINISTRATOR
