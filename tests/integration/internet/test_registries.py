"""Registrations from registries on the loopback: RDAP, whois, and one after the other."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.internet.guard import CheckedAddresses
from adapters.internet.rdap import Rdap
from adapters.internet.reach import Reach
from adapters.internet.records import InternetSiteRecords
from adapters.internet.registries import Registries
from adapters.internet.transport import registry_client
from adapters.internet.whois import Whois
from application.errors import (
    NoSuchDomain,
    NotRegistrable,
    RegistryUnavailable,
    SiteFailure,
)
from domain.site import Registration, SiteAddress, site_in
from tests.fakes.authority import Authority, Wish
from tests.fakes.clock import ManualClock
from tests.fakes.registry import (
    Answer,
    RdapRegistry,
    WhoisRegistry,
    rdap_domain,
    rdap_registry,
    telling,
    whois_registry,
)
from tests.fakes.sites import free_port
from tests.integration.internet.names import ToldNames

pytestmark = pytest.mark.anyio

CNNIC = """\
Domain Name: example.cn
ROID: 20030312s10001s00051234-cn
Domain Status: clientDeleteProhibited
Registrant: 北京某某公司
Registrant Contact Email: nobody@example.cn
Sponsoring Registrar: 阿里云计算有限公司（万网）
Name Server: dns.example.cn
Registration Time: 2003-03-17 02:20:05
Expiration Time: 2027-03-17 12:48:36
DNSSEC: unsigned
"""
GENERIC = """\
   Domain Name: EXAMPLE.COM
   Registrar: Registrar & Sons
   Creation Date: 1995-08-14T04:00:00Z
   Registry Expiry Date: 2027-08-13T04:00:00Z
