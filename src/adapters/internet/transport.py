"""HTTP to servers that others name: to checked addresses only, and no more than so many bytes."""

from collections.abc import AsyncIterator
from ssl import SSLContext

import httpx2

from adapters.internet.guard import CheckedAddresses, IPAddress
from application.errors import SiteNotFound, SitePrivate

LARGEST_BODY = 2_000_000
"""Bytes. IANA's directory of registries has 100,000; what a registry says of a domain, 20,000."""

TIMEOUT = httpx2.Timeout(4)
MOST_REDIRECTS = 3


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Looks a host up once for each request, and connects to the address that was checked.

    `exempt` is the origin that the operator configured: it may be anywhere.
    """

    def __init__(
        self, addresses: CheckedAddresses, *, certificates: SSLContext, exempt: httpx2.URL | None
    ) -> None:
        self._addresses = addresses
        self._exempt = exempt
        # A connection that is kept would be used for another host at the same address.
        limits = httpx2.Limits(max_keepalive_connections=0)
        self._inner = httpx2.AsyncHTTPTransport(
            verify=certificates, trust_env=False, limits=limits, retries=0
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if not self._is_exempt(request.url):
            request = _pinned(request, await self._address(request))
        response = await self._inner.handle_async_request(request)
        if not isinstance(response.stream, httpx2.AsyncByteStream):
            raise httpx2.RemoteProtocolError("no body to read", request=request)
        # Asked for as it is: what is packed all the same might unpack without end.
        response.headers.pop("content-encoding", None)
        response.stream = _Limited(response.stream, request)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _is_exempt(self, url: httpx2.URL) -> bool:
        exempt = self._exempt
        # The host as it is on the wire: decoding it raises for some that are none.
        return exempt is not None and (url.scheme, url.raw_host, url.port) == (
            exempt.scheme,
            exempt.raw_host,
            exempt.port,
        )

    async def _address(self, request: httpx2.Request) -> IPAddress:
        try:
            return (await self._addresses.of(request.url.raw_host.decode("ascii")))[0]
        except (SiteNotFound, SitePrivate) as error:
            raise httpx2.ConnectError(str(error), request=request) from error


def registry_client(
    addresses: CheckedAddresses, *, certificates: SSLContext, exempt: httpx2.URL | None
) -> httpx2.AsyncClient:
    """A client for registries; whoever makes it closes it with `aclose`."""
    return httpx2.AsyncClient(
        transport=GuardedTransport(addresses, certificates=certificates, exempt=exempt),
        follow_redirects=True,
        max_redirects=MOST_REDIRECTS,
        timeout=TIMEOUT,
        trust_env=False,
        headers={"accept": "application/rdap+json", "accept-encoding": "identity"},
    )


def _pinned(request: httpx2.Request, address: IPAddress) -> httpx2.Request:
    """The same request to that address; certificate and `Host` remain those of the name."""
    name = request.url.raw_host.decode("ascii")
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": name},
    )


class _Limited(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, request: httpx2.Request) -> None:
        self._stream = stream
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._stream:
            size += len(piece)
            if size > LARGEST_BODY:
                raise httpx2.RemoteProtocolError("the answer is too large", request=self._request)
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
