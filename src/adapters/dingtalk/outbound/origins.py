"""Which servers a reply may be sent to, however its address is written."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import httpx

from domain.errors import InvalidValue

_LONGEST = 2048
_PLAIN_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(?:[/?][!\x22$-\[\]-~]*)?")
"""Printable ASCII, without `#` and backslash; nothing before the host, perhaps a port behind."""

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
        parsed = [_origin(entry) for entry in origins]
        return cls({_server(origin): str(origin).removesuffix("/") for origin in parsed})

    def target(self, url: str) -> httpx.URL | None:
        """What to connect to for this address, or None if that is not allowed.

        The answer is an allowed origin with the address's path and query, so nothing that the address says
        about a server is ever connected to.
        """
        address = _parsed(url)
        if address is None:
            return None
        origin = self.origins.get(_server(address))
        return None if origin is None else httpx.URL(origin + address.raw_path.decode())


def _origin(entry: str) -> httpx.URL:
    address = _parsed(entry)
    if address is None or address.raw_path != b"/" or "?" in entry:
        raise InvalidValue(f"not an origin (scheme://host[:port]): {entry[:100]!r}")
    return address


def _parsed(url: str) -> httpx.URL | None:
    if len(url) > _LONGEST or not _PLAIN_ADDRESS.fullmatch(url):
        return None
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        return None
    return address if address.host else None


def _server(address: httpx.URL) -> _Server:
    return (address.scheme, address.host, address.port)
