"""Connections that a request or a websocket can get at, for failures that cut them."""

import asyncio
import struct
from collections.abc import Mapping
from socket import SO_LINGER, SOL_SOCKET
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

TRANSPORT = "simulator.transport"
"""Where a connection puts its transport into the scope's `extensions`."""

NO_LINGERING = struct.pack("ii", 1, 0)


class HttpConnection(HttpToolsProtocol):
    """Gives each request its transport."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item] # ours alone


class WebSocketConnection(WebSocketsSansIOProtocol):
    """Gives its websocket the transport."""

    async def run_asgi(self) -> None:
        extensions = {**(self.scope["extensions"] or {}), TRANSPORT: self.transport}
        self.scope["extensions"] = extensions  # type: ignore[typeddict-item] # ours alone
        await super().run_asgi()


def cut(scope: Mapping[str, object], *, is_reset: bool = False) -> bool:
    """End the connection with no other word; False if whoever serves it keeps its transport.

    `is_reset` ends it with RST instead of FIN.
    """
    extensions = cast("Mapping[str, asyncio.Transport]", scope.get("extensions") or {})
    transport = extensions.get(TRANSPORT)
    if transport is None:
        return False
    if is_reset:
        # Closed without waiting for anything, the kernel says RST.
        transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, NO_LINGERING)
    transport.close()
    return True
