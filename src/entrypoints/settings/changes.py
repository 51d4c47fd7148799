"""What the predecessor's keys mean now, where that is something else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from entrypoints.settings.load import Loaded
from entrypoints.settings.schema import Settings
from entrypoints.settings.texts import Text, say

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
    """A key of the predecessor, whether its new meaning touches this configuration, and what it is.

    `said` is the note about it; None: the note that has the name of the key.
    """

    key: str
    touches: Meant
    said: Text | None = None


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
    ),
    Change(
        key="model",
        touches=lambda settings: not _uses_azure(settings),
    ),
    Change(
        key="model",
        touches=_uses_azure,
        said=say("model_azure"),
    ),
    Change(
        key="image_model",
        touches=_always,
    ),
    Change(
        key="session_timeout",
        touches=_always,
    ),
    Change(
        key="max_question_len",
        touches=_always,
    ),
    Change(
        key="max_answer_len",
        touches=_always,
    ),
    Change(
        key="max_text",
        touches=_always,
    ),
    Change(
        key="http_proxy",
        touches=lambda settings: settings.http_proxy is not None,
    ),
    Change(
        key="max_request",
        touches=lambda settings: settings.max_request > 0,
    ),
    Change(
        key="service_url",
        touches=lambda settings: bool(settings.service_url),
    ),
    Change(
        key="service_url",
        # A value was given, and none came of it.
        touches=lambda settings: not settings.service_url,
        said=say("service_url_placeholder"),
    ),
    Change(
        key="allow_groups",
        touches=_groups_look_like_titles,
    ),
    Change(
        key="allow_outgoing_groups",
        touches=_outgoing_groups_look_like_titles,
    ),
    *(
        Change(
            key=key,
            touches=_look_like_nicknames(key),
            said=say("nicknames", key=key),
        )
        for key in USER_LISTS
    ),
    Change(
        key="allow_users",
        touches=lambda settings: bool(settings.allow_users),
    ),
    Change(
        key="deny_users",
        touches=lambda settings: bool(settings.deny_users),
    ),
    Change(
        key="admin_users",
        touches=lambda settings: bool(settings.admin_users),
    ),
    Change(
        key="app_secrets",
        touches=lambda settings: bool(settings.app_secrets and settings.credentials),
    ),
    Change(
        key="sensitive_words",
        touches=lambda settings: bool(settings.sensitive_words),
    ),
    Change(
        key="help",
        touches=lambda settings: bool(settings.help),
    ),
)


def changes_in(loaded: Loaded) -> Iterator[Text]:
    """What the operator of the predecessor should know about the keys that were set, in order."""
    settings = loaded.settings
    for change in CHANGES:
        if loaded.origins[change.key] != "default" and change.touches(settings):
            yield change.said or Text(change.key)
    set_keys = [key for key in AZURE_KEYS if loaded.origins[key] != "default"]
    if set_keys and _uses_flat_keys(settings):
        yield say("azure_off", keys=", ".join(set_keys))
    if (legacy := settings.data_dir / LEGACY_DATABASE).is_file():
        yield say("legacy_database", file=str(legacy))
