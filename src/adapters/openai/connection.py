"""Where a provider is, and a connection to it that costs nothing until the first question."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol, TypeAlias

from adapters.net.no_proxy import DirectHosts


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIEndpoint:
    """OpenAI, or a server that speaks the same protocol below `base_url` (which is taken as it is).

    Where `is_literal`, questions go to `base_url` itself, and nothing is put behind it.
    """

    api_key: str = field(repr=False)
    base_url: str
    is_literal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureEndpoint:
    """A deployment at Azure OpenAI. `url` is the resource's."""

    api_key: str = field(repr=False)
    url: str
    deployment: str
    api_version: str


Endpoint: TypeAlias = OpenAIEndpoint | AzureEndpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOptions:
    """How to get to a provider: through which proxy, over how many connections at most.

    What is in `direct_hosts` is reached without the proxy.
    """

    proxy: str = field(default="", repr=False)
    direct_hosts: DirectHosts = field(default_factory=DirectHosts)
    connections: int = 100
    connect_limit: timedelta = timedelta(seconds=10)

    def towards(self, url: str) -> "ConnectionOptions":
        """The options for the server of this address: without the proxy where that is not for it."""
        return replace(self, proxy="") if self.proxy and self.direct_hosts.cover(url) else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A response of status 2xx whose body is still to be read."""

    content_type: str
    received: AsyncIterator[bytes]


class Client(Protocol):
    def ask(
        self, parameters: Mapping[str, object], headers: Mapping[str, str]
    ) -> AbstractAsyncContextManager[Reply]:
        """Ask for a chat answer; `headers` win over those that are sent otherwise."""
        ...

    def draw(
        self, parameters: Mapping[str, object], headers: Mapping[str, str]
    ) -> AbstractAsyncContextManager[Reply]:
        """Ask for a picture."""
        ...

    def fetch(self, address: str) -> AbstractAsyncContextManager[Reply]:
        """A picture that the provider has named: without the key, and only where that is safe."""
        ...

    async def aclose(self) -> None: ...


class Connection:
    """Opens itself at the first question, and is then shared by all."""

    def __init__(self, endpoint: Endpoint, options: ConnectionOptions) -> None:
        self._endpoint = endpoint
        self._options = options
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
        from adapters.openai.client import SdkClient  # noqa: PLC0415 - see above

        return SdkClient(self._endpoint, self._options)
