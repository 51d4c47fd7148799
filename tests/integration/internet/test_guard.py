"""Which addresses are connected to, and how often a name is looked up."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.internet.guard import CheckedAddresses, is_public
from adapters.internet.name_lookup import NameLookup
from application.errors import SiteNotFound, SitePrivate
from tests.integration.internet.names import ToldNames

pytestmark = pytest.mark.anyio

PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:4700:4700::1111", "2400:3200::1"]

PRIVATE = [
    "0.0.0.0",  # noqa: S104 - nothing is bound
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::a00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:a00:1::1",
    "2001:db8::1",
    "2002:a00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_addresses_of_the_internet_are_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", PRIVATE)
def test_near_reserved_and_disguised_addresses_are_not(text: str) -> None:
    assert not is_public(ip_address(text))


@given(address=st.ip_addresses())
def test_nothing_is_public_that_the_standard_library_calls_private(address: object) -> None:
    found = ip_address(str(address))

    assert not is_public(found) or (found.is_global and not found.is_multicast)


@pytest.mark.parametrize("text", PRIVATE)
async def test_a_private_address_is_refused_however_it_is_named(text: str) -> None:
    addresses = CheckedAddresses(ToldNames(name=[[text]]), allow_private=False)

    for host in (text, "name"):
        with pytest.raises(SitePrivate):
            await addresses.of(host)


@pytest.mark.parametrize("text", [*PRIVATE, *PUBLIC])
async def test_the_operator_may_allow_all_of_them(text: str) -> None:
    addresses = CheckedAddresses(ToldNames(name=[[text]]), allow_private=True)

    assert await addresses.of("name") == await addresses.of(text) == [ip_address(text)]


async def test_of_mixed_answers_only_the_public_ones_are_used() -> None:
    names = ToldNames(name=[["10.0.0.1", "8.8.8.8", "::1", "2400:3200::1"]])

    found = await CheckedAddresses(names, allow_private=False).of("name")

    assert found == [ip_address("8.8.8.8"), ip_address("2400:3200::1")]


async def test_a_name_is_looked_up_once_and_a_later_answer_counts_for_nothing() -> None:
    names = ToldNames(name=[["8.8.8.8"], ["127.0.0.1"]])
    addresses = CheckedAddresses(names, allow_private=False)

    found = await addresses.of("name")

    assert (found, names.asked) == ([ip_address("8.8.8.8")], ["name"])
    with pytest.raises(SitePrivate):
        await addresses.of("name")


async def test_only_a_few_addresses_of_each_kind_are_tried() -> None:
    many = [f"8.8.8.{n}" for n in range(9)] + ["2400:3200::1", "8.8.8.1"]

    found = await CheckedAddresses(ToldNames(name=[many]), allow_private=False).of("name")

    assert list(map(str, found)) == ["8.8.8.0", "8.8.8.1", "2400:3200::1"]


async def test_an_ip_address_is_not_looked_up() -> None:
    names = ToldNames()

    await CheckedAddresses(names, allow_private=False).of("8.8.8.8")

    assert names.asked == []


async def test_a_name_without_address_and_one_without_answer_are_not_found() -> None:
    addresses = CheckedAddresses(ToldNames(silent=[None]), allow_private=False)

    for host in ("unknown", "silent"):
        with pytest.raises(SiteNotFound):
            await addresses.of(host)


async def test_the_system_knows_this_machine() -> None:
    assert set(await NameLookup()("localhost")) & {"127.0.0.1", "::1"}


async def test_the_system_does_not_know_what_cannot_exist() -> None:
    # Over-long labels are turned away before anybody is asked.
    assert await NameLookup()(f"{'x' * 70}.invalid") == ()


async def test_lookups_free_their_places_again() -> None:
    lookup = NameLookup(threads=1)

    for _ in range(3):
        assert await lookup("127.0.0.1")
