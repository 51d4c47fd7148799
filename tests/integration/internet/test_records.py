"""Both kinds of records together, as the service uses them: opened late, and asked sparingly."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.internet.reach import Reach
from adapters.internet.records import InternetSiteRecords
from adapters.internet.sparing import (
    CERTIFICATE_AGE,
    REGISTRATION_AGE,
    SparingSiteRecords,
    Terms,
)
from application.errors import (
    NoSuchDomain,
    RegistryUnavailable,
    SiteWithoutCertificate,
)
from application.ports import SiteRecords
from domain.site import Certificate, Registration, SiteAddress
from tests.contracts.site_records import REGISTERED, SiteRecordsContract
from tests.fakes.authority import Authority, Wish
from tests.fakes.clock import ManualClock
from tests.fakes.registry import rdap_registry
from tests.fakes.site_records import ScriptedSiteRecords
from tests.fakes.sites import free_port, tls_site
from tests.integration.internet.names import at_home
from tests.strategies import NOON

pytestmark = pytest.mark.anyio

SRC = Path(__file__).parents[3] / "src"


class TestInternetSiteRecords(SiteRecordsContract):
    @pytest.fixture
    def authority(self, tmp_path: Path) -> Authority:
        return Authority(tmp_path)

    @pytest.fixture
    async def port(self, authority: Authority) -> AsyncGenerator[int]:
        async with tls_site(authority.signed(Wish())) as port:
            yield port

    @pytest.fixture
    def closed_port(self) -> int:
        return free_port()

    @pytest.fixture
    async def records(self, authority: Authority) -> AsyncGenerator[SiteRecords]:
        async with rdap_registry() as registry:
            registry.knows(REGISTERED)
            reach = Reach(
                allow_private=True,
                rdap_url=registry.url,
                authorities=authority.pem,
                find=at_home(),
            )
            opened = InternetSiteRecords(reach, ManualClock())
            yield opened
            await opened.aclose()


class TestSparingSiteRecords(TestInternetSiteRecords):
    @pytest.fixture
    async def records(self, authority: Authority) -> AsyncGenerator[SiteRecords]:
        async with rdap_registry() as registry:
            registry.knows(REGISTERED)
            reach = Reach(
                allow_private=True,
                rdap_url=registry.url,
                authorities=authority.pem,
                find=at_home(),
            )
            opened = InternetSiteRecords(reach, ManualClock())
            yield SparingSiteRecords(opened, ManualClock())
            await opened.aclose()


def test_the_libraries_are_not_imported_before_the_first_question() -> None:
    program = (
        "import sys, adapters.internet.records, adapters.internet.sparing; print(*sys.modules)"
    )

    run = subprocess.run(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-c", program], cwd=SRC, capture_output=True, text=True, check=True
    )

    assert not {"asyncwhois", "whodap", "tldextract", "cryptography"} & set(run.stdout.split())


async def test_records_that_were_never_asked_have_nothing_to_close() -> None:
    await InternetSiteRecords(Reach(), ManualClock()).aclose()


SITE = SiteAddress(host="example.com")
OTHER = SiteAddress(host="example.com", port=8443)
REGISTRATION = Registration(domain="example.com", registrar="", registered_at=None, expires_at=None)
CERTIFICATE = Certificate(subject="", issuer="", names=(), valid_from=NOON, valid_until=NOON)


def scripted() -> ScriptedSiteRecords:
    records = ScriptedSiteRecords()
    records.registrations = {"example.com": REGISTRATION}
    records.certificates = {SITE: CERTIFICATE, OTHER: CERTIFICATE}
    return records


async def test_an_answer_is_remembered_for_a_while() -> None:
    records, clock = scripted(), ManualClock()
    sparing = SparingSiteRecords(records, clock)

    for _ in range(3):
        assert await sparing.registration(SITE) == REGISTRATION
        assert await sparing.certificate(SITE) == CERTIFICATE
    assert len(records.asked) == 2

    clock.pass_by(CERTIFICATE_AGE + timedelta(seconds=1))
    await sparing.registration(SITE)
    await sparing.certificate(SITE)
    assert len(records.asked) == 3

    clock.pass_by(REGISTRATION_AGE)
    await sparing.registration(SITE)
    assert len(records.asked) == 4


async def test_ports_have_certificates_of_their_own_but_one_registration() -> None:
    records = scripted()
    sparing = SparingSiteRecords(records, ManualClock())

    for site in (SITE, OTHER):
        await sparing.certificate(site)
        await sparing.registration(site)

    assert records.asked == [SITE, SITE, OTHER]


async def test_a_failure_is_not_remembered() -> None:
    records = scripted()
    sparing = SparingSiteRecords(records, ManualClock())
    free = SiteAddress(host="free.com")

    with pytest.raises(NoSuchDomain):
        await sparing.registration(free)
    records.registrations["free.com"] = REGISTRATION

    assert await sparing.registration(free) == REGISTRATION


async def test_only_so_many_answers_are_remembered() -> None:
    records = scripted()
    sites = [SiteAddress(host=f"{n}.com") for n in range(4)]
    records.registrations = dict.fromkeys((site.host for site in sites), REGISTRATION)
    sparing = SparingSiteRecords(records, ManualClock(), Terms(remembered=3))

    for site in [*sites, *sites[1:]]:
        await sparing.registration(site)
    assert records.asked == sites

    await sparing.registration(sites[0])
    assert records.asked == [*sites, sites[0]]


class StuckSiteRecords:
    """Never answers, and counts who waits."""

    def __init__(self) -> None:
        self.waiting = 0
        self.most = 0

    async def registration(self, site: SiteAddress) -> Registration:
        await self._wait()
        raise AssertionError(site)

    async def certificate(self, site: SiteAddress) -> Certificate:
        await self._wait()
        raise AssertionError(site)

    async def _wait(self) -> None:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        try:
            await asyncio.Event().wait()
        finally:
            self.waiting -= 1


async def test_nobody_waits_for_ever() -> None:
    terms = Terms(deadline=timedelta(milliseconds=50))
    sparing = SparingSiteRecords(StuckSiteRecords(), ManualClock(), terms)

    with pytest.raises(RegistryUnavailable):
        await sparing.registration(SITE)
    with pytest.raises(SiteWithoutCertificate):
        await sparing.certificate(SITE)


async def test_only_a_few_are_asked_at_a_time_and_the_others_are_told() -> None:
    stuck = StuckSiteRecords()
    terms = Terms(
        at_once=2, waiting=timedelta(milliseconds=50), deadline=timedelta(milliseconds=300)
    )
    sparing = SparingSiteRecords(stuck, ManualClock(), terms)

    ends = await asyncio.gather(
        *(sparing.certificate(SITE) for _ in range(5)), return_exceptions=True
    )

    assert stuck.most == 2
    assert stuck.waiting == 0
    assert sorted(type(end).__name__ for end in ends) == [
        *["LookupsBusy"] * 3,
        *["SiteWithoutCertificate"] * 2,
    ]
    with pytest.raises(SiteWithoutCertificate):
        await sparing.certificate(SITE)
