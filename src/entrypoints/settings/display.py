"""Settings as text for people: one line a key, secrets masked."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from zoneinfo import ZoneInfo

import msgspec

from entrypoints.providers import KINDS, ProviderOptions
from entrypoints.secret import Secret
from entrypoints.settings.addresses import ApiAddress
from entrypoints.settings.reading.mistakes import quoted
from entrypoints.settings.reading.readers import UNITS
from entrypoints.settings.reading.structures import keys_of
from entrypoints.settings.texts import Text, say

NOT_SET = "–"
TOLD_BY_THE_WAY = frozenset({"proxy", "direct_hosts"})
"""Of a provider: `way_to` says what comes of them."""


def shown(value: object) -> str:  # noqa: C901, PLR0911, PLR0912 - one case for each kind of value
    """The value as it would be typed; of a secret only that there is one."""
    match value:
        case None | "" | () | {} if not value:
            return NOT_SET
        case Secret():
            return str(value)
        case bool():
            return "true" if value else "false"
        case timedelta():
            return _duration(value)
        case Enum():
            return str(value.value)
        case ZoneInfo():
            return value.key
        case Decimal():
            return f"{value:f}"
        case tuple():
            return "[" + ", ".join(shown(item) for item in value) + "]"
        case ApiAddress():
            return f"{value.url}#" if value.is_literal else value.url
        case Mapping():
            return "{" + ", ".join(f"{name}: {shown(one)}" for name, one in value.items()) + "}"
        case msgspec.Struct():
            return "{" + ", ".join(_keys(value)) + "}"
        case ProviderOptions():
            return "{" + ", ".join(_options(value)) + "}"
        case str() if not value.isprintable():
            return quoted(value)
        case _:
            return str(value)


def _keys(struct: msgspec.Struct) -> Iterator[str]:
    for key in keys_of(type(struct)).values():
        value = getattr(struct, key.name)
        if value != key.default and (value or not isinstance(value, Mapping)):
            yield f"{key.name}: {shown(value)}"


def _options(provider: ProviderOptions) -> Iterator[str]:
    for one in fields(provider):
        value = getattr(provider, one.name)
        if (
            one.name not in TOLD_BY_THE_WAY
            and value != one.default
            and (value or not isinstance(value, Mapping))
        ):
            yield f"{one.name}: {shown(value)}"


def way_to(provider: ProviderOptions) -> Text:
    """How a provider is reached."""
    if not KINDS[provider.kind].is_remote:
        return say("no_network")
    if provider.proxy_in_use:
        return say("through_proxy", proxy=str(provider.proxy))
    return say("direct_by_no_proxy") if provider.proxy else say("direct")


def _duration(length: timedelta) -> str:
    unit = next(u for u in reversed(UNITS) if not length % UNITS[u] and length >= UNITS[u])
    return f"{length // UNITS[unit]}{unit}"
