"""What a provider serves beside the chat protocol. Importing this imports the SDK, as with `clients`."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TypeAlias

import httpx2

from adapters.openai.endpoint import OpenAIEndpoint, Route
from adapters.openai.transport import in_our_words, transport_over
from application.errors import ModelUnavailable

Fetch: TypeAlias = Callable[[str], Awaitable[bytes | None]]

LONGEST_PAGE = 1024 * 1024
"""Bytes. A list of what each day of three months cost has a tenth of that."""

AWAY = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
"""Statuses of a server, or of a proxy before it, that may answer later."""


@asynccontextmanager
async def visited(endpoint: OpenAIEndpoint, route: Route) -> AsyncGenerator[Fetch]:
    """A visit, whose connections are closed when it ends.

    What it yields gives the page at an address; None if there is none, or it is too long. It follows no
    redirect, and raises ModelFailure where the server could not be asked.
    """
    headers = {"Authorization": f"Bearer {endpoint.api_key}"}
    async with transport_over(route) as transport:

        async def fetch(address: str) -> bytes | None:
            with in_our_words():
                async with transport.stream("GET", address, headers=headers) as response:
                    if response.status_code in AWAY:
                        raise ModelUnavailable(f"status {response.status_code}")
                    return await _body_of(response)

        yield fetch


async def _body_of(response: httpx2.Response) -> bytes | None:
    if response.status_code != HTTPStatus.OK:
        return None
    body = b""
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > LONGEST_PAGE:
            return None
    return body
