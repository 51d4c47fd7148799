"""Ask a registry in its own protocol: RDAP, JSON over HTTP (RFC 9082 and 9083)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx2
from whodap.client import DNSClient
from whodap.response import DomainResponse
from whodap.utils import WHOISKeys

from adapters.internet.dates import utc_or_none
from application.errors import NoRegistry, NoSuchDomain, RegistryUnavailable
from application.ports import Clock
from domain.site import Registration

DIRECTORY_AGE = timedelta(days=1)
NOT_FOUND = 404
OK = 200


class Rdap:
    """Asks `url`, or else the registry that IANA's directory names for the ending.

    Only the registry: its answer has all we tell, and the links to the registrar's own server lead anywhere.
    """

    def __init__(self, client: httpx2.AsyncClient, clock: Clock, *, url: str = "") -> None:
        self._client = client
        self._clock = clock
        self._url = url
        self._directory: Mapping[str, str] = {}
        self._read_at: datetime | None = None

    async def registration(self, domain: str) -> Registration:
        """What the registry says of the domain.

        Raises:
            NoRegistry, NoSuchDomain, RegistryUnavailable
        """
        registry = self._url or await self._registry_of(domain)
        try:
            answer = await self._client.get(f"{registry.rstrip('/')}/domain/{domain}")
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            # ValueError: a redirect leads to what is no host.
            raise RegistryUnavailable(f"RDAP {type(error).__name__}") from error
        if answer.status_code == NOT_FOUND:
            raise NoSuchDomain("RDAP status 404")
        if answer.status_code != OK:
            raise RegistryUnavailable(f"RDAP status {answer.status_code}")
        return _read(answer.content, domain)

    async def _registry_of(self, domain: str) -> str:
        now = self._clock.now()
        if self._read_at is None or now - self._read_at > DIRECTORY_AGE:
            self._directory = await self._current_directory()
            self._read_at = now
        registry = self._directory.get(domain.rpartition(".")[2])
        if not registry:
            raise NoRegistry("no RDAP for the ending")
        return registry

    async def _current_directory(self) -> Mapping[str, str]:
        try:
            directory = await DNSClient.new_aio_client(httpx_client=self._client)
            return {str(ending): str(url) for ending, url in directory.iana_dns_server_map.items()}
        except Exception as error:
            # The library reads without looking: a malformed directory trips it in any way at all.
            raise RegistryUnavailable(f"RDAP directory {type(error).__name__}") from error


def _read(content: bytes, domain: str) -> Registration:
    try:
        said = DomainResponse.from_json(content).to_whois_dict()
    except Exception as error:
        # As above: a malformed answer trips the library in any way at all.
        raise RegistryUnavailable(f"RDAP answer {type(error).__name__}") from error
    registrar = said.get(WHOISKeys.REGISTRAR_NAME)
    found = Registration(
        domain=domain,
        registrar=registrar if isinstance(registrar, str) else "",
        registered_at=moment_in(said.get(WHOISKeys.CREATED_DATE)),
        expires_at=moment_in(said.get(WHOISKeys.EXPIRES_DATE)),
    )
    if not (found.registrar or found.registered_at or found.expires_at):
        raise RegistryUnavailable("RDAP tells nothing")
    return found


def moment_in(said: object) -> datetime | None:
    """RFC 3339, of which the library knows some forms and leaves the others as text."""
    if isinstance(said, str):
        try:
            said = datetime.fromisoformat(said)
        except ValueError:
            return None
    return utc_or_none(said, UTC)
