"""Certificates of servers of all kinds, and what is found wrong with them."""

import asyncio
import ssl
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.internet.certificates import TlsCertificates, strict_context
from adapters.internet.guard import CheckedAddresses
from adapters.internet.x509 import UnreadableCertificate, X509Certificate
from application.errors import SitePrivate, SiteWithoutCertificate
from domain.site import Certificate, Fault, SiteAddress
from tests.fakes.authority import DAY, Authority, Wish
from tests.fakes.sites import (
    Treat,
    free_port,
    greet_like_ssh,
    keep_quiet,
    reset,
    serving,
    speak_http,
    tls_site,
)
from tests.integration.internet.names import ToldNames, at_home

pytestmark = pytest.mark.anyio

QUICK = timedelta(seconds=1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody here trusts."""
    return Authority(tmp_path_factory.mktemp("stranger"), name="Stranger")


def looking(
    authority: Authority, names: ToldNames | None = None, *, allow_private: bool = True
) -> TlsCertificates:
    found = at_home("other.com", "xn--fsqu00a.xn--fiqs8s") if names is None else names
    addresses = CheckedAddresses(found, allow_private=allow_private)
    return TlsCertificates(addresses, strict=strict_context(authority.pem), handshake=QUICK)


async def shown(
    identity: Path,
    authority: Authority,
    *,
    host: str = "example.com",
    change: Callable[[ssl.SSLContext], None] | None = None,
) -> Certificate:
    async with tls_site(identity, change=change) as port:
        return await looking(authority).certificate(SiteAddress(host=host, port=port))


async def test_a_certificate_of_a_trusted_authority_is_good(authority: Authority) -> None:
    wish = Wish(names=("example.com", "*.example.com", "127.0.0.1"), ends=9 * DAY)

    found = await shown(authority.signed(wish), authority)

    assert found.faults == frozenset()
    assert (found.subject, found.issuer) == ("example.com", "Test Authority")
    assert found.names == ("example.com", "*.example.com", "127.0.0.1")
    assert found.valid_until - found.valid_from == timedelta(days=10)


@pytest.mark.parametrize("host", ["127.0.0.1", "xn--fsqu00a.xn--fiqs8s"])
async def test_addresses_and_names_of_other_scripts_are_checked_as_names_are(
    authority: Authority, host: str
) -> None:
    assert not (await shown(authority.signed(Wish(names=(host,))), authority, host=host)).faults
    found = await shown(authority.signed(Wish()), authority, host=host)
    assert found.faults == {Fault.OTHER_NAME}


@pytest.mark.parametrize(
    ("wish", "fault"),
    [
        (Wish(begins=-9 * DAY, ends=-DAY), Fault.EXPIRED),
        (Wish(begins=DAY), Fault.NOT_YET_VALID),
    ],
)
async def test_a_certificate_out_of_its_time_is_shown_with_its_dates(
    authority: Authority, wish: Wish, fault: Fault
) -> None:
    found = await shown(authority.signed(wish), authority)

    assert found.faults == frozenset()
    now = found.valid_from - DAY if fault is Fault.NOT_YET_VALID else found.valid_until + DAY
    assert found.faults_at(now) == [fault]


async def test_a_certificate_of_another_name_is_shown(authority: Authority) -> None:
    found = await shown(authority.signed(Wish(names=("other.com",))), authority)

    assert found.names == ("other.com",)
    assert found.faults == {Fault.OTHER_NAME}


async def test_a_self_signed_certificate_is_shown(authority: Authority) -> None:
    found = await shown(authority.self_signed(Wish()), authority)

    assert found.faults == {Fault.SELF_SIGNED}


async def test_a_certificate_of_an_unknown_authority_is_shown(
    authority: Authority, stranger: Authority
) -> None:
    found = await shown(stranger.signed(Wish()), authority)

    assert found.issuer == "Stranger"
    assert found.faults == {Fault.UNKNOWN_AUTHORITY}


async def test_everything_wrong_is_found_and_not_only_the_first(authority: Authority) -> None:
    wish = Wish(names=("other.com",), begins=-9 * DAY, ends=-DAY)

    found = await shown(authority.self_signed(wish), authority)

    assert found.faults == {Fault.SELF_SIGNED, Fault.OTHER_NAME}
    assert Fault.EXPIRED in found.faults_at(found.valid_until + DAY)


async def test_a_short_key_is_called_weak(authority: Authority) -> None:
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505 - what is to be found

    found = await shown(authority.signed(Wish(key=key)), authority)

    assert Fault.WEAK in found.faults
    found = await shown(authority.self_signed(Wish(key=key)), authority)
    assert found.faults == {Fault.SELF_SIGNED, Fault.WEAK}


SIGNED_WITH_SHA1 = b64decode(
    "MIIBgjCCASigAwIBAgIUc6kV503Wo+iyt7Z/IsRLnE71E3QwCQYHKoZIzj0EATAWMRQwEgYDVQQDDAtvbGQuZXhhbXBsZTAg"
    "Fw0yNjExMjMwMDE5NThaGA8yMTI2MTAzMDAwMTk1OFowFjEUMBIGA1UEAwwLb2xkLmV4YW1wbGUwWTATBgcqhkjOPQIBBggq"
    "hkjOPQMBBwNCAASBSgsY8YQJDx45hvItze4t6vLqj0HYnEfVpRC31BC74SNGqKq3rbnmvCt4J/aD69+REuRQ0E3kVIQZMia/"
    "zc6go1MwUTAdBgNVHQ4EFgQUAHPha6g30Uso9N16Fc4aemcFNhUwHwYDVR0jBBgwFoAUAHPha6g30Uso9N16Fc4aemcFNhUw"
    "DwYDVR0TAQH/BAUwAwEB/zAJBgcqhkjOPQQBA0kAMEYCIQDs2yU8uhAqwDkmNTqehegFDG6Mdnfu+Mn4NxtGv1tcKQIhAJTl"
    "3S1XIJH1XcuPcDGBvs9D4joBW5wtV83dkfKUzGLg"
)
"""Made by OpenSSL; today's libraries sign nothing like it any more."""


def test_an_outdated_signature_is_called_weak() -> None:
    assert X509Certificate(SIGNED_WITH_SHA1).is_weak


async def test_a_server_of_the_old_days_is_read_all_the_same(authority: Authority) -> None:
    def only_old_ciphers(context: ssl.SSLContext) -> None:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("AES128-SHA:@SECLEVEL=0")

    key = rsa.generate_private_key(65537, 2048)
    found = await shown(authority.signed(Wish(key=key)), authority, change=only_old_ciphers)

    assert found.faults == {Fault.OUTDATED_TLS}


async def test_a_server_that_wants_a_certificate_of_ours_shows_its_own(
    authority: Authority,
) -> None:
    def wants_ours(context: ssl.SSLContext) -> None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority.pem)

    found = await shown(authority.signed(Wish()), authority, change=wants_ours)

    assert found.faults == frozenset()


