"""What the internet tells about a site, opened at the first question."""

import asyncio

from adapters.internet.reach import Opened, Reach
from application.ports import Clock
from domain.site import Certificate, Registration, SiteAddress


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
