"""Where a provider is, how to get there, and what comes back."""

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

    def draw(self, parameters: dict[str, object]) -> AbstractAsyncContextManager[Reply]: ...

    def fetch(self, address: str) -> AbstractAsyncContextManager[Reply]:
        """A picture that the provider has named: without the key, and only where that is safe."""
        ...

    async def aclose(self) -> None: ...
