"""What every `SiteRecords` promises."""

from datetime import UTC, date, datetime

import pytest

from application.errors import (
    NoSuchDomain,
    NotRegistrable,
    SiteNotFound,
    SiteWithoutCertificate,
)
from application.ports import SiteRecords
from domain.site import SiteAddress

REGISTERED = "example.com"
REGISTRAR = "Registrar & Sons"
REGISTERED_ON = date(1995, 8, 14)
EXPIRES_ON = date(2027, 8, 13)
FREE = "nobody-has-this.com"


@pytest.mark.anyio
class SiteRecordsContract:
    """An heir makes the records of an internet that has one domain, and one site at each of two ports."""

    @pytest.fixture
    def records(self) -> SiteRecords:
        raise NotImplementedError

    @pytest.fixture
    def port(self) -> int:
        """Where `example.com` shows a certificate that is good for it."""
        raise NotImplementedError

    @pytest.fixture
    def closed_port(self) -> int:
        """Where nothing listens."""
        raise NotImplementedError

    async def test_a_domain_has_a_registrar_and_dates(self, records: SiteRecords) -> None:
        found = await records.registration(SiteAddress(host=REGISTERED))

        assert (found.domain, found.registrar) == (REGISTERED, REGISTRAR)
        assert found.registered_at is not None
        assert found.registered_at.astimezone(UTC).date() == REGISTERED_ON
        assert found.expires_at is not None
        assert found.expires_at.astimezone(UTC).date() == EXPIRES_ON

    async def test_a_subdomain_is_answered_for_by_its_domain(self, records: SiteRecords) -> None:
        found = await records.registration(SiteAddress(host=f"www.{REGISTERED}", port=8443))

        assert found.domain == REGISTERED

    async def test_nobody_has_registered_a_free_domain(self, records: SiteRecords) -> None:
        with pytest.raises(NoSuchDomain):
            await records.registration(SiteAddress(host=FREE))

    async def test_an_ending_is_registered_by_nobody(self, records: SiteRecords) -> None:
        with pytest.raises(NotRegistrable):
            await records.registration(SiteAddress(host="com"))

    async def test_a_site_shows_its_certificate(self, records: SiteRecords, port: int) -> None:
        found = await records.certificate(SiteAddress(host=REGISTERED, port=port))

        assert REGISTERED in found.names
        assert found.faults_at(datetime.now(UTC)) == []

    async def test_a_name_without_an_address_is_not_found(self, records: SiteRecords) -> None:
        with pytest.raises(SiteNotFound):
            await records.certificate(SiteAddress(host=FREE))

    async def test_where_nothing_listens_there_is_no_certificate(
        self, records: SiteRecords, closed_port: int
    ) -> None:
        with pytest.raises(SiteWithoutCertificate):
            await records.certificate(SiteAddress(host=REGISTERED, port=closed_port))
