"""A way to a provider that costs nothing until the first question."""

import asyncio

from adapters.openai.endpoint import Client, Endpoint, Route


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
