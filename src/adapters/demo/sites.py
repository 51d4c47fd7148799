"""Made-up records of domains and certificates, for a trial that asks nobody outside."""

from datetime import timedelta

from application.errors import NotRegistrable
from application.ports import Clock
from domain.site import Certificate, Registration, SiteAddress

MARK = "演示数据，没有真的查询 (demo data, nothing was looked up)"
"""Stands where a registrar or an issuer would, so that no answer passes for a real one."""

REGISTERED_AGO = timedelta(days=5 * 365)
REGISTERED_FOR = timedelta(days=200)
CERTIFIED_AGO = timedelta(days=30)
CERTIFIED_FOR = timedelta(days=60)


class DemoSiteRecords:
    """Every domain is registered, and every site has a certificate that is good; nothing is asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def registration(self, site: SiteAddress) -> Registration:
        labels = site.host.split(".")
        if len(labels) == 1:
            raise NotRegistrable("a name without a dot")
        now = self._clock.now()
        return Registration(
            domain=".".join(labels[-2:]),
            registrar=MARK,
            registered_at=now - REGISTERED_AGO,
            expires_at=now + REGISTERED_FOR,
        )

    async def certificate(self, site: SiteAddress) -> Certificate:
        now = self._clock.now()
        return Certificate(
            subject=site.host,
            issuer=MARK,
            names=(site.host,),
            valid_from=now - CERTIFIED_AGO,
            valid_until=now + CERTIFIED_FOR,
        )