async def test_a_long_list_of_names_is_read(authority: Authority) -> None:
    names = tuple(f"{n}.example.com" for n in range(2000))

    found = await shown(authority.signed(Wish(names=names)), authority, host="example.com")

    assert len(found.names) == 2000


async def test_a_list_of_names_without_end_is_no_certificate(authority: Authority) -> None:
    names = tuple(f"{'x' * 50}{n}.example.com" for n in range(20_000))

    with pytest.raises(SiteWithoutCertificate):
        await shown(authority.signed(Wish(names=names)), authority)


async def test_names_with_markup_and_line_breaks_are_read_as_they_are(
    authority: Authority,
) -> None:
    wish = Wish(subject="[x](http://evil)\n# big")

    assert (await shown(authority.self_signed(wish), authority)).subject == wish.subject


async def test_a_certificate_without_a_list_of_names_is_for_its_common_name(
    authority: Authority,
) -> None:
    found = await shown(authority.self_signed(Wish(names=(), subject="example.com")), authority)

    assert found.names == ("example.com",)


@pytest.mark.parametrize("treat", [keep_quiet, speak_http, greet_like_ssh, reset])
async def test_a_port_without_tls_shows_no_certificate(authority: Authority, treat: Treat) -> None:
    async with serving(treat) as port:
        with pytest.raises(SiteWithoutCertificate) as failure:
            await looking(authority).certificate(SiteAddress(host="example.com", port=port))

    assert "example" not in str(failure.value)
    assert str(port) not in str(failure.value)


async def test_a_closed_port_fails_like_one_without_tls(authority: Authority) -> None:
    with pytest.raises(SiteWithoutCertificate):
        await looking(authority).certificate(SiteAddress(host="example.com", port=free_port()))


async def test_a_slow_handshake_is_given_up(authority: Authority) -> None:
    began = asyncio.get_running_loop().time()

    async with serving(keep_quiet) as port:
        with pytest.raises(SiteWithoutCertificate):
            await looking(authority).certificate(SiteAddress(host="example.com", port=port))

    assert 0.9 < asyncio.get_running_loop().time() - began < 3


async def test_the_next_address_is_tried_where_the_first_is_dead(authority: Authority) -> None:
    names = ToldNames(example_com=[["127.0.0.2", "127.0.0.1"]])

    async with tls_site(authority.signed(Wish())) as port:
        site = SiteAddress(host="example.com", port=port)
        assert not (await looking(authority, names).certificate(site)).faults


async def test_a_name_is_looked_up_once_for_both_handshakes(authority: Authority) -> None:
    names = ToldNames(example_com=[["127.0.0.1"], ["127.0.0.2"]])

    async with tls_site(authority.self_signed(Wish())) as port:
        site = SiteAddress(host="example.com", port=port)
        found = await looking(authority, names).certificate(site)

    assert found.faults == {Fault.SELF_SIGNED}
    assert names.asked == ["example.com"]


@pytest.mark.parametrize("host", ["example.com", "127.0.0.1", "::1", "::ffff:127.0.0.1"])
async def test_a_private_site_is_not_even_connected_to(authority: Authority, host: str) -> None:
    met: list[int] = []

    async def note(*_: object) -> None:
        met.append(1)

    async with serving(note) as port:
        with pytest.raises(SitePrivate):
            await looking(authority, at_home(), allow_private=False).certificate(
                SiteAddress(host=host, port=port)
            )

    assert met == []


@pytest.mark.parametrize("der", [b"", b"\x30\x03\x02\x01\x01", b"x" * 1000])
def test_bytes_that_are_no_certificate_are_said_to_be_none(der: bytes) -> None:
    with pytest.raises(UnreadableCertificate):
        X509Certificate(der)
