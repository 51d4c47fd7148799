"""Pictures that a provider only names: fetched without its key, and from public addresses only.

Importing it imports the SDK's transport, as `client` does.
"""

import ipaddress
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

import aiohttp
import httpx2
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters.openai.connection import AzureEndpoint, ConnectionOptions, Endpoint, Reply
from adapters.openai.transport import in_our_words, transport_over, trust_store
from application.errors import ModelGaveNothing, ModelUnavailable

LONGEST_ADDRESS = 8192
SUCCESS = 200
LAST_PORT = 65535
DEFAULT_PORTS = {"http": 80, "https": 443}
INTERNAL = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
NAT64 = ipaddress.ip_network("64:ff9b::/96")
PIECE = 64 * 1024


class Downloads:
    """Takes https from anywhere in public, and whatever the provider's own server offers. No redirects."""

    def __init__(self, endpoint: Endpoint, options: ConnectionOptions) -> None:
        own = endpoint.url if isinstance(endpoint, AzureEndpoint) else endpoint.base_url
        self._own = _origin(httpx2.URL(own))
        self._options = options

    @asynccontextmanager
    async def fetch(self, address: str) -> AsyncGenerator[Reply]:
        """Raises a ModelFailure, here and while the reply is read."""
        url = _parsed(address)
        is_own = _origin(url) == self._own
        if not is_own and (url.scheme != "https" or is_internal(url.host)):
            raise ModelGaveNothing("the picture is at an address that is not fetched")
        options = self._options.towards(str(url))
        with in_our_words():
            # Behind a proxy it is the proxy that looks the name up, and that reaches what it may reach.
            fetched = _fetched(url, options) if is_own or options.proxy else _guarded(url)
            async with fetched as reply:
                yield reply


def is_internal(host: str) -> bool:
    """Whether a host's name, or the number that it is, says that it is not a public one."""
    name = host.lower().rstrip(".")
    try:
        # The system reads more kinds of numbers than the standard library: `0x7f.1` and the like.
        number = socket.inet_ntoa(socket.inet_aton(name)) if ":" not in name else name
        return not is_public(number)
    except (OSError, ValueError):
        return "." not in name or name.endswith(INTERNAL)


def is_public(number: str) -> bool:
    """Whether an address is one of the whole internet, in whatever it is wrapped."""
    address = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(str(address.ipv4_mapped))
        if address.sixtofour or address.teredo or address in NAT64:
            return False
    return address.is_global and not address.is_multicast


class PublicAddresses(AbstractResolver):
    """Looks names up and forgets what is not public: it is the address connected to that counts."""

    def __init__(self, names: AbstractResolver | None = None) -> None:
        self._names = names or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)
        public = [one for one in found if is_public(one["host"])]
        if not public:
            raise OSError("no public address")
        return public

    async def close(self) -> None:
        await self._names.close()


def _parsed(address: str) -> httpx2.URL:
    try:
        url = httpx2.URL(address) if len(address) <= LONGEST_ADDRESS else None
        # Decodes the host, which raises for some that are none.
        is_whole = url is not None and bool(url.host) and not url.userinfo
    except (httpx2.InvalidURL, ValueError):
        url, is_whole = None, False
    if url is None or not is_whole or (url.port or 0) > LAST_PORT:
        raise ModelGaveNothing("the picture has no address")
    return url


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or DEFAULT_PORTS.get(url.scheme)


@asynccontextmanager
async def _fetched(url: httpx2.URL, options: ConnectionOptions) -> AsyncGenerator[Reply]:
    async with transport_over(options) as client, client.stream("GET", url) as response:
        _check(response.status_code)
        async with aclosing(_pieces(response.aiter_raw())) as received:
            yield Reply(content_type="", received=received)


@asynccontextmanager
async def _guarded(url: httpx2.URL) -> AsyncGenerator[Reply]:
    connector = aiohttp.TCPConnector(resolver=PublicAddresses(), ssl=trust_store())
    async with (
        aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity"},
            trust_env=False,
        ) as session,
        session.get(str(url), allow_redirects=False) as response,
    ):
        _check(response.status)
        async with aclosing(_pieces(response.content.iter_chunked(PIECE))) as received:
            yield Reply(content_type="", received=received)


async def _pieces(body: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    with in_our_words():
        async for piece in body:
            yield piece


def _check(status: int) -> None:
    if status != SUCCESS:
        raise ModelUnavailable(f"status {status} for the picture")
