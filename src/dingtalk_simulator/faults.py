"""Injected faults on the wire: answers that are late, wrong, slow, endless or missing."""

import asyncio
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from socket import SO_LINGER, SOL_SOCKET
from typing import cast

from litestar import Response
from litestar.response import Stream
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from dingtalk_simulator.endpoints.protocol import JSON, ApiResponse, api_error, errcode
from dingtalk_simulator.switches import Failure, FailureKind
from dingtalk_simulator.wire import HttpRequest

TRANSPORT = "simulator.transport"
"""The key of the transport in the `extensions` of a scope."""

LINGER_ZERO = struct.pack("ii", 1, 0)

THROTTLE_PAGE = "<html><body>访问过于频繁</body></html>".encode()
THROTTLE_JSON = b'{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"00000000"}'
DRIP_INTERVAL = 0.05
FLOOD_CHUNK = b"x" * 65536
ENDLESS = 10_000_000_000


class TransportHttpProtocol(HttpToolsProtocol):
    """Puts the transport into the scope of each request."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item] # ours alone


class TransportWebSocketProtocol(WebSocketsSansIOProtocol):
    """Puts the transport into the scope of the websocket."""

    async def run_asgi(self) -> None:
        extensions = {**(self.scope["extensions"] or {}), TRANSPORT: self.transport}
        self.scope["extensions"] = extensions  # type: ignore[typeddict-item] # ours alone
        await super().run_asgi()


def cut(scope: Mapping[str, object], *, is_reset: bool = False) -> bool:
    """Close the transport of a connection; False if the server does not provide it.

    `is_reset` ends it with RST instead of FIN.
    """
    extensions = cast("Mapping[str, asyncio.Transport]", scope.get("extensions") or {})
    transport = extensions.get(TRANSPORT)
    if transport is None:
        return False
    if is_reset:
        # Closing a socket that does not linger makes the kernel send RST.
        transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, LINGER_ZERO)
    transport.close()
    return True


def faked_response(failure: Failure) -> ApiResponse | None:
    """The response that replaces the regular one; None if the failure is of another kind."""
    match failure.kind:
        case FailureKind.ERRCODE:
            return errcode(failure.errcode, failure.errmsg)
        case FailureKind.CODE:
            return api_error(failure.code, failure.errmsg, status=failure.status or 400)
        case FailureKind.ANSWER:
            return ApiResponse(
                status=failure.status or 500,
                body=failure.body.encode("utf-8", "replace"),
                media_type=JSON,
                headers=failure.headers,
            )
        case FailureKind.THROTTLE_PAGE:
            return ApiResponse(
                status=failure.status or 200, body=THROTTLE_PAGE, media_type="text/html"
            )
        case FailureKind.THROTTLE_JSON:
            return ApiResponse(status=failure.status or 200, body=THROTTLE_JSON)
        case _:
            return None


async def apply_fault(
    failure: Failure, request: HttpRequest, closing: asyncio.Event
) -> Response[bytes] | Stream | None:
    """Apply the failure on the wire; None if it only delays the regular response."""
    match failure.kind:
        case FailureKind.LATENCY:
            await _sleep_until_closing(closing, failure.seconds)
        case FailureKind.HANG:
            await _hang(request, closing, failure.seconds)
            return _nothing()
        case FailureKind.CLOSE | FailureKind.RESET:
            await _cut(request, is_reset=failure.kind is FailureKind.RESET)
            return _nothing()
        case FailureKind.DRIP:
            return _in_pieces(_drip(closing), 1000)
        case FailureKind.FLOOD:
            return _in_pieces(_flood(closing), ENDLESS)
        case _:
            pass
    return None


def _nothing() -> Response[bytes]:
    """A response that the disconnected client never receives."""
    return Response(b"", status_code=504, media_type=JSON)


async def _sleep_until_closing(closing: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await closing.wait()


async def _hang(request: HttpRequest, closing: asyncio.Event, seconds: float) -> None:
    """Wait until the client disconnects or the time is up."""
    gone = asyncio.create_task(_disconnected(request))
    ends = asyncio.create_task(_sleep_until_closing(closing, seconds))
    await asyncio.wait({gone, ends}, return_when=asyncio.FIRST_COMPLETED)
    gone.cancel()
    ends.cancel()


async def _disconnected(request: HttpRequest) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _cut(request: HttpRequest, *, is_reset: bool) -> None:
    if cut(request.scope, is_reset=is_reset):
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await _disconnected(request)


def _in_pieces(pieces: AsyncIterator[bytes], promised: int) -> Stream:
    return Stream(pieces, media_type=JSON, headers={"content-length": str(promised)})


async def _drip(closing: asyncio.Event) -> AsyncIterator[bytes]:
    for _ in range(1000):
        if not closing.is_set():
            await asyncio.sleep(DRIP_INTERVAL)
        yield b" "


async def _flood(closing: asyncio.Event) -> AsyncIterator[bytes]:
    yield b'{"errcode": 0, "x": "'
    while not closing.is_set():
        # After a disconnect, writing no longer waits and would block the event loop.
        await asyncio.sleep(0)
        yield FLOOD_CHUNK
