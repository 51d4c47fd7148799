"""An authority that signs certificates of any kind, good and bad, made on the spot."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

Key: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
DAY = timedelta(days=1)


def new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a certificate says. The first of the names is its common name."""

    names: tuple[str, ...] = ("example.com",)
    subject: str = ""
    begins: timedelta = -DAY
    ends: timedelta = 30 * DAY
    key: Key = field(default_factory=new_key)


class Authority:
    """Vouches for everything that it is asked to sign. `pem` is the file by which it is trusted."""

    def __init__(self, folder: Path, *, name: str = "Test Authority") -> None:
        self._folder = folder
        self._key = new_key()
        self._name = _called(name)
        own = _begun(Wish(subject=name, ends=900 * DAY), self._name, self._key)
        ca = x509.BasicConstraints(ca=True, path_length=None)
        self._own = own.add_extension(ca, critical=True).sign(self._key, hashes.SHA256())
        self.pem = folder / f"{name}.pem"
        self.pem.write_bytes(_pem(self._own))

    def signed(self, wish: Wish) -> Path:
        """A PEM file with a key and its certificate."""
        made = _with_names(_begun(wish, self._name, wish.key), wish)
        return self._stored(made.sign(self._key, hashes.SHA256()), wish)

    def self_signed(self, wish: Wish) -> Path:
        """The same, vouched for by nobody."""
        made = _with_names(_begun(wish, _subject(wish), wish.key), wish)
        return self._stored(made.sign(wish.key, hashes.SHA256()), wish)

    def _stored(self, certificate: x509.Certificate, wish: Wish) -> Path:
        key = wish.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path = self._folder / f"{certificate.serial_number}.pem"
        path.write_bytes(key + _pem(certificate))
        return path


def _begun(wish: Wish, issuer: x509.Name, key: Key) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_subject(wish))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + wish.begins)
        .not_valid_after(now + wish.ends)
    )


def _with_names(builder: x509.CertificateBuilder, wish: Wish) -> x509.CertificateBuilder:
    names = [_general(name) for name in wish.names]
    if not names:
        return builder
    return builder.add_extension(x509.SubjectAlternativeName(names), critical=False)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _subject(wish: Wish) -> x509.Name:
    return _called(wish.subject or (wish.names or ("example.com",))[0])


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
