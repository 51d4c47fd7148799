"""Sites: how people write their addresses, their registration and their certificate."""

import ipaddress
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from domain.errors import InvalidValue

DEFAULT_PORT = 443
LAST_PORT = 65_535

LONGEST_TYPED = 2000
"""Characters of an address, with scheme, path and all; what is longer was not meant as one."""

LONGEST_HOST = 253
LONGEST_LABEL = 63

LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
"""What some resolvers read as an IPv4 address, in forms that hide which one."""

SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//")
AUTHORITY_END = re.compile(r"[/?#]")
FULL_STOPS = str.maketrans(dict.fromkeys("。．｡", "."))
ENCODED = "xn--"
IN_NAMES = frozenset({"Ll", "Lo", "Lm", "Mn", "Mc", "Nd"})
"""The Unicode categories of which names consist (RFC 5892, near enough to type any of them)."""


class Misread(Enum):
    """Why what somebody typed is not the address of a site."""

    EMPTY = "empty"
    NO_HOST = "no_host"
    NO_PORT = "no_port"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteAddress:
    """A host, in the ASCII form that goes over the wire, and a port.

    The host is a name in lower case without a dot at its end, or an IP address without brackets.
    """

    host: str
    port: int = DEFAULT_PORT

    def __post_init__(self) -> None:
        if not _is_ip(self.host) and not _is_name(self.host):
            raise InvalidValue("not the name or the IP address of a host")
        if not 1 <= self.port <= LAST_PORT:
            raise InvalidValue("not a port")

    @property
    def is_ip(self) -> bool:
        return _is_ip(self.host)

    @property
    def in_unicode(self) -> str:
        """The host as its owner writes it: 例子.中国. A label whose code is wrong stays as it is."""
        return ".".join(_decoded(label) for label in self.host.split("."))

    def __str__(self) -> str:
        """As it can be typed: the port only where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORT else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a registry says of a domain; what it does not say is None or empty."""

    domain: str
    registrar: str
    registered_at: datetime | None
    expires_at: datetime | None


class Fault(Enum):
    """What is wrong with a certificate, in the order in which it is told."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    OTHER_NAME = "other_name"
    SELF_SIGNED = "self_signed"
    UNKNOWN_AUTHORITY = "unknown_authority"
    WEAK = "weak"
    OUTDATED_TLS = "outdated_tls"
    UNTRUSTED = "untrusted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate as a server showed it. `faults` is what the check found, but for its dates."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    faults: frozenset[Fault] = frozenset()

    def faults_at(self, now: datetime) -> Sequence[Fault]:
        """Everything wrong with it at this moment; nothing: it is to be trusted."""
        found = set(self.faults)
        if now < self.valid_from:
            found.add(Fault.NOT_YET_VALID)
        if now > self.valid_until:
            found.add(Fault.EXPIRED)
        return [fault for fault in Fault if fault in found]

    def is_for(self, host: str) -> bool:
        """Whether one of its names is the host, or stands for it: `*` is exactly one label (RFC 6125)."""
        _, _, parent = host.partition(".")
        names = {name.lower().rstrip(".") for name in self.names}
        return host in names or (not _is_ip(host) and f"*.{parent}" in names)


def days_between(now: datetime, then: datetime) -> int:
    """Whole days until then; below zero, whole days since."""
    return -((now - then) // timedelta(days=1)) if now > then else (then - now) // timedelta(days=1)


def site_in(typed: str, *, default_port: int = DEFAULT_PORT) -> SiteAddress | Misread:
    """The site of `example.com`, `例子.中国:8443`, `https://example.com/path`, `[::1]:8443` or `::1`.

    An address with a user, with white space inside, or in one of the disguises of IPv4 is none.
    """
    if not typed.strip():
        return Misread.EMPTY
    if len(typed) > LONGEST_TYPED:
        return Misread.NO_HOST
    text = _folded(typed.strip()).translate(FULL_STOPS)
    scheme = SCHEME.match(text)
    authority = AUTHORITY_END.split(text[scheme.end() if scheme else 0 :], maxsplit=1)[0]
    typed_host, typed_port = _parted(authority)
    host = _host_in(typed_host)
    if host is None:
        return Misread.NO_HOST
    port = _port_in(typed_port, default_port)
    return Misread.NO_PORT if port is None else SiteAddress(host=host, port=port)


def _parted(authority: str) -> tuple[str, str]:
    """Host and port, each as it was typed."""
    if authority.startswith("["):
        host, bracket, rest = authority[1:].partition("]")
        is_whole = bracket and ":" in host and (not rest or rest.startswith(":"))
        return (host, rest[1:]) if is_whole else ("", "")
    if authority.count(":") > 1:
        return authority, ""
    host, _, port = authority.partition(":")
    return host, port


def _host_in(typed: str) -> str | None:
    if ":" in typed:
        # A zone (`%eth0`) means something on one machine only.
        return str(ipaddress.IPv6Address(typed)) if "%" not in typed and _is_ip(typed) else None
    host = ".".join(_encoded(label) for label in typed.removesuffix(".").split("."))
    return host if _is_ip(host) or _is_name(host) else None


def _port_in(typed: str, default: int) -> int | None:
    if not typed:
        return default
    port = int(typed) if re.fullmatch(r"[0-9]{1,5}", typed) else 0
    return port if 1 <= port <= LAST_PORT else None


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _is_name(host: str) -> bool:
    labels = host.split(".")
    is_spelled = all(LABEL.fullmatch(label) and len(label) <= LONGEST_LABEL for label in labels)
    return is_spelled and len(host) <= LONGEST_HOST and not ENDS_IN_A_NUMBER.fullmatch(host)


def _encoded(label: str) -> str:
    """The ASCII form of a label (RFC 3492). One that cannot be a label stays as it is."""
    if label.isascii() or len(label) > LONGEST_LABEL or not _is_written(label):
        return label
    return ENCODED + label.encode("punycode").decode("ascii")


def _decoded(label: str) -> str:
    if not label.startswith(ENCODED):
        return label
    try:
        name = label.removeprefix(ENCODED).encode("ascii").decode("punycode")
    except UnicodeError:
        return label
    return name if _encoded(name) == label and _folded(name) == name else label


def _folded(text: str) -> str:
    """Without the differences that names know nothing of: case, and wide or narrow forms."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())


def _is_written(label: str) -> bool:
    """Whether it consists of letters and digits of any script: no blanks, signs or invisible marks."""
    return all(mark == "-" or unicodedata.category(mark) in IN_NAMES for mark in label)
