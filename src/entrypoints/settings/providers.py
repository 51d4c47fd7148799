"""The parts of the configuration that are lists of structures: providers and robots' credentials."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

import msgspec

from entrypoints.settings.addresses import (
    api_address,
    azure_resource,
    proxy_or_none,
    web_address,
)
from entrypoints.settings.reading.mistakes import ConfigurationError, Mistake, Place, refusal
from entrypoints.settings.reading.readers import (
    Reader,
    decimal,
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
from entrypoints.settings.secret import Secret
from entrypoints.settings.secrets import secret as secret_text

OPENAI_ADDRESS = "https://api.openai.com/v1"

KINDS = ("openai", "azure", "demo")
NEEDED = {
    "openai": ("api_key",),
    "azure": ("api_key", "deployment_name", "api_version"),
    "demo": (),
}


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A robot's application: verifies its callbacks and opens DingTalk's OpenAPI."""

    client_id: Annotated[str, Key(single(word))] = ""
    client_secret: Annotated[Secret | None, Key(secret_text)] = None

    @property
    def secret(self) -> Secret:
        """The client secret, which every credential of a loaded configuration has."""
        return self.client_secret or Secret("")


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One place where questions are answered.

    In `Settings.effective_providers` nothing is left open: `base_url` and `endpoint` are full
    addresses, the models are named, and `proxy` is None where the connection is direct.
    """

    name: Annotated[str, Key(single(word))] = ""
    kind: Annotated[
        Literal["openai", "azure", "demo"] | None, Key(one_of(*KINDS, as_value=str))
    ] = None
    api_key: Annotated[Secret | None, Key(secret_text)] = None
    base_url: Annotated[str, Key(api_address)] = ""
    model: Annotated[str, Key(single(word))] = ""
    image_model: Annotated[str, Key(single(word))] = ""
    resource_name: Annotated[str, Key(single(azure_resource))] = ""
    endpoint: Annotated[str, Key(web_address)] = ""
    deployment_name: Annotated[str, Key(single(word))] = ""
    api_version: Annotated[str, Key(single(word))] = ""
    stream: Annotated[bool, Key(switch)] = True
    concurrency: Annotated[int, Key(whole_number(at_least=1, at_most=10_000))] = 64
    temperature: Annotated[float | None, Key(decimal(at_least=0, at_most=2))] = None
    proxy: Annotated[Secret | None, Key(proxy_or_none)] = None


def _whole_provider(node: Node, path: str) -> ProviderSettings:
    provider = structure(ProviderSettings).parse(node, path)
    kind = provider.kind
    needed = ("name", "kind") if kind is None else ("name", *NEEDED[kind])
    missing = [key for key in needed if not getattr(provider, key)]
    if kind == "azure" and not provider.resource_name and not provider.endpoint:
        missing.append("resource_name")
    _refuse_missing(missing, node, path)
    return provider


def _whole_credential(node: Node, path: str) -> Credential:
    credential = structure(Credential).parse(node, path)
    missing = [key for key in ("client_id", "client_secret") if not getattr(credential, key)]
    _refuse_missing(missing, node, path)
    return credential


def _refuse_missing(keys: list[str], node: Node, path: str) -> None:
    if keys:
        raise ConfigurationError(
            Mistake(place=node.place, path=f"{path}.{key}", problem="is missing") for key in keys
        )


def _as_pairs(text: str, place: Place) -> Node | None:
    """A variable that holds `id:secret,id:secret`."""
    pairs = [pair.strip() for pair in text.split(",") if pair.strip()]
    return ListNode(items=tuple(_pair_nodes(pairs, place)), place=place)


def _pair_nodes(pairs: list[str], place: Place) -> Iterator[Node]:
    for index, pair in enumerate(pairs):
        client_id, colon, client_secret = pair.partition(":")
        if not colon:
            raise refusal(place, f"entry {index + 1} has no colon; allowed: id:secret,id:secret")
        fields = {"client_id": client_id.strip(), "client_secret": client_secret.strip()}
        entries = (
            (ScalarNode(text=key, place=place), ScalarNode(text=value, place=place))
            for key, value in fields.items()
        )
        yield MapNode(entries=tuple(entries), place=place)


provider_list: Reader[tuple[ProviderSettings, ...]] = replace(
    without_twins(list_of(Reader(_whole_provider)), "name", lambda one: one.name),
    from_environment=as_yaml,
)

credential_list: Reader[tuple[Credential, ...]] = replace(
    without_twins(list_of(Reader(_whole_credential)), "client_id", lambda one: one.client_id),
    from_environment=_as_pairs,
)
