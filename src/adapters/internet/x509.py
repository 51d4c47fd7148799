"""Read a certificate as a server sent it (X.509, RFC 5280), trusted or not."""

import warnings
from collections.abc import Iterable

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.dsa import DSAPublicKey
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

from domain.site import Certificate

WEAK_HASHES = frozenset({"md2", "md4", "md5", "sha1"})
SHORTEST_RSA_KEY = 2048
SHORTEST_CURVE = 224

UNREADABLE = (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
"""What the library raises over a certificate that breaks the rules."""


class UnreadableCertificate(Exception):  # noqa: N818 - reads as what it says
    """It is no certificate, or breaks the rules of certificates."""


class X509Certificate:
    """A certificate out of its DER bytes; every part of it was written by a stranger."""

    def __init__(self, der: bytes) -> None:
        """Raises `UnreadableCertificate`."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the library warns of what we only show
                parsed = x509.load_der_x509_certificate(der)
                self.is_self_signed = parsed.issuer == parsed.subject
                self.is_weak = _has_weak_signature(parsed) or _has_weak_key(parsed)
                self.certificate = Certificate(
                    subject=_subject(parsed.subject),
                    issuer=_issuer(parsed.issuer),
                    names=tuple(_names(parsed)),
                    valid_from=parsed.not_valid_before_utc,
                    valid_until=parsed.not_valid_after_utc,
                )
        except UNREADABLE as error:
            raise UnreadableCertificate(type(error).__name__) from error


def _subject(name: x509.Name) -> str:
    return _first(name, NameOID.COMMON_NAME) or _first(name, NameOID.ORGANIZATION_NAME)


def _issuer(name: x509.Name) -> str:
    """Organisation and name: `Let's Encrypt, R3`; either alone tells little."""
    said = (_first(name, NameOID.ORGANIZATION_NAME), _first(name, NameOID.COMMON_NAME))
    return ", ".join(dict.fromkeys(filter(None, said)))


def _first(name: x509.Name, kind: x509.ObjectIdentifier) -> str:
    values = (attribute.value for attribute in name.get_attributes_for_oid(kind))
    return next((value for value in values if isinstance(value, str)), "")


def _names(parsed: x509.Certificate) -> Iterable[str]:
    """The hosts it is for; without a list of them, the common name, which nobody checks any more."""
    try:
        extension = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return filter(None, [_first(parsed.subject, NameOID.COMMON_NAME)])
    names = extension.value.get_values_for_type(x509.DNSName)
    addresses = extension.value.get_values_for_type(x509.IPAddress)
    return dict.fromkeys([*names, *map(str, addresses)])


def _has_weak_signature(parsed: x509.Certificate) -> bool:
    try:
        algorithm = parsed.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return False
    return algorithm is not None and algorithm.name in WEAK_HASHES


def _has_weak_key(parsed: x509.Certificate) -> bool:
    try:
        key = parsed.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return False
    match key:
        case RSAPublicKey():
            return key.key_size < SHORTEST_RSA_KEY
        case EllipticCurvePublicKey():
            return key.key_size < SHORTEST_CURVE
        case _:
            return isinstance(key, DSAPublicKey)
