"""Sites on the internet: their registration and their certificate."""

from typing import Protocol

from domain.site import Certificate, Registration, SiteAddress


class SiteRecords(Protocol):
    """Answers come within a known time, and failures are kinds of `SiteFailure`."""

    async def registration(self, site: SiteAddress) -> Registration:
        """Who registered the domain that the site belongs to, and until when. The port says nothing here.

        Raises:
            NotRegistrable, NoRegistry, NoSuchDomain, RegistryUnavailable, LookupsBusy
        """
        ...

    async def certificate(self, site: SiteAddress) -> Certificate:
        """The certificate that the site shows now, whether or not it is trusted.

        Raises:
            SiteNotFound, SitePrivate, SiteWithoutCertificate, LookupsBusy
        """
        ...
