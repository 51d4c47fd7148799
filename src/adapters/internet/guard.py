"""Which addresses the robot connects to for others: looked up once, checked, and used as they are."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeAlias

from adapters.internet.name_lookup import FindAddresses
from application.errors import SiteNotFound, SitePrivate

IPAddress: TypeAlias = IPv4Address | IPv6Address

MOST_OF_A_FAMILY = 2
"""So many IPv4 and so many IPv6 addresses of a host are tried."""

GLOBAL_UNICAST = ip_network("2000::/3")
NOT_PUBLIC = tuple(
    ip_network(text)
    for text in (
        # IPv4 (IANA's registry of special-purpose addresses).
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by customers of a provider; Alibaba Cloud's metadata is in it
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure answers its virtual machines here
        "169.254.0.0/16",  # link-local; the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        # IPv6 within 2000::/3. Everything outside of it is local, reserved or wraps an IPv4 address.
        "2001::/23",  # Teredo and others of the IETF
        "2001:db8::/32",
        "2002::/16",  # 6to4 wraps an IPv4 address
        "2620:4f:8000::/48",
        "3ffe::/16",
        "3fff::/20",
    )
)


def is_public(address: IPAddress) -> bool:
    """Whether the address belongs to the internet, and to nothing nearer in any disguise."""
    if address.version == 6 and address not in GLOBAL_UNICAST:  # noqa: PLR2004 - IPv6
        return False
    return not any(address in network for network in NOT_PUBLIC)


class CheckedAddresses:
    """Connect to what it returns, never to the name again: a second answer might be another one."""

    def __init__(self, find: FindAddresses, *, allow_private: bool) -> None:
        self._find = find
        self._allow_private = allow_private

    async def of(self, host: str) -> Sequence[IPAddress]:
        """At least one address of the host, the best first.

        Raises:
            SiteNotFound, SitePrivate
        """
        found = await self._found(host)
        if not found:
            raise SiteNotFound("no address")
        allowed = [one for one in found if self._allow_private or is_public(one)]
        if not allowed:
            raise SitePrivate("no public address")
        return _few(allowed)

    async def _found(self, host: str) -> Sequence[IPAddress]:
        try:
            return [ip_address(host)]
        except ValueError:
            pass
        try:
            return list(dict.fromkeys(map(ip_address, await self._find(host))))
        except OSError as error:
            raise SiteNotFound(f"name lookup failed: {type(error).__name__}") from error


def _few(addresses: Iterable[IPAddress]) -> Sequence[IPAddress]:
    counts = {4: 0, 6: 0}
    few: list[IPAddress] = []
    for address in addresses:
        counts[address.version] += 1
        if counts[address.version] <= MOST_OF_A_FAMILY:
            few.append(address)
    return few
