"""Site records that tell what they were given."""

from typing import TypeVar

from application.errors import NoSuchDomain, SiteFailure, SiteNotFound
from domain.site import Certificate, Registration, SiteAddress

Answer = TypeVar("Answer", Certificate, Registration)


class ScriptedSiteRecords:
    """Answers as it was told to for a site, and notes what it was asked. A failure is raised."""

    def __init__(self) -> None:
        self.registrations: dict[str, Registration | SiteFailure] = {}
        self.certificates: dict[SiteAddress, Certificate | SiteFailure] = {}
        self.asked: list[SiteAddress] = []

    async def registration(self, site: SiteAddress) -> Registration:
        self.asked.append(site)
        return _answer(self.registrations.get(site.host, NoSuchDomain("not told")))

    async def certificate(self, site: SiteAddress) -> Certificate:
        self.asked.append(site)
        return _answer(self.certificates.get(site, SiteNotFound("not told")))


def _answer(told: Answer | SiteFailure) -> Answer:
    if isinstance(told, SiteFailure):
        raise told
    return told
