"""Which servers a reply may be sent to, however its address is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import httpx

from adapters.dingtalk.outside_url import OutsideUrl, outside_url
from domain.errors import InvalidValue

_Server: TypeAlias = tuple[str, str, int | None]
"""Scheme, host and port."""


@dataclass(frozen=True, slots=True)
class AllowedOrigins:
    """The servers that may be connected to, each with its origin as it was configured."""

    origins: Mapping[_Server, str]

    @classmethod
    def of(cls, origins: Iterable[str]) -> "AllowedOrigins":
        """Read `scheme://host[:port]` entries.

        Raises:
            InvalidValue: an entry is anything else.
        """
        return cls({_server(_origin(entry)): entry.removesuffix("/") for entry in origins})

    def target(self, url: str) -> httpx.URL | None:
        """What to connect to for this address, or None if that is not allowed.

        The answer is an allowed origin with the address's path and query, so nothing that the address says
        about a server is ever connected to.
        """
        address = outside_url(url)
        origin = None if address is None else self.origins.get(_server(address))
        return None if address is None or origin is None else httpx.URL(origin + address.target)


def _origin(entry: str) -> OutsideUrl:
    address = outside_url(entry)
    is_web = address is not None and address.scheme in {"http", "https"}
    if address is None or not is_web or address.target != "/" or "?" in entry:
        raise InvalidValue(f"not an origin (scheme://host[:port]): {entry[:100]!r}")
    return address


def _server(address: OutsideUrl) -> _Server:
    return (address.scheme, address.host, address.port)
