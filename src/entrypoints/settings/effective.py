"""The providers that are asked, with every default filled in."""

from dataclasses import dataclass
from datetime import timedelta

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
    request_timeout: timedelta
    share: timedelta


def completed(provider: ProviderSettings, shared: SharedKeys) -> ProviderOptions:
    """What the operator left out comes from the shared keys, then from the preset and the kind."""
    known = PRESETS.get(provider.preset)
    address = known.address if known else KINDS[provider.kind].default_address
    first = known.first_token_timeout if known else CLOUD_FIRST_TOKEN
    idle = known.idle_timeout if known else CLOUD_IDLE
    resource = f"https://{provider.resource_name}.openai.azure.com"
    # An empty proxy, unlike none, was typed on purpose: this provider is reached directly.
    proxy = shared.proxy if provider.proxy is None else provider.proxy
    return ProviderOptions(
        name=provider.name,
        kind=provider.kind,
        preset=provider.preset,
        api_key=provider.api_key,
        base_url=provider.base_url or address,
        model=provider.model or shared.model,
        image_model=provider.image_model or shared.image_model,
        endpoint=provider.endpoint or (resource if provider.resource_name else ""),
        deployment_name=provider.deployment_name,
        api_version=provider.api_version,
        stream=provider.stream,
        concurrency=provider.concurrency,
        temperature=shared.temperature if provider.temperature is None else provider.temperature,
        proxy=proxy or None,
        request_timeout=shared.request_timeout,
        first_token_timeout=min(
            provider.first_token_timeout or min(first, shared.share), shared.request_timeout
        ),
        idle_timeout=min(provider.idle_timeout or idle, shared.request_timeout),
    )
