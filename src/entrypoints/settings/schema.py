"""Every key of the configuration, each declared once."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from domain.command import Mode
from entrypoints.providers import ProviderOptions
from entrypoints.secret import Secret
from entrypoints.settings.addresses import (
    ApiAddress,
    api_address,
    database,
    direct_hosts,
    lookup_server,
    origin,
    proxy,
    public_address,
    web_address,
)
from entrypoints.settings.effective import SharedKeys, completed
from entrypoints.settings.prices import PriceSettings, price_list
from entrypoints.settings.providers import (
    Credential,
    ProviderSettings,
    credential_list,
    preset_name,
    provider_list,
)
from entrypoints.settings.reading.readers import (
    decimal,
    duration,
    file_path,
    identifier,
    listening_host,
    model_name,
    one_of,
    only_if_among,
    prose,
    single,
    switch,
    time_zone,
    whole_number,
    with_line_breaks,
    word,
)
from entrypoints.settings.reading.structures import Key, keys_of, list_of
from entrypoints.settings.secrets import secret, secret_checked_when_used
from entrypoints.settings.texts import say

DEFAULT_PROMPT_FILE = Path("./prompt.yml")

ids = list_of(single(identifier), blanks_are_dropped=True)
chat_kind = one_of("0", "1", "2", as_value=str, note=say("chat_kinds"))
token_count = whole_number(at_least=1, note=say("tokens"))
token_limit = whole_number(at_least=1, note=say("tokens"), empty_is_unset=True)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The effective configuration. Texts that are not set are empty."""

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Key(one_of("debug", "info", "warning", "error", as_value=str), live=True),
    ] = "info"
    run_mode: Annotated[Literal["http", "stream"], Key(one_of("http", "stream", as_value=str))] = (
        "http"
    )

    preset: Annotated[str, Key(preset_name)] = ""
    api_key: Annotated[Secret | None, Key(secret_checked_when_used, environment="APIKEY")] = None
    base_url: Annotated[ApiAddress | None, Key(api_address)] = None
    model: Annotated[str, Key(single(model_name))] = ""
    image_model: Annotated[str, Key(single(model_name))] = ""
    http_proxy: Annotated[Secret | None, Key(proxy)] = None
    no_proxy: Annotated[tuple[str, ...], Key(direct_hosts)] = ()
    temperature: Annotated[float | None, Key(decimal(at_least=0, at_most=2))] = None
    request_timeout: Annotated[timedelta, Key(duration)] = timedelta(seconds=600)
    providers: Annotated[tuple[ProviderSettings, ...], Key(provider_list)] = ()
    azure_on: Annotated[bool, Key(switch)] = False
    azure_api_version: Annotated[str, Key(single(word))] = ""
    azure_resource_name: Annotated[str, Key(single(word))] = ""
    azure_deployment_name: Annotated[str, Key(single(word))] = ""
    azure_openai_token: Annotated[Secret | None, Key(secret_checked_when_used)] = None

    default_mode: Annotated[Mode, Key(one_of("单聊", "串聊", as_value=Mode), live=True)] = (
        Mode.SINGLE_TURN
    )
    session_timeout: Annotated[timedelta, Key(duration, live=True)] = timedelta(seconds=600)
    max_question_len: Annotated[int, Key(token_count, live=True)] = 4096
    max_answer_len: Annotated[int | None, Key(token_limit, live=True)] = None
    max_text: Annotated[int | None, Key(token_limit, live=True)] = None
    show_reasoning: Annotated[bool, Key(switch, live=True)] = False
    fallback_on_declined: Annotated[bool, Key(switch, live=True)] = False
    system_prompt: Annotated[str, Key(single(prose, is_prose=True), live=True)] = ""
    prompt_file: Annotated[Path, Key(single(file_path), live=True)] = DEFAULT_PROMPT_FILE

    max_request: Annotated[int, Key(whole_number(at_least=0, note=say("unlimited")), live=True)] = 0
    timezone: Annotated[ZoneInfo, Key(time_zone, live=True)] = ZoneInfo("Asia/Shanghai")
    chat_type: Annotated[Literal["0", "1", "2"], Key(chat_kind, live=True)] = "0"
    allow_groups: Annotated[tuple[str, ...], Key(ids, live=True)] = ()
    allow_outgoing_groups: Annotated[tuple[str, ...], Key(ids, live=True)] = ()
    allow_users: Annotated[tuple[str, ...], Key(ids, live=True)] = ()
    deny_users: Annotated[tuple[str, ...], Key(ids, live=True)] = ()
    vip_users: Annotated[tuple[str, ...], Key(ids, live=True)] = ()
    admin_users: Annotated[tuple[str, ...], Key(ids, live=True)] = ()

    app_secrets: Annotated[tuple[Secret, ...], Key(list_of(secret), live=True)] = ()
    credentials: Annotated[
        tuple[Credential, ...], Key(credential_list, environment="DINGTALK_CREDENTIALS", live=True)
    ] = ()
    outgoing_tokens: Annotated[tuple[Secret, ...], Key(list_of(secret), live=True)] = ()
    allow_unsigned: Annotated[bool, Key(switch, live=True)] = False
    signature_tolerance: Annotated[timedelta, Key(duration, live=True)] = timedelta(hours=1)
    webhook_hosts: Annotated[tuple[str, ...], Key(list_of(origin, blanks_are_dropped=True))] = (
        "https://oapi.dingtalk.com",
    )
    dingtalk_api_url: Annotated[str, Key(web_address)] = "https://api.dingtalk.com"
    dingtalk_oapi_url: Annotated[str, Key(web_address)] = "https://oapi.dingtalk.com"
    stream_mode: Annotated[bool, Key(switch)] = False
    card_template_id: Annotated[str, Key(single(word))] = ""

    sensitive_words: Annotated[
        tuple[str, ...],
        Key(list_of(single(word, is_prose=True), blanks_are_dropped=True), live=True),
    ] = ()
    sensitive_words_file: Annotated[Path | None, Key(single(file_path), live=True)] = None
    help: Annotated[
        str, Key(single(prose, from_environment=with_line_breaks, is_prose=True), live=True)
    ] = ""
    language: Annotated[
        Literal["zh", "en"],
        # Desktops set LANGUAGE=en_US:en, and nobody meant the robot by that.
        Key(
            one_of("zh", "en", as_value=str, from_environment=only_if_among("zh", "en")), live=True
        ),
    ] = "zh"

    host: Annotated[str, Key(single(listening_host))] = "0.0.0.0"  # noqa: S104 - DingTalk calls from outside
    port: Annotated[int, Key(whole_number(at_least=1, at_most=65535, empty_is_unset=True))] = 8090
    service_url: Annotated[str, Key(public_address)] = ""
    data_dir: Annotated[Path, Key(single(file_path))] = Path("./data")
    database_url: Annotated[Secret | None, Key(database)] = None
    database_pool_size: Annotated[
        int, Key(whole_number(at_least=1, at_most=200, note=say("connections")))
    ] = 8
    database_timeout: Annotated[timedelta, Key(duration)] = timedelta(seconds=5)
    workers: Annotated[int, Key(whole_number(at_least=1, at_most=128, note=say("processes")))] = 1
    concurrency: Annotated[
        int, Key(whole_number(at_least=1, at_most=10_000, note=say("conversations")))
    ] = 64
    history_link_ttl: Annotated[timedelta, Key(duration)] = timedelta(hours=24)
    metrics_token: Annotated[Secret | None, Key(secret)] = None
    prices: Annotated[tuple[PriceSettings, ...], Key(price_list, live=True)] = ()
    allow_private_hosts: Annotated[bool, Key(switch)] = False
    rdap_url: Annotated[str, Key(web_address)] = ""
    whois_server: Annotated[str, Key(lookup_server)] = ""
    retention_days: Annotated[
        int, Key(whole_number(at_least=0, at_most=36_500, note=say("for_ever")), live=True)
    ] = 0

    @property
    def names_a_robot(self) -> bool:
        """Whether callbacks can be verified; `allow_unsigned` means something only where they cannot."""
        return bool(self.app_secrets or self.credentials or self.outgoing_tokens)

    @property
    def uses_azure(self) -> bool:
        """Whether the flat keys describe a deployment at Azure OpenAI."""
        return self.azure_on or self.preset == "azure"

    @property
    def effective_providers(self) -> tuple[ProviderOptions, ...]:
        """The providers to ask, in order, with every default filled in."""
        chosen = self.providers or (self.flat_provider,)
        shared = SharedKeys(
            model=self.model,
            image_model=self.image_model,
            temperature=self.temperature,
            proxy=self.http_proxy,
            direct_hosts=self.no_proxy,
            request_timeout=self.request_timeout,
            share=self.request_timeout / len(chosen),
        )
        return tuple(completed(one, shared) for one in chosen)

    @property
    def counted_model(self) -> str:
        """The model by whose tokens texts are counted: that of the first provider."""
        return self.model or self.effective_providers[0].asked_for

    @property
    def draws(self) -> bool:
        """Whether anybody makes pictures."""
        return any(one.draws for one in self.effective_providers)

    @property
    def flat_provider(self) -> ProviderSettings:
        """The provider that the keys outside of `providers` describe."""
        if not self.uses_azure:
            return ProviderSettings(
                name=self.preset or "openai",
                preset=self.preset,
                kind="openai",
                api_key=self.api_key,
                base_url=self.base_url,
            )
        return ProviderSettings(
            name="azure",
            preset="azure",
            kind="azure",
            api_key=self.azure_openai_token or (None if self.azure_on else self.api_key),
            resource_name=self.azure_resource_name,
            deployment_name=self.azure_deployment_name,
            api_version=self.azure_api_version,
        )


def changed_keys_needing_restart(old: Settings, new: Settings) -> tuple[str, ...]:
    """The keys whose new value takes effect only after a restart."""
    return tuple(
        key.name
        for key in keys_of(Settings).values()
        if not key.live and getattr(old, key.name) != getattr(new, key.name)
    )
