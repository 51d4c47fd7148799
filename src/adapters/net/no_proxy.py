"""Which hosts are reached directly although there is a proxy: what NO_PROXY says.

There is no standard. The forms here are those of curl and of Go, which agree on most: a name stands for
itself and for all below it (with or without a dot in front), an address for itself, a network in CIDR
notation for its addresses, `*` for everything; a port limits an entry to itself. Names are not looked up.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

EVERYTHING = "*"
DEFAULT_PORTS = {"http": 80, "https": 443}
LAST_PORT = 65535
NAME = re.compile(r"(\*?\.)?[\w-]+(\.[\w-]+)*\.?")
WITH_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectHost:
    """An entry; of `name` and `network` one is set, or neither: then it is everything."""

    name: str = ""
    network: Network | None = None
    port: int | None = None

    def covers(self, host: str, port: int | None) -> bool:
        if self.port is not None and self.port != port:
            return False
        if self.network is not None:
            address = _address(host)
            return address is not None and address in self.network
        return not self.name or host == self.name or host.endswith(f".{self.name}")


def direct_host(entry: str) -> DirectHost | None:
    """The entry that this text is; None if it is none."""
    text, port = entry.strip(), None
    if found := WITH_PORT.fullmatch(text):
        text, port = found["host"], int(found["port"])
        if not 0 < port <= LAST_PORT:
            return None
    if text == EVERYTHING:
        return DirectHost(port=port)
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        name = text.lower().strip("*.")
        return DirectHost(name=name, port=port) if NAME.fullmatch(text) and name else None
    return DirectHost(network=network, port=port)


LOOPBACK = ("localhost", "127.0.0.0/8", "::1")
PRIVATE = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "fc00::/7",
    "fe80::/10",
)


@dataclass(frozen=True, slots=True)
class DirectHosts:
    """All entries; text that is no entry says nothing."""

    entries: tuple[DirectHost, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> "DirectHosts":
        return cls(tuple(one for entry in entries if (one := direct_host(entry))))

    def cover(self, url: str) -> bool:
        """Whether the server of this address is reached directly."""
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
        return any(one.covers(host, port) for one in self.entries)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
