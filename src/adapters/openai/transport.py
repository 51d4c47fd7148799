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

from adapters.openai.endpoint import Route
from adapters.openai.failures import Complaint, Refused, complaint_in, failure_of, retry_after_in
from application.errors import ModelMisconfigured, ModelUnavailable

LONGEST_COMPLAINT = 64 * 1024
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
        timeout=limits_of(route),
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [_shorten_complaint]},
    )


def limits_of(route: Route) -> httpx2.Timeout:
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
