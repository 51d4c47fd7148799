"""Ask a registry the old way: a line of text over TCP, and a text for an answer (RFC 3912)."""

import asyncio
import re
import warnings
from collections.abc import Mapping
from datetime import UTC, timedelta, timezone

from asyncwhois.parse import TLDBaseKeys
from asyncwhois.parse_tld import DomainParser
from asyncwhois.servers.domains import CountryCodeTLD, GenericTLD, SponsoredTLD

from adapters.internet.dates import utc_or_none
from adapters.internet.guard import CheckedAddresses
from application.errors import (
    NoRegistry,
    NoSuchDomain,
    RegistryUnavailable,
    SiteNotFound,
    SitePrivate,
)
from domain.site import Registration, SiteAddress

PORT = 43
LARGEST_ANSWER = 64_000
LONGEST_LINE = 500
"""Longer lines are nothing that the patterns look for, and would take them long."""

CHINA = timezone(timedelta(hours=8))
CHINESE_ENDINGS = frozenset({"cn", "xn--fiqs8s", "xn--fiqz9s"})
"""CNNIC's `.cn`, `.中国` and `.中國`: one form of answer, in China Standard Time."""


UNKNOWN_DOMAIN = re.compile(
    r"\bno (?:match|entries|object|data|such|information)|\bnothing found|\bnot (?:found|registered|known)\b"
    r"|does not exist|available for|status: *(?:free|available)|is (?:free|available)\b",
    re.IGNORECASE,
)
"""How registries say that there is no such domain; each has words of its own."""


class Whois:
    """Asks `server`, or else the one that the library knows for the ending.

    No referral is followed: it leads from a registry to whatever host an answer names.
    """

    def __init__(
        self,
        addresses: CheckedAddresses,
        configured: CheckedAddresses,
        *,
        server: SiteAddress | None = None,
    ) -> None:
        """`configured` checks the address of `server`, which is the operator's own choice."""
        self._addresses = configured if server else addresses
        self._server = server

    async def registration(self, domain: str) -> Registration:
        """What the registry says of the domain.

        Raises:
            NoRegistry, NoSuchDomain, RegistryUnavailable
        """
        server = self._server or _server_of(domain)
        try:
            answer = await self._answer(server, domain)
        except (OSError, SiteNotFound, SitePrivate) as error:
            raise RegistryUnavailable(f"whois {type(error).__name__}") from error
        return _read(answer, domain)

    async def _answer(self, server: SiteAddress, domain: str) -> str:
        address = (await self._addresses.of(server.host))[0]
        reader, writer = await asyncio.open_connection(str(address), server.port)
        try:
            writer.write(f"{domain}\r\n".encode("ascii"))
            await writer.drain()
            answer = bytearray()
            while len(answer) < LARGEST_ANSWER and (piece := await reader.read(LARGEST_ANSWER)):
                answer += piece
        finally:
            writer.transport.abort()
        return answer[:LARGEST_ANSWER].decode("utf-8", errors="replace")


def _server_of(domain: str) -> SiteAddress:
    ending = domain.rpartition(".")[2].upper().replace("-", "_")
    for table in (CountryCodeTLD, GenericTLD, SponsoredTLD):
        server = getattr(table, ending, None)
        if isinstance(server, str):
            return SiteAddress(host=server.lower(), port=PORT)
    raise NoRegistry("no whois for the ending")


def _read(answer: str, domain: str) -> Registration:
    """The registration in an answer; its words for "no such domain" count only where there is none."""
    ending = domain.rpartition(".")[2]
    lines = [line for line in answer.splitlines() if len(line) <= LONGEST_LINE]
    said = _said("\n".join(lines), "cn" if ending in CHINESE_ENDINGS else ending)
    zone = CHINA if ending in CHINESE_ENDINGS else UTC
    registrar = said.get(TLDBaseKeys.REGISTRAR)
    found = Registration(
        domain=domain,
        registrar=registrar if isinstance(registrar, str) else "",
        registered_at=utc_or_none(said.get(TLDBaseKeys.CREATED), zone),
        expires_at=utc_or_none(said.get(TLDBaseKeys.EXPIRES), zone),
    )
    if not (found.registrar or found.registered_at or found.expires_at):
        raise _nothing_in("\n".join(lines), ending)
    return found


def _said(answer: str, ending: str) -> Mapping[TLDBaseKeys, object]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of time zones that the library does not know
            return DomainParser(ignore_not_found=True).parse(answer, ending)
    except Exception as error:
        # Patterns and dates of a hundred registries: an odd answer trips the library in any way at all.
        raise RegistryUnavailable(f"whois answer {type(error).__name__}") from error


def _nothing_in(answer: str, ending: str) -> NoSuchDomain | RegistryUnavailable:
    if UNKNOWN_DOMAIN.search(answer):
        return NoSuchDomain(f"whois of .{ending}")
    return RegistryUnavailable(f"whois of .{ending} tells nothing")
