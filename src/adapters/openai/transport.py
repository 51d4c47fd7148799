"""The way to a provider below the SDK: which transport, whom it trusts, and its failures in our words.

Importing it imports the SDK, so nothing does before the first question (see `connection`).
"""

import ssl
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache

import aiohttp
import anyio
import certifi
import httpx2
import openai
from aiohttp.http import HttpProcessingError

from adapters.openai.connection import ConnectionOptions
from adapters.openai.errors import (
    ProviderError,
    RequestRefused,
    failure_of,
    provider_error_in,
    retry_after_in,
    retry_after_ms_in,
)
from application.errors import ModelMisconfigured, ModelUnavailable

LONGEST_ERROR = 64 * 1024
"""Bytes that are read of an error page."""

HTTP_ERROR = 400

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


@contextmanager
def in_our_words() -> Generator[None]:
    """Whatever the SDK or its transport raises leaves as one of our failures, or as RequestRefused."""
    try:
        yield
    except openai.APIStatusError as error:
        raise RequestRefused(_provider_error_of(error)) from error
    except openai.APIResponseValidationError as error:
        raise ModelUnavailable("not the protocol's answer") from error
    except Outages as error:
        raise ModelUnavailable(_cause_of(error)) from error
    except openai.APIError as error:
        raise failure_of(provider_error_in(error.body)) from error
    except Misuses as error:
        raise ModelMisconfigured(type(error).__name__) from error


def _provider_error_of(error: openai.APIStatusError) -> ProviderError:
    headers = error.response.headers
    return provider_error_in(
        error.body,
        status=error.response.status_code,
        retry_after=retry_after_ms_in(headers.get("retry-after-ms"))
        or retry_after_in(headers.get("retry-after"), datetime.now(UTC)),
    )


def _cause_of(error: BaseException) -> str:
    """The names of the exceptions, outermost first: their messages hold addresses."""
    names = [type(error).__name__]
    while (cause := error.__cause__) is not None:
        error = cause
        names.append(type(error).__name__)
    return " from ".join(dict.fromkeys(names))


def transport_over(options: ConnectionOptions) -> httpx2.AsyncClient:
    """Measured: aiohttp costs a third of httpx2 and stays cheap with thousands of questions under way.

    It knows no SOCKS, TLS within TLS only on some event loops, and the SDK hands it a proxy's login in a
    manner that is going away: such routes take httpx2.
    """
    proxy = httpx2.Proxy(options.proxy) if options.proxy else None
    by_aiohttp = proxy is None or (proxy.url.scheme == "http" and proxy.auth is None)
    make = openai.DefaultAioHttpClient if by_aiohttp else httpx2.AsyncClient
    return make(
        proxy=proxy,
        trust_env=False,
        verify=trust_store(),
        limits=httpx2.Limits(max_connections=options.connections, max_keepalive_connections=20),
        timeout=limits_of(options),
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [_shorten_error]},
    )


def limits_of(options: ConnectionOptions) -> httpx2.Timeout:
    # How long an answer may keep us waiting is counted in pieces, not in bytes: see `pace`.
    seconds = options.connect_limit.total_seconds()
    return httpx2.Timeout(None, connect=seconds, pool=seconds)


@cache
def trust_store() -> ssl.SSLContext:
    """The system's authorities, for companies' own, and certifi's, for images that have none."""
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=certifi.where())
    return context


async def _shorten_error(response: httpx2.Response) -> None:
    """The SDK reads an error page to its end, so give it an early one."""
    if response.status_code >= HTTP_ERROR and isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Beginning(response.stream)


class _Beginning(httpx2.AsyncByteStream):
    def __init__(self, whole: httpx2.AsyncByteStream) -> None:
        self._whole = whole

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for piece in self._whole:
            yield piece[: LONGEST_ERROR - read]
            read += len(piece)
            if read >= LONGEST_ERROR:
                return

    async def aclose(self) -> None:
        await self._whole.aclose()