>>> If nothing else is found, no match is made.
"""
EXAMPLE = SiteAddress(host="example.com")


@pytest.fixture
async def rdap() -> AsyncGenerator[RdapRegistry]:
    async with rdap_registry() as opened:
        yield opened


@pytest.fixture
async def whois() -> AsyncGenerator[WhoisRegistry]:
    async with whois_registry() as opened:
        yield opened


@asynccontextmanager
async def asking(
    rdap: RdapRegistry | None = None, whois: WhoisRegistry | None = None, **more: object
) -> AsyncGenerator[InternetSiteRecords]:
    server = site_in(whois.server) if whois else None
    assert server is None or isinstance(server, SiteAddress)
    reach = Reach(rdap_url=rdap.url if rdap else "", whois_server=server, find=ToldNames())
    records = InternetSiteRecords(replace(reach, **more), ManualClock())  # type: ignore[arg-type] # real fields
    try:
        yield records
    finally:
        await records.aclose()


@asynccontextmanager
async def registries(
    rdap: RdapRegistry, whois: WhoisRegistry, *, share: timedelta
) -> AsyncGenerator[Registries]:
    """The two with less patience."""
    addresses = CheckedAddresses(ToldNames(), allow_private=True)
    server = SiteAddress(host="127.0.0.1", port=whois.port)
    trusted = ssl.create_default_context()
    async with registry_client(addresses, certificates=trusted, exempt=None) as client:
        yield Registries(
            Rdap(client, ManualClock(), url=rdap.url),
            Whois(addresses, addresses, server=server),
            share=share,
        )


async def told(
    rdap: RdapRegistry, whois: WhoisRegistry | None = None, site: SiteAddress = EXAMPLE
) -> Registration:
    async with asking(rdap, whois) as records:
        return await records.registration(site)


async def test_rdap_tells_registrar_and_dates(rdap: RdapRegistry) -> None:
    rdap.knows("example.com")

    assert await told(rdap) == Registration(
        domain="example.com",
        registrar="Registrar & Sons",
        registered_at=datetime(1995, 8, 14, 4, tzinfo=UTC),
        expires_at=datetime(2027, 8, 13, 4, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.example.com", "example.com"),
        ("a.b.co.uk", "b.co.uk"),
        ("xn--fsqu00a.xn--fiqs8s", "xn--fsqu00a.xn--fiqs8s"),
        ("a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn"),
        ("_dmarc.example.com", "example.com"),
        ("someone.github.io", "github.io"),
    ],
)
async def test_the_registrable_domain_is_asked_for(
    rdap: RdapRegistry, host: str, domain: str
) -> None:
    rdap.knows(domain)

    assert (await told(rdap, site=SiteAddress(host=host))).domain == domain
    assert [path for path, _ in rdap.asked] == [f"/domain/{domain}"]


@pytest.mark.parametrize("host", ["com", "co.uk", "localhost", "intranet.lan", "xn--fiqs8s"])
async def test_what_nobody_registers_is_asked_of_nobody(rdap: RdapRegistry, host: str) -> None:
    with pytest.raises(NotRegistrable):
        await told(rdap, site=SiteAddress(host=host))

    assert rdap.asked == []


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2027-08-13T04:00:00.5Z", datetime(2027, 8, 13, 4, 0, 0, 500_000, tzinfo=UTC)),
        ("2027-08-13T12:00:00+08:00", datetime(2027, 8, 13, 4, tzinfo=UTC)),
        ("2027-08-13T04:00:00.123456789Z", datetime(2027, 8, 13, 4, 0, 0, 123_456, tzinfo=UTC)),
        ("2027-08-13", datetime(2027, 8, 13, tzinfo=UTC)),
        ("next year", None),
        ("", None),
    ],
)
async def test_dates_of_rdap_are_read_in_every_form(
    rdap: RdapRegistry, said: str, moment: datetime | None
) -> None:
    rdap.knows("example.com", expires=said)

    assert (await told(rdap)).expires_at == moment


async def test_strange_words_of_a_registry_are_left_as_they_are(rdap: RdapRegistry) -> None:
    rdap.knows("example.com", registrar="[x](http://evil)\n# y")

    assert (await told(rdap)).registrar == "[x](http://evil)\n# y"


async def test_what_rdap_does_not_know_is_not_asked_for_again(
    rdap: RdapRegistry, whois: WhoisRegistry
) -> None:
    with pytest.raises(NoSuchDomain):
        await told(rdap, whois)

    assert whois.asked == []


DEEP = b'{"ldhName":' + b"[" * 100_000 + b"]" * 100_000 + b"}"

BROKEN = [
    Answer(status=500),
    Answer(status=429),
    Answer(status=204),
    Answer(body=b"<html>busy</html>"),
    Answer(body=b"[]"),
    Answer(body=b"null"),
    Answer(body=b"\xff\xfe"),
    Answer(body=b'{"self": 1, "ldhName": "x"}'),
    Answer(body=DEEP),
    telling({"ldhName": "EXAMPLE.COM"}),
    telling(rdap_domain("example.com") | {"events": [{"eventAction": 1}]}),
    telling(rdap_domain("example.com") | {"events": 7}),
    telling(rdap_domain("example.com", expires={"a": 1}) | {"entities": [[[]]]}),
    telling(rdap_domain("example.com"), padding=3_000_000),
    Answer(body=b"{}", headers={"Content-Encoding": "gzip"}),
    Answer(status=302, headers={"Location": "/domain/example.com"}),
    Answer(status=302, headers={"Location": "file:///etc/passwd"}),
    Answer(status=302, headers={"Location": "http://[::1"}),
]


@pytest.mark.parametrize("answer", BROKEN, ids=range(len(BROKEN)))
async def test_whois_is_asked_where_rdap_is_broken(
    rdap: RdapRegistry, whois: WhoisRegistry, answer: Answer
) -> None:
    rdap.answers["/domain/example.com"] = answer
    whois.answers["example.com"] = GENERIC.encode()

    assert (await told(rdap, whois)).registrar == "Registrar & Sons"


@pytest.mark.parametrize("answer", BROKEN, ids=range(len(BROKEN)))
async def test_a_broken_registry_is_unavailable_where_whois_knows_nothing_either(
    rdap: RdapRegistry, whois: WhoisRegistry, answer: Answer
) -> None:
    rdap.answers["/domain/example.com"] = answer
    whois.unknown = b"quota exceeded\r\n"

    with pytest.raises(RegistryUnavailable) as failure:
        await told(rdap, whois)

    assert "example" not in str(failure.value)


async def test_whois_is_asked_where_nobody_answers_rdap(whois: WhoisRegistry) -> None:
    whois.answers["example.com"] = GENERIC.encode()

    found = await told(RdapRegistry(port=free_port()), whois)

    assert found.expires_at == datetime(2027, 8, 13, 4, tzinfo=UTC)


async def test_whois_of_china_tells_the_time_of_china(whois: WhoisRegistry) -> None:
    for domain in ("example.cn", "xn--fsqu00a.xn--fiqs8s"):
        whois.answers[domain] = CNNIC.encode()

        found = await told(RdapRegistry(port=free_port()), whois, SiteAddress(host=domain))

        assert found.registrar == "阿里云计算有限公司（万网）"
        assert found.registered_at == datetime(2003, 3, 16, 18, 20, 5, tzinfo=UTC)
        assert found.expires_at == datetime(2027, 3, 17, 4, 48, 36, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"No matching record.\r\n", NoSuchDomain),
        (b'No match for "EXAMPLE.COM".\r\n', NoSuchDomain),
        (b"Domain not found.\r\n", NoSuchDomain),
        (b"Status: free\r\n", NoSuchDomain),
        (b"", RegistryUnavailable),
        (b"WHOIS LIMIT EXCEEDED\r\n", RegistryUnavailable),
        (b"\xff\xfe\x00" * 1000, RegistryUnavailable),
        (b"Registrar: " + b"x" * 100_000, RegistryUnavailable),
        (b"Expir" * 100_000, RegistryUnavailable),
        (b"Expiry Date: 99999999999999999999\r\n", None),
        (b"Creation Date: (((\r\nExpiry Date: 2027-08-13 99:99 XYZ\r\n", RegistryUnavailable),
    ],
)
async def test_what_whois_does_not_tell_is_told_apart(
    whois: WhoisRegistry, answer: bytes, failure: type[SiteFailure] | None
) -> None:
    whois.answers["example.com"] = answer

    with pytest.raises(failure or SiteFailure):
        await told(RdapRegistry(port=free_port()), whois)


async def test_one_line_goes_to_whois_and_nothing_follows_a_referral(
    whois: WhoisRegistry,
) -> None:
    whois.answers["example.com"] = GENERIC.encode() + b"   Registrar WHOIS Server: 127.0.0.1\r\n"

    await told(RdapRegistry(port=free_port()), whois, SiteAddress(host="a.example.com"))

    assert whois.asked == [b"example.com\r\n"]


async def test_a_silent_registry_is_left_in_time(rdap: RdapRegistry, whois: WhoisRegistry) -> None:
    rdap.answers["/domain/example.com"] = Answer(pause=60)
    whois.hangs = True
    async with registries(rdap, whois, share=timedelta(seconds=0.3)) as asked:
        began = asyncio.get_running_loop().time()
        with pytest.raises(RegistryUnavailable):
            await asked.registration(EXAMPLE)

    assert asyncio.get_running_loop().time() - began < 2
    assert whois.asked == [b"example.com\r\n"]


async def test_a_redirect_into_a_private_network_is_not_followed(
    rdap: RdapRegistry, whois: WhoisRegistry
) -> None:
    async with rdap_registry() as inside:
        inside.knows("example.com")
        rdap.answers["/domain/example.com"] = Answer(
            status=302, headers={"Location": f"{inside.url}/domain/example.com"}
        )
        async with asking(rdap, whois) as records:
            with pytest.raises(NoSuchDomain):
                await records.registration(EXAMPLE)
        assert inside.asked == []

        async with asking(rdap, allow_private=True) as records:
            assert (await records.registration(EXAMPLE)).domain == "example.com"


async def test_a_redirect_goes_to_the_address_that_was_checked_under_its_name(
    rdap: RdapRegistry,
) -> None:
    names = ToldNames(elsewhere_example=[["127.0.0.1"], ["127.0.0.2"]])
    async with rdap_registry() as elsewhere:
        elsewhere.knows("example.com")
        url = f"http://elsewhere.example:{elsewhere.port}/domain/example.com"
        rdap.answers["/domain/example.com"] = Answer(status=302, headers={"Location": url})
        async with asking(rdap, allow_private=True, find=names) as records:
            await records.registration(EXAMPLE)

    assert names.asked == ["elsewhere.example"]
    assert elsewhere.asked == [("/domain/example.com", f"elsewhere.example:{elsewhere.port}")]


@pytest.mark.parametrize(
    ("name", "is_answered"), [("registry.example", True), ("other.example", False)]
)
async def test_a_certificate_has_to_be_that_of_the_name_and_not_of_the_address(
    rdap: RdapRegistry, tmp_path: Path, name: str, *, is_answered: bool
) -> None:
    authority = Authority(tmp_path)
    identity = authority.signed(Wish(names=(name, "127.0.0.1")))
    names = ToldNames(registry_example=[["127.0.0.1"]])
    async with rdap_registry(identity=identity) as registry:
        registry.knows("example.com")
        url = f"https://registry.example:{registry.port}/domain/example.com"
        rdap.answers["/domain/example.com"] = Answer(status=302, headers={"Location": url})
        reach = {"allow_private": True, "find": names, "authorities": authority.pem}
        async with asking(rdap, None, **reach) as records:
            if is_answered:
                assert (await records.registration(EXAMPLE)).registrar == "Registrar & Sons"
            else:
                with pytest.raises(RegistryUnavailable):
                    await records.registration(EXAMPLE)

    assert bool(registry.asked) is is_answered
