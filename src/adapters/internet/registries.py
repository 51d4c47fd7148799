"""Who registered a domain: RDAP first, whois where that does not answer."""

import asyncio
import logging
from datetime import timedelta
from functools import cache

from tldextract import TLDExtract

from adapters.internet.rdap import Rdap
from adapters.internet.whois import Whois
from application.errors import NoRegistry, NotRegistrable, RegistryUnavailable
from domain.site import Registration, SiteAddress

logger = logging.getLogger(__name__)

SHARE = timedelta(seconds=5)
"""The time that each of the two may take."""


@cache
def endings() -> TLDExtract:
    """The list of endings that came with the library, read already; nothing is fetched or written."""
    made = TLDExtract(suffix_list_urls=(), cache_dir=None)
    made("example.com")
    return made


class Registries:
    def __init__(self, rdap: Rdap, whois: Whois, *, share: timedelta = SHARE) -> None:
        self._rdap = rdap
        self._whois = whois
        self._share = share
        self._parts_of = endings()

    async def registration(self, site: SiteAddress) -> Registration:
        """Of the domain that somebody registered, to which the site belongs.

        Raises:
            NotRegistrable, NoRegistry, NoSuchDomain, RegistryUnavailable
        """
        domain = self._parts_of(site.host).top_domain_under_public_suffix
        if not domain:
            raise NotRegistrable("no registrable domain")
        try:
            async with asyncio.timeout(self._share.total_seconds()):
                return await self._rdap.registration(domain)
        except NoRegistry:
            return await self._by_whois(domain)
        except (RegistryUnavailable, TimeoutError) as error:
            logger.info("rdap_unavailable", extra={"fact": str(error) or "RDAP timeout"})
        try:
            return await self._by_whois(domain)
        except NoRegistry as error:
            raise RegistryUnavailable("RDAP failed, and no whois for the ending") from error

    async def _by_whois(self, domain: str) -> Registration:
        try:
            async with asyncio.timeout(self._share.total_seconds()):
                return await self._whois.registration(domain)
        except TimeoutError as error:
            raise RegistryUnavailable("whois timeout") from error
