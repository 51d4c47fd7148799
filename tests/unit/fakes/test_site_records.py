"""The scripted site records keep the promises of site records, so tests may believe them."""

from datetime import UTC, datetime, timedelta

import pytest

from application.errors import NotRegistrable, SiteWithoutCertificate
from application.ports import SiteRecords
from domain.site import Certificate, Registration, SiteAddress
from tests.contracts.site_records import REGISTERED, REGISTRAR, SiteRecordsContract
from tests.fakes.site_records import ScriptedSiteRecords

NOW = datetime.now(UTC)


class TestScriptedSiteRecords(SiteRecordsContract):
    @pytest.fixture
    def port(self) -> int:
        return 443

    @pytest.fixture
    def closed_port(self) -> int:
        return 81

    @pytest.fixture
    def records(self) -> SiteRecords:
        registration = Registration(
            domain=REGISTERED,
            registrar=REGISTRAR,
            registered_at=datetime(1995, 8, 14, tzinfo=UTC),
            expires_at=datetime(2027, 8, 13, tzinfo=UTC),
        )
        certificate = Certificate(
            subject=REGISTERED,
            issuer="Authority",
            names=(REGISTERED,),
            valid_from=NOW - timedelta(days=1),
            valid_until=NOW + timedelta(days=1),
        )
        records = ScriptedSiteRecords()
        records.registrations = {
            REGISTERED: registration,
            f"www.{REGISTERED}": registration,
            "com": NotRegistrable("told"),
        }
        records.certificates = {
            SiteAddress(host=REGISTERED): certificate,
            SiteAddress(host=REGISTERED, port=81): SiteWithoutCertificate("told"),
        }
        return records
