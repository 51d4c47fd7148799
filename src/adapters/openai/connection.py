"""A way to a provider that costs nothing until the first question."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIEndpoint:
    """OpenAI, or a server that speaks the same protocol below `base_url` (which is taken as it is)."""

    api_key: str = field(repr=False)
    base_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureEndpoint:
    """A deployment at Azure OpenAI. `url` is the resource's."""

    api_key: str = field(repr=False)
    url: str
    deployment: str
    api_version: str


Endpoint: TypeAlias = OpenAIEndpoint | AzureEndpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How to get to a provider: through which proxy, over how many connections at most."""

    proxy: str = field(default="", repr=False)
    connections: int = 100
    connect_limit: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A response of status 2xx whose body is still to be read."""

    content_type: str
    received: AsyncIterator[bytes]


class Client(Protocol):
    def ask(self, parameters: dict[str, object]) -> AbstractAsyncContextManager[Reply]: ...

    async def aclose(self) -> None: ...


class Connection:
    """Opens itself at the first question, and is then shared by all."""

    def __init__(self, endpoint: Endpoint, route: Route) -> None:
        self._endpoint = endpoint
        self._route = route
        self._opening = asyncio.Lock()
        self._client: Client | None = None

    async def client(self) -> Client:
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._make_client)
            return self._client

    async def aclose(self) -> None:
        async with self._opening:
            if self._client is not None:
                await self._client.aclose()
                self._client = None

    def _make_client(self) -> Client:
        # The SDK takes more than a second to import: not before the port is open, and not in the loop.
        from adapters.openai.clients import SdkClient  # noqa: PLC0415 - see above

        return SdkClient(self._endpoint, self._route)
