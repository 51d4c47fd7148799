"""The official SDK's clients and the transport below them: the only module that knows either.

Importing it imports the SDK, so nothing does before the first question (see `connection`).
"""

import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import (
    AbstractAsyncContextManager,
    aclosing,
    asynccontextmanager,
    contextmanager,
)
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar

import aiohttp
import anyio
import certifi
import httpx2
import openai
from aiohttp.http import HttpProcessingError
from openai import AsyncAPIResponse

from adapters.openai.endpoint import AzureEndpoint, Endpoint, Reply, Route
from adapters.openai.failures import Complaint, Refused, complaint_in, failure_of, retry_after_in
from application.errors import ModelMisconfigured, ModelUnavailable

LONGEST_COMPLAINT = 64 * 1024
"""Bytes that are read of an error page."""

HTTP_ERROR = 400

Parsed = TypeVar("Parsed")
"""What the SDK would make of a response; it is read as bytes instead."""

Outages: tuple[type[Exception], ...] = (
    openai.APIConnectionError,
    httpx2.HTTPError,
    httpx2.StreamError,
    aiohttp.ClientError,
    HttpProcessingError,
    anyio.EndOfStream,
    anyio.ClosedResourceError,
    anyio.BrokenResourceError,
    OSError,  # TLS and time limits of the socket are among them
    EOFError,
)

Misuses: tuple[type[Exception], ...] = (
    openai.OpenAIError,
    openai.InvalidWebhookSignatureError,
    httpx2.InvalidURL,
    UnicodeError,  # a key or an address that cannot be a header or a host
)


class SdkClient:
    """The SDK over the transport that suits the route. It never tries again by itself."""

    def __init__(self, endpoint: Endpoint, route: Route) -> None:
        self._client = make_client(endpoint, route)
        self._endpoint = endpoint
        self._route = route

    def ask(self, parameters: dict[str, object]) -> AbstractAsyncContextManager[Reply]:
        """Raises a ModelFailure, or Refused, here and while the reply is read."""
        create = self._client.chat.completions.with_streaming_response.create
        # What the SDK would check and convert is its own types; ours are ready to be sent.
        return _replied(create(model="", messages=(), extra_body=parameters))

    def draw(self, parameters: dict[str, object]) -> AbstractAsyncContextManager[Reply]:
        """Raises a ModelFailure, or Refused, here and while the reply is read."""
        generate = self._client.images.with_streaming_response.generate
        return _replied(generate(prompt="", extra_body=parameters))

    def fetch(self, address: str) -> AbstractAsyncContextManager[Reply]:
        """Raises a ModelFailure, here and while the reply is read."""
        from adapters.openai.downloads import Downloads  # noqa: PLC0415 - it stands on this module

        return Downloads(self._endpoint, self._route).fetch(address)

    async def aclose(self) -> None:
        await self._client.close()


def make_client(endpoint: Endpoint, route: Route) -> openai.AsyncOpenAI:
    """A client of the SDK whose settings all come from here, none from the environment."""
    transport = transport_over(route)
    limits = _limits(route)
    if isinstance(endpoint, AzureEndpoint):
        client: openai.AsyncOpenAI = openai.AsyncAzureOpenAI(
            api_key=endpoint.api_key,
            azure_endpoint=endpoint.url,
            azure_deployment=endpoint.deployment,
            api_version=endpoint.api_version,
            http_client=transport,
            timeout=limits,
            max_retries=0,
        )
    else:
        client = openai.AsyncOpenAI(
            api_key=endpoint.api_key,
            base_url=endpoint.base_url,
            http_client=transport,
            timeout=limits,
            max_retries=0,
        )
    client.organization = client.project = None
    return client


@asynccontextmanager
async def _replied(
    call: AbstractAsyncContextManager[AsyncAPIResponse[Parsed]],
) -> AsyncGenerator[Reply]:
    with in_our_words():
        async with call as response:
            kind = response.headers.get("content-type", "")
            async with aclosing(_received(response.iter_bytes())) as received:
                yield Reply(content_type=kind, received=received)


async def _received(body: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    with in_our_words():
        async for received in body:
            yield received


@contextmanager
def in_our_words() -> Generator[None]:
    """Whatever the SDK, or a transport below it, raises leaves as one of our failures (or as Refused)."""
    try:
        yield
    except openai.APIStatusError as error:
        raise Refused(_complaint_of(error)) from error
    except openai.APIResponseValidationError as error:
        raise ModelUnavailable("not the protocol's answer") from error
    except Outages as error:
        raise ModelUnavailable(_cause_of(error)) from error
    except openai.APIError as error:
        raise failure_of(complaint_in(error.body)) from error
    except Misuses as error:
        raise ModelMisconfigured(type(error).__name__) from error


def _complaint_of(error: openai.APIStatusError) -> Complaint:
    header = error.response.headers.get("retry-after")
    return complaint_in(
        error.body,
        status=error.response.status_code,
        retry_after=retry_after_in(header, datetime.now(UTC)),
    )


def _cause_of(error: BaseException) -> str:
    """The names of the exceptions, outermost first: their messages hold addresses."""
    names = [type(error).__name__]
    while (cause := error.__cause__) is not None:
        error = cause
        names.append(type(error).__name__)
    return " from ".join(dict.fromkeys(names))


def transport_over(route: Route) -> httpx2.AsyncClient:
    """Measured: aiohttp costs a third of httpx2 and stays cheap with thousands of questions under way.

    It knows no SOCKS, TLS within TLS only on some event loops, and the SDK hands it a proxy's login in a
    manner that is going away: such routes take httpx2.
    """
    proxy = httpx2.Proxy(route.proxy) if route.proxy else None
    by_aiohttp = proxy is None or (proxy.url.scheme == "http" and proxy.auth is None)
    make = openai.DefaultAioHttpClient if by_aiohttp else httpx2.AsyncClient
    return make(
        proxy=proxy,
        trust_env=False,
        verify=trust_store(),
        limits=httpx2.Limits(max_connections=route.connections, max_keepalive_connections=20),
        timeout=_limits(route),
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [_shorten_complaint]},
    )


def _limits(route: Route) -> httpx2.Timeout:
    # How long an answer may keep us waiting is counted in pieces, not in bytes: see `pace`.
    seconds = route.connect_limit.total_seconds()
    return httpx2.Timeout(None, connect=seconds, pool=seconds)


@cache
def trust_store() -> ssl.SSLContext:
    """The system's authorities, for companies' own, and certifi's, for images that have none."""
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=certifi.where())
    return context


async def _shorten_complaint(response: httpx2.Response) -> None:
    """The SDK reads an error page to its end, so give it an early one."""
    if response.status_code >= HTTP_ERROR and isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Beginning(response.stream)


class _Beginning(httpx2.AsyncByteStream):
    def __init__(self, whole: httpx2.AsyncByteStream) -> None:
        self._whole = whole

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for piece in self._whole:
            yield piece[: LONGEST_COMPLAINT - read]
            read += len(piece)
            if read >= LONGEST_COMPLAINT:
                return

    async def aclose(self) -> None:
        await self._whole.aclose()
