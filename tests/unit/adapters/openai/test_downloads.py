"""Which addresses are public, however they are written and whatever they are wrapped in."""

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters.openai.downloads import PublicAddresses, is_internal, is_public

pytestmark = pytest.mark.anyio

PUBLIC = ("8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8")
PRIVATE = (
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("0.0.0.1", "255.255.255.255", "224.0.0.1", "198.18.0.1", "::1", "::", "fe80::1%eth0"),
    *("fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
)


class Names(AbstractResolver):
    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self._addresses
        ]

    async def close(self) -> None:
        """It holds nothing open."""


@pytest.mark.parametrize("address", PUBLIC)
def test_these_are_public(address: str) -> None:
    assert is_public(address)
    assert not is_internal(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_these_are_not(address: str) -> None:
    assert not is_public(address)
    assert is_internal(address)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "a.localhost", "printer", "nas.local", "db.internal", "127.1"],
)
@pytest.mark.parametrize("end", ["", "."])
def test_these_names_say_that_they_are_inside(host: str, end: str) -> None:
    assert is_internal(host.rstrip(".") + end)


@pytest.mark.parametrize(
    "host", ["0x7f000001", "2130706433", "0177.0.0.1", "router.lan", "x.home.arpa"]
)
def test_so_do_these(host: str) -> None:
    assert is_internal(host)


@pytest.mark.parametrize("host", ["pictures.example.com", "xn--fiqs8s.cn", "local.example.com"])
def test_these_names_say_nothing_of_the_kind(host: str) -> None:
    assert not is_internal(host)


async def test_only_public_addresses_of_a_name_are_connected_to() -> None:
    resolver = PublicAddresses(Names("10.0.0.1", "8.8.8.8", "::1"))

    assert [one["host"] for one in await resolver.resolve("rebinding.example", 443)] == ["8.8.8.8"]


async def test_a_name_without_a_public_address_is_not_there() -> None:
    resolver = PublicAddresses(Names("127.0.0.1"))

    with pytest.raises(OSError, match="no public address"):
        await resolver.resolve("rebinding.example", 443)
    await resolver.close()
