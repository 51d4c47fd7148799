"""The demo's records of domains and certificates are whole, good, and say that they are none."""

from datetime import UTC, datetime

import pytest

from adapters.demo.sites import DemoSiteRecords
from application.errors import NotRegistrable
from domain.site import SiteAddress
from tests.fakes.clock import ManualClock

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def records() -> DemoSiteRecords:
    return DemoSiteRecords(ManualClock(NOW))


async def test_a_domain_is_registered_in_demo_data() -> None:
    found = await records().registration(SiteAddress(host="www.example.com", port=8443))

    assert found.domain == "example.com"
    assert "演示数据" in found.registrar
    assert "demo" in found.registrar
    assert found.registered_at is not None
    assert found.expires_at is not None
    assert found.registered_at < NOW < found.expires_at


async def test_an_ending_is_registered_by_nobody() -> None:
    with pytest.raises(NotRegistrable):
        await records().registration(SiteAddress(host="com"))


@pytest.mark.parametrize("host", ["example.com", "127.0.0.1", "xn--fsqu00a.xn--fiqs8s"])
async def test_a_site_shows_a_demo_certificate_that_is_good(host: str) -> None:
    found = await records().certificate(SiteAddress(host=host))

    assert "演示数据" in found.issuer
    assert found.is_for(host)
    assert found.faults_at(NOW) == []
