"""Where the robot may look, and what is open once it does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import certifi

from adapters.internet.name_lookup import FindAddresses, NameLookup
from domain.site import Certificate, Registration, SiteAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where the robot looks. `authorities` is a PEM file of those who vouch for certificates."""

    allow_private: bool = False
    rdap_url: str = ""
    whois_server: SiteAddress | None = None
    authorities: Path = field(default_factory=lambda: Path(certifi.where()))
    find: FindAddresses = field(default_factory=NameLookup)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    registration: Callable[[SiteAddress], Awaitable[Registration]]
    certificate: Callable[[SiteAddress], Awaitable[Certificate]]
    aclose: Callable[[], Awaitable[None]]
