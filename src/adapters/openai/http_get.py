"""What a provider serves beside the chat protocol. Importing this imports the SDK, as with `client`."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TypeAlias

import httpx2

from adapters.openai.connection import ConnectionOptions, OpenAIEndpoint
from adapters.openai.errors import failure_of, provider_error_in
from adapters.openai.transport import in_our_words, transport_over
from application.errors import ModelMisconfigured, ModelUnavailable

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

NO_SUCH_PAGE = frozenset(
    {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
)


@asynccontextmanager
async def http_get(
    endpoint: OpenAIEndpoint,
    options: ConnectionOptions,
    *,
    longest: int = LONGEST_PAGE,
    refusals_raise: bool = False,
) -> AsyncGenerator[Fetch]:
    """Yields a function that gives the page at an address, or None if there is none or it is too long.

    It follows no redirect, and raises ModelFailure where the server could not be asked. With
    `refusals_raise` it does so too where the server refuses, as it would refuse a question.
    """
    headers = {"Authorization": f"Bearer {endpoint.api_key}"}
    async with transport_over(options.towards(endpoint.base_url)) as transport:

        async def fetch(address: str) -> bytes | None:
            with in_our_words():
                async with transport.stream("GET", address, headers=headers) as response:
                    if response.status_code in AWAY:
                        raise ModelUnavailable(f"status {response.status_code}")
                    if response.status_code == HTTPStatus.OK:
                        return await _body_of(response, longest)
                    if refusals_raise and response.status_code not in NO_SUCH_PAGE:
                        await _raise_refusal(response)
                    return None

        yield fetch


async def _body_of(response: httpx2.Response, longest: int) -> bytes | None:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > longest:
            return None
    return bytes(body)


async def _raise_refusal(response: httpx2.Response) -> None:
    status = response.status_code
    if status < HTTPStatus.BAD_REQUEST:
        raise ModelMisconfigured(f"status {status}")
    body = await _body_of(response, LONGEST_PAGE) or b""
    try:
        error = json.loads(body)
    except (ValueError, RecursionError):
        error = None
    if isinstance(error, dict) and "error" in error:
        error = error["error"]
    raise failure_of(provider_error_in(error, status=status))
