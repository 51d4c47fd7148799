"""What the internet tells about a site, opened at the first question."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import certifi

from adapters.internet.name_lookup import FindAddresses, NameLookup
from application.ports import Clock
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


class InternetSiteRecords:
    """Costs nothing until the first question; then libraries are imported and certificates read."""

    def __init__(self, reach: Reach, clock: Clock) -> None:
        self._reach = reach
        self._clock = clock
        self._opening = asyncio.Lock()
        self._opened: Opened | None = None

    async def registration(self, site: SiteAddress) -> Registration:
        return await (await self._records()).registration(site)

    async def certificate(self, site: SiteAddress) -> Certificate:
        return await (await self._records()).certificate(site)

    async def aclose(self) -> None:
        async with self._opening:
            if self._opened is not None:
                await self._opened.aclose()
                self._opened = None

    async def _records(self) -> Opened:
        async with self._opening:
            if self._opened is None:
                self._opened = await asyncio.to_thread(self._open)
            return self._opened

    def _open(self) -> Opened:
        # The libraries take half a second to import: not before the port is open, and not in the loop.
        from adapters.internet.opening import opened  # noqa: PLC0415 - see above

        return opened(self._reach, self._clock)
