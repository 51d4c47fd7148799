"""The official SDK's clients over the transport that suits the connection.

Importing it imports the SDK, so nothing does before the first question (see `connection`).
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import TypeVar

import httpx2
import openai
from openai import AsyncAPIResponse

from adapters.openai.connection import AzureEndpoint, ConnectionOptions, Endpoint, Reply
from adapters.openai.transport import in_our_words, limits_of, transport_over

CHAT_PATH = "/chat/completions"

Parsed = TypeVar("Parsed")
"""What the SDK would make of a response; it is read as bytes instead."""


class SdkClient:
    """The SDK over the transport that suits the connection. It never tries again by itself."""

    def __init__(self, endpoint: Endpoint, options: ConnectionOptions) -> None:
        self._client = make_client(endpoint, options)
        self._endpoint = endpoint
        self._options = options

    def ask(
        self, parameters: Mapping[str, object], headers: Mapping[str, str]
    ) -> AbstractAsyncContextManager[Reply]:
        """Raises a ModelFailure, or RequestRefused, here and while the reply is read."""
        create = self._client.chat.completions.with_streaming_response.create
        # What the SDK would check and convert is its own types; ours are ready to be sent.
        return _replied(create(model="", messages=(), extra_body=parameters, extra_headers=headers))

    def draw(
        self, parameters: Mapping[str, object], headers: Mapping[str, str]
    ) -> AbstractAsyncContextManager[Reply]:
        """Raises a ModelFailure, or RequestRefused, here and while the reply is read."""
        generate = self._client.images.with_streaming_response.generate
        return _replied(generate(prompt="", extra_body=parameters, extra_headers=headers))

    def fetch(self, address: str) -> AbstractAsyncContextManager[Reply]:
        """Raises a ModelFailure, here and while the reply is read."""
        from adapters.openai.downloads import Downloads  # noqa: PLC0415 - it stands on this module

        return Downloads(self._endpoint, self._options).fetch(address)

    async def aclose(self) -> None:
        await self._client.close()


class LiteralClient(openai.AsyncOpenAI):
    """Asks at the very address that it was given, which the SDK would put a stroke behind."""

    literal_url = ""

    def _prepare_url(self, url: str) -> httpx2.URL:
        if url == CHAT_PATH:
            return httpx2.URL(self.literal_url)
        # Pictures are made beside the chat.
        return httpx2.URL(self.literal_url.removesuffix(CHAT_PATH) + url)


def make_client(endpoint: Endpoint, options: ConnectionOptions) -> openai.AsyncOpenAI:
    """A client of the SDK whose settings all come from here, none from the environment."""
    address = endpoint.url if isinstance(endpoint, AzureEndpoint) else endpoint.base_url
    transport = transport_over(options.towards(address))
    limits = limits_of(options)
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
        make = LiteralClient if endpoint.is_literal else openai.AsyncOpenAI
        client = make(
            api_key=endpoint.api_key,
            base_url=endpoint.base_url,
            http_client=transport,
            timeout=limits,
            max_retries=0,
        )
        if isinstance(client, LiteralClient):
            client.literal_url = endpoint.base_url
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
