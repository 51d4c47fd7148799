"""The parts of the configuration that are lists of structures: providers and robots' credentials."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import msgspec

from entrypoints.presets import CALLED, PRESETS
from entrypoints.providers import KINDS
from entrypoints.secret import Secret
from entrypoints.settings.addresses import (
    ApiAddress,
    api_address,
    azure_endpoint,
    azure_resource,
    proxy_or_none,
    safely_quoted,
)
from entrypoints.settings.extras import body_parameters, request_headers
from entrypoints.settings.reading.mistakes import ConfigurationError, Mistake, Place, refusal
from entrypoints.settings.reading.readers import (
    Reader,
    decimal,
    duration,
    model_name,
    one_of,
    single,
    switch,
    whole_number,
    word,
)
from entrypoints.settings.reading.structures import (
    Key,
    as_yaml,
    list_of,
    structure,
    without_twins,
)
from entrypoints.settings.reading.yaml_text import ListNode, MapNode, Node, ScalarNode
from entrypoints.settings.secrets import id_of_client
from entrypoints.settings.secrets import secret as secret_text
from entrypoints.settings.texts import say

PROVIDER_EXAMPLE = "[{preset: deepseek, api_key: …, model: …}]"
CREDENTIAL_EXAMPLE = "[{client_id: …, client_secret: …}]"

preset_name: Reader[str] = one_of(*PRESETS, as_value=str, also=CALLED)


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A robot's application: verifies its callbacks and opens DingTalk's OpenAPI."""

    client_id: Annotated[str, Key(id_of_client)] = ""
    client_secret: Annotated[Secret | None, Key(secret_text)] = None

    @property
    def secret(self) -> Secret:
        """The client secret, which every credential of a loaded configuration has."""
        return self.client_secret or Secret("")


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One place where questions are answered, as the operator describes it.

    With a `preset` the rest may be left out; `effective.completed` fills in what is known of the service.
    """

    name: Annotated[str, Key(single(word))] = ""
    preset: Annotated[str, Key(preset_name)] = ""
    kind: Annotated[str, Key(one_of(*KINDS, as_value=str))] = ""
    api_key: Annotated[Secret | None, Key(secret_text)] = None
    base_url: Annotated[ApiAddress | None, Key(api_address)] = None
    base_url_literal: Annotated[bool, Key(switch)] = False
    model: Annotated[str, Key(single(model_name))] = ""
    image_model: Annotated[str, Key(single(model_name))] = ""
    resource_name: Annotated[str, Key(single(azure_resource))] = ""
    endpoint: Annotated[ApiAddress | None, Key(azure_endpoint)] = None
    deployment_name: Annotated[str, Key(single(word))] = ""
    api_version: Annotated[str, Key(single(word))] = ""
    stream: Annotated[bool, Key(switch)] = True
    concurrency: Annotated[int, Key(whole_number(at_least=1, at_most=10_000))] = 64
    temperature: Annotated[float | None, Key(decimal(at_least=0, at_most=2))] = None
    proxy: Annotated[Secret | None, Key(proxy_or_none)] = None
    first_token_timeout: Annotated[timedelta | None, Key(duration)] = None
    idle_timeout: Annotated[timedelta | None, Key(duration)] = None
    context_length: Annotated[int | None, Key(whole_number(at_least=256, note=say("tokens")))] = (
        None
    )
    reasoning_as_answer: Annotated[bool, Key(switch)] = False
    thinks_untagged: Annotated[bool, Key(switch)] = False
    extra_body: Annotated[Mapping[str, object], Key(body_parameters)] = msgspec.field(
        default_factory=dict
    )
    extra_headers: Annotated[Mapping[str, Secret], Key(request_headers)] = msgspec.field(
        default_factory=dict
    )


def missing_keys(provider: ProviderSettings) -> Iterator[str]:
    """What a provider of its kind, or of its preset, cannot do without."""
    if not provider.name:
        yield "name"
    if not provider.kind:
        yield "kind"
        return
    kind, known = KINDS[provider.kind], PRESETS.get(provider.preset)
    for key in kind.needs:
        is_needless = key == "api_key" and known is not None and not known.needs_key
        if not getattr(provider, key) and not is_needless:
            yield key
    if kind.needs_one_of and not any(getattr(provider, key) for key in kind.needs_one_of):
        yield kind.needs_one_of[0]
    if known and known.kind == "openai" and not known.address and not provider.base_url:
        yield "base_url"


def _whole_provider(node: Node, path: str) -> ProviderSettings:
    provider = structure(ProviderSettings).parse(node, path)
    if known := PRESETS.get(provider.preset):
        if provider.kind not in ("", known.kind):
            problem = say("not_kind_of_preset", preset=known.name, kind=known.kind)
            raise refusal(node.place, problem, f"{path}.kind")
        provider = msgspec.structs.replace(
            provider, name=provider.name or known.name, kind=known.kind
        )
    _refuse_missing(list(missing_keys(provider)), node, path)
    address = provider.base_url
    if address and address.has_query and not provider.base_url_literal:
        problem = say("web_has_more", found=safely_quoted(address.typed))
        raise refusal(node.place, problem, f"{path}.base_url")
    return provider


def _whole_credential(node: Node, path: str) -> Credential:
    credential = structure(Credential).parse(node, path)
    missing = [key for key in ("client_id", "client_secret") if not getattr(credential, key)]
    _refuse_missing(missing, node, path)
    return credential


def _refuse_missing(keys: list[str], node: Node, path: str) -> None:
    if keys:
        raise ConfigurationError(
            Mistake(place=node.place, path=f"{path}.{key}", problem=say("missing")) for key in keys
        )


def _as_pairs(text: str, place: Place) -> Node | None:
    """A variable that holds `id:secret,id:secret`."""
    pairs = [pair.strip() for pair in text.split(",") if pair.strip()]
    return ListNode(items=tuple(_pair_nodes(pairs, place)), place=place)


def _pair_nodes(pairs: list[str], place: Place) -> Iterator[Node]:
    for index, pair in enumerate(pairs):
        client_id, colon, client_secret = pair.partition(":")
        if not colon:
            raise refusal(place, say("no_colon_in_pair", number=index + 1))
        fields = {"client_id": client_id.strip(), "client_secret": client_secret.strip()}
        entries = (
            (ScalarNode(text=key, place=place), ScalarNode(text=value, place=place))
            for key, value in fields.items()
        )
        yield MapNode(entries=tuple(entries), place=place)


provider_list: Reader[tuple[ProviderSettings, ...]] = replace(
    without_twins(
        list_of(Reader(_whole_provider), example=PROVIDER_EXAMPLE), "name", lambda one: one.name
    ),
    from_environment=as_yaml,
)

credential_list: Reader[tuple[Credential, ...]] = replace(
    without_twins(
        list_of(Reader(_whole_credential), example=CREDENTIAL_EXAMPLE),
        "client_id",
        lambda one: one.client_id,
    ),
    from_environment=_as_pairs,
)
