"""Open what asks the internet: registries and certificates, over one guard."""

import httpx2

from adapters.internet.certificates import TlsCertificates, strict_context
from adapters.internet.guard import CheckedAddresses
from adapters.internet.rdap import Rdap
from adapters.internet.reach import Opened, Reach
from adapters.internet.registries import Registries
from adapters.internet.transport import registry_client
from adapters.internet.whois import Whois
from application.ports import Clock


def opened(reach: Reach, clock: Clock) -> Opened:
    """Everything but the network is ready when it returns."""
    addresses = CheckedAddresses(reach.find, allow_private=reach.allow_private)
    everywhere = CheckedAddresses(reach.find, allow_private=True)
    strict = strict_context(reach.authorities)
    client = registry_client(
        addresses,
        certificates=strict,
        exempt=httpx2.URL(reach.rdap_url) if reach.rdap_url else None,
    )
    registries = Registries(
        Rdap(client, clock, url=reach.rdap_url),
        Whois(addresses, everywhere, server=reach.whois_server),
    )
    return Opened(
        registration=registries.registration,
        certificate=TlsCertificates(addresses, strict=strict).certificate,
        aclose=client.aclose,
    )
