"""Sites on the loopback: with TLS, without, silent, rude, and not there at all."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

HOST = "127.0.0.1"

Treat: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(treat: Treat, *, tls: ssl.SSLContext | None = None) -> AsyncGenerator[int]:
    """The port of a server that treats every connection so."""

    treated: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(_treated(treat, reader, writer))
        treated.add(task)
        task.add_done_callback(treated.discard)

    server = await asyncio.start_server(connected, HOST, 0, ssl=tls)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in treated:
            task.cancel()
        await asyncio.gather(*treated)


async def _treated(
    treat: Treat, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await treat(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def tls_site(
    identity: Path, *, change: Callable[[ssl.SSLContext], None] | None = None
) -> AsyncGenerator[int]:
    """A site that shows the certificate of a PEM file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(identity)
    if change is not None:
        change(context)
    async with serving(keep_quiet, tls=context) as port:
        yield port


async def keep_quiet(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Say nothing until the other side has gone."""
    while await reader.read(1000):
        pass


async def speak_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1000)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await writer.drain()


async def greet_like_ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
    await writer.drain()
    await reader.read(1000)


async def reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """End with an error, in the middle of the handshake."""
    writer.transport.abort()


def free_port() -> int:
    """Where nothing listens."""
    with socket.create_server((HOST, 0)) as one:
        return int(one.getsockname()[1])
