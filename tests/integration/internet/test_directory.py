"""Which registry is asked for an ending, where the operator names none."""

import json
from collections.abc import Callable
from datetime import timedelta

import httpx2
import pytest

from adapters.internet.guard import CheckedAddresses
from adapters.internet.rdap import Rdap
from adapters.internet.registries import Registries
from adapters.internet.whois import Whois
from application.errors import NoRegistry, NoSuchDomain, RegistryUnavailable
from domain.site import SiteAddress
from tests.fakes.clock import ManualClock
from tests.fakes.registry import rdap_domain
from tests.integration.internet.names import ToldNames

pytestmark = pytest.mark.anyio

DIRECTORY = {
    "version": "1.0",
    "services": [
        [["com", "net"], ["https://rdap.one.example/com/v1/"]],
        [["xn--fiqs8s"], ["https://rdap.two.example"]],
    ],
}


class Web:
    """Serves the directory, and a domain to whoever asks for one; notes every address."""

    def __init__(self, directory: object = DIRECTORY, *, status: int = 200) -> None:
        self.asked: list[str] = []
        self._directory = json.dumps(directory)
        self._status = status

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(str(request.url))
        if request.url.path.endswith("/dns.json"):
            return httpx2.Response(self._status, text=self._directory)
        return httpx2.Response(200, json=rdap_domain(request.url.path.rpartition("/")[2]))


Respond = Callable[[httpx2.Request], httpx2.Response]


def asking(respond: Respond, clock: ManualClock | None = None) -> Rdap:
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(respond))
    return Rdap(client, clock or ManualClock())


@pytest.mark.parametrize(
    ("domain", "url"),
    [
        ("example.com", "https://rdap.one.example/com/v1/domain/example.com"),
        ("xn--fsqu00a.xn--fiqs8s", "https://rdap.two.example/domain/xn--fsqu00a.xn--fiqs8s"),
    ],
)
async def test_the_directory_names_the_registry_of_an_ending(domain: str, url: str) -> None:
    web = Web()

    await asking(web).registration(domain)

    assert web.asked[1:] == [url]


async def test_the_directory_is_read_once_a_day() -> None:
    web, clock = Web(), ManualClock()
    rdap = asking(web, clock)

    for hours in (0, 23, 2):
        clock.pass_by(timedelta(hours=hours))
        await rdap.registration("example.com")

    assert len(web.asked) == 5


async def test_an_ending_that_the_directory_lacks_has_no_rdap() -> None:
    with pytest.raises(NoRegistry):
        await asking(Web()).registration("example.cn")


@pytest.mark.parametrize("directory", [{}, [], None, {"services": 7}, {"services": [[1]]}, "x"])
async def test_a_broken_directory_is_no_registry_and_is_read_anew(directory: object) -> None:
    broken = Web(directory, status=503)
    rdap = asking(broken)

    for _ in range(2):
        with pytest.raises((RegistryUnavailable, NoRegistry)):
            await rdap.registration("example.com")


async def test_a_directory_that_cannot_be_reached_is_asked_for_again() -> None:
    asked: list[str] = []

    def fail(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        raise httpx2.ConnectError("no")

    rdap = asking(fail)
    for _ in range(2):
        with pytest.raises(RegistryUnavailable):
            await rdap.registration("example.com")

    assert len(asked) == 2


async def test_without_a_server_of_the_operator_whois_is_that_of_the_ending() -> None:
    names = ToldNames()
    whois = Whois(checked(names), checked(names))

    for domain in ("example.cn", "xn--fsqu00a.xn--fiqs8s"):
        with pytest.raises(RegistryUnavailable):
            await whois.registration(domain)

    assert names.asked == ["whois.cnnic.cn", "cwhois.cnnic.cn"]


async def test_a_whois_server_in_a_private_network_is_not_asked() -> None:
    names = ToldNames(whois_cnnic_cn=[["127.0.0.1"]])
    addresses = checked(names)

    with pytest.raises(RegistryUnavailable, match="SitePrivate"):
        await Whois(addresses, addresses).registration("example.cn")


async def test_an_ending_with_neither_has_no_registry() -> None:
    addresses = checked(ToldNames())
    registries = Registries(asking(Web()), Whois(addresses, addresses))

    with pytest.raises(NoRegistry):
        await registries.registration(SiteAddress(host="example.al"))


async def test_where_rdap_fails_and_there_is_no_whois_the_registry_is_unavailable() -> None:
    def fail(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("no", request=request)

    addresses = checked(ToldNames())
    registries = Registries(asking(fail), Whois(addresses, addresses))

    with pytest.raises(RegistryUnavailable):
        await registries.registration(SiteAddress(host="example.al"))


async def test_not_found_is_the_last_word() -> None:
    def unknown(request: httpx2.Request) -> httpx2.Response:
        is_directory = request.url.path.endswith("/dns.json")
        return httpx2.Response(200, json=DIRECTORY) if is_directory else httpx2.Response(404)

    with pytest.raises(NoSuchDomain):
        await asking(unknown).registration("example.com")


def checked(names: ToldNames) -> CheckedAddresses:
    return CheckedAddresses(names, allow_private=False)
