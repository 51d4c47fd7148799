"""Have a server show its certificate: a TLS handshake, and not one byte more."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.internet.guard import CheckedAddresses, IPAddress
from adapters.internet.x509 import UnreadableCertificate, X509Certificate
from application.errors import SiteWithoutCertificate
from domain.site import Certificate, Fault, SiteAddress

HANDSHAKE = timedelta(seconds=4)

FAULTS: Mapping[int, Fault] = {
    18: Fault.SELF_SIGNED,
    19: Fault.UNKNOWN_AUTHORITY,
    20: Fault.UNKNOWN_AUTHORITY,
    21: Fault.UNKNOWN_AUTHORITY,
    62: Fault.OTHER_NAME,
    64: Fault.OTHER_NAME,
    66: Fault.WEAK,
    67: Fault.WEAK,
    68: Fault.WEAK,
}
"""OpenSSL's verdicts (`X509_V_ERR_…`). It names the first fault that it finds, and looks no further."""

NOT_YET_VALID, EXPIRED = 9, 10


def strict_context(authorities: Path) -> ssl.SSLContext:
    """Trusts what is signed by one of the authorities (a PEM file), and checks the name."""
    return ssl.create_default_context(cafile=authorities)


def lenient_context() -> ssl.SSLContext:
    """Trusts nobody and minds nothing: only to be shown a certificate. No secret may go over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


class TlsCertificates:
    """Certificates of servers, checked by the rules of `strict`."""

    def __init__(
        self,
        addresses: CheckedAddresses,
        *,
        strict: ssl.SSLContext,
        handshake: timedelta = HANDSHAKE,
    ) -> None:
        self._addresses = addresses
        self._handshake = handshake
        self._strict = strict
        self._lenient = lenient_context()

    async def certificate(self, site: SiteAddress) -> Certificate:
        failure = SiteWithoutCertificate("no address was tried")
        for address in await self._addresses.of(site.host):
            try:
                return await self._shown_at(address, site)
            except (OSError, TimeoutError, UnreadableCertificate) as error:
                failure = SiteWithoutCertificate(type(error).__name__)
        raise failure

    async def _shown_at(self, address: IPAddress, site: SiteAddress) -> Certificate:
        """Check it first. If it fails, have it shown once more, unchecked, to say what is wrong."""
        try:
            der = await self._der(address, site, self._strict)
        except ssl.SSLCertVerificationError as error:
            shown = X509Certificate(await self._der(address, site, self._lenient))
            return _judged(shown, site, _fault(error.verify_code, shown.certificate))
        except (ssl.SSLError, ConnectionResetError):  # some hang up on what they do not understand
            shown = X509Certificate(await self._der(address, site, self._lenient))
            return _judged(shown, site, Fault.OUTDATED_TLS)
        shown = X509Certificate(der)
        faults = frozenset({Fault.WEAK}) if shown.is_weak else frozenset()
        return replace(shown.certificate, faults=faults)

    async def _der(self, address: IPAddress, site: SiteAddress, context: ssl.SSLContext) -> bytes:
        async with asyncio.timeout(self._handshake.total_seconds()):
            _, writer = await asyncio.open_connection(
                str(address), site.port, ssl=context, server_hostname=site.host
            )
        try:
            return _der_in(writer.get_extra_info("ssl_object"))
        finally:
            writer.transport.abort()


def _der_in(shown: ssl.SSLObject) -> bytes:
    der = shown.getpeercert(binary_form=True)
    if not der:
        raise UnreadableCertificate("the server showed none")
    return der


def _fault(verdict: int, shown: Certificate) -> Fault | None:
    """None where the dates say it all."""
    if verdict in {NOT_YET_VALID, EXPIRED} and shown.faults_at(datetime.now(UTC)):
        return None
    return FAULTS.get(verdict, Fault.UNTRUSTED)


def _judged(shown: X509Certificate, site: SiteAddress, fault: Fault | None) -> Certificate:
    """With everything that is wrong: the check stopped at the first fault."""
    found = {
        Fault.OTHER_NAME: not shown.certificate.is_for(site.host),
        Fault.SELF_SIGNED: shown.is_self_signed,
        Fault.WEAK: shown.is_weak,
    }
    faults = {fault for fault, holds in found.items() if holds} | ({fault} if fault else set())
    return replace(shown.certificate, faults=frozenset(faults))
