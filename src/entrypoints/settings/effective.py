"""The providers that are asked, with every default filled in."""

from dataclasses import dataclass
from datetime import timedelta

from adapters.net.no_proxy import LOOPBACK, PRIVATE
from entrypoints.presets import CLOUD_FIRST_TOKEN, CLOUD_IDLE, PRESETS
from entrypoints.providers import KINDS, ProviderOptions
from entrypoints.secret import Secret
from entrypoints.settings.providers import ProviderSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedKeys:
    """The keys of the configuration that hold for each provider which has none of its own.

    `share` is how long one of several providers may be silent, so that time is left for the next.
    """

    model: str
    image_model: str
    temperature: float | None
    proxy: Secret | None
    direct_hosts: tuple[str, ...]
    request_timeout: timedelta
    share: timedelta


def completed(provider: ProviderSettings, shared: SharedKeys) -> ProviderOptions:
    """What the operator left out comes from the shared keys, then from the preset and the kind."""
    known = PRESETS.get(provider.preset)
    address = known.address if known else KINDS[provider.kind].default_address
    first = known.first_token_timeout if known else CLOUD_FIRST_TOKEN
    idle = known.idle_timeout if known else CLOUD_IDLE
    # An empty proxy, unlike none, was typed on purpose: this provider is reached directly.
    proxy = shared.proxy if provider.proxy is None else provider.proxy
    return ProviderOptions(
        name=provider.name,
        kind=provider.kind,
        preset=provider.preset,
        api_key=provider.api_key,
        base_url=_address_of(provider) or address,
        base_url_literal=_is_literal(provider),
        model=provider.model or shared.model,
        image_model=provider.image_model or shared.image_model,
        endpoint=_endpoint_of(provider),
        deployment_name=provider.deployment_name,
        api_version=provider.api_version,
        stream=provider.stream,
        concurrency=provider.concurrency,
        temperature=shared.temperature if provider.temperature is None else provider.temperature,
        proxy=proxy or None,
        direct_hosts=_direct_hosts(provider, shared),
        request_timeout=shared.request_timeout,
        first_token_timeout=min(
            provider.first_token_timeout or min(first, shared.share), shared.request_timeout
        ),
        idle_timeout=min(provider.idle_timeout or idle, shared.request_timeout),
        context_length=provider.context_length,
        reasoning_as_answer=provider.reasoning_as_answer,
        thinks_untagged=provider.thinks_untagged,
        extra_body=provider.extra_body,
        extra_headers=provider.extra_headers,
    )


def _direct_hosts(provider: ProviderSettings, shared: SharedKeys) -> tuple[str, ...]:
    """A proxy that is given for this very provider is for all of it; that of everybody is not for what is
    beside us.
    """
    if provider.proxy is not None or not shared.proxy:
        return ()
    known = PRESETS.get(provider.preset)
    return shared.direct_hosts + LOOPBACK + (PRIVATE if known and known.is_local else ())


def _is_literal(provider: ProviderSettings) -> bool:
    address = provider.base_url
    return address is not None and (address.is_literal or provider.base_url_literal)


def _address_of(provider: ProviderSettings) -> str:
    if provider.base_url is None:
        return ""
    return provider.base_url.typed if _is_literal(provider) else provider.base_url.url


def _endpoint_of(provider: ProviderSettings) -> str:
    if provider.endpoint:
        return provider.endpoint.url
    name = provider.resource_name
    return f"https://{name}.openai.azure.com" if name else ""
