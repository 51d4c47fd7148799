"""A forward proxy of its own process: `python -m tests.fakes.proxy --kind http|socks5`.

It prints one line of JSON a connection: what was asked for, and whether a name came to be resolved. Names
given by `--resolve name=address` exist for it alone, so that a test sees who resolves.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

HOST = "127.0.0.1"

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter

# RFC 1928 and 1929.
SOCKS5, NO_LOGIN, LOGIN, NO_METHOD = 5, 0, 2, 0xFF
BY_IPV4, BY_NAME, BY_IPV6 = 1, 3, 4
GRANTED, FAILED = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`login` is `user:password`; empty lets everyone in."""

    login: str = ""
    names: dict[str, str] = field(default_factory=dict)


def note(how: str, target: str) -> None:
    print(json.dumps({"how": how, "target": target}), flush=True)  # noqa: T201 - the log of this process


async def connect(settings: Settings, host: str, port: int) -> tuple[Reader, Writer]:
    return await asyncio.open_connection(settings.names.get(host, host), port)


async def join(near: tuple[Reader, Writer], far: tuple[Reader, Writer]) -> None:
    """Carry bytes both ways until both sides are through."""

    async def carry(reader: Reader, writer: Writer) -> None:
        with contextlib.suppress(ConnectionError):
            while received := await reader.read(65536):
                writer.write(received)
                await writer.drain()
        writer.close()

    await asyncio.gather(carry(near[0], far[1]), carry(far[0], near[1]))


async def serve_http(settings: Settings, reader: Reader, writer: Writer) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *headers = head.rstrip("\r\n").split("\r\n")
    method, target, version = first.split(" ", 2)
    if settings.login and not _has_login(headers, settings.login):
        note("denied", target)
        writer.write(b"HTTP/1.1 407 Login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        return
    if method == "CONNECT":
        await _tunnel(settings, target, (reader, writer))
        return
    note("absolute", target)
    url = urlsplit(target)
    far = await connect(settings, url.hostname or "", url.port or 80)
    path = target.removeprefix(f"{url.scheme}://{url.netloc}") or "/"
    kept = [line for line in headers if not line.lower().startswith("proxy-")]
    far[1].write("\r\n".join([f"{method} {path} {version}", *kept, "", ""]).encode("latin-1"))
    await join((reader, writer), far)


async def _tunnel(settings: Settings, target: str, near: tuple[Reader, Writer]) -> None:
    note("connect", target)
    host, _, port = target.rpartition(":")
    far = await connect(settings, host, int(port))
    near[1].write(b"HTTP/1.1 200 Connected\r\n\r\n")
    await join(near, far)


def _has_login(headers: list[str], login: str) -> bool:
    wanted = f"proxy-authorization: basic {base64.b64encode(login.encode()).decode()}"
    return any(line.lower() == wanted.lower() for line in headers)


async def serve_socks(settings: Settings, reader: Reader, writer: Writer) -> None:
    _, count = await reader.readexactly(2)
    methods = await reader.readexactly(count)
    if not await _greets(settings, methods, reader, writer):
        note("denied", "")
        return
    _, _, _, kind = await reader.readexactly(4)
    host, how = await _address(kind, reader)
    (port,) = struct.unpack("!H", await reader.readexactly(2))
    note(how, f"{host}:{port}")
    try:
        far = await connect(settings, host, port)
    except OSError:
        writer.write(bytes([SOCKS5, FAILED, 0, BY_IPV4, 0, 0, 0, 0, 0, 0]))
        return
    writer.write(bytes([SOCKS5, GRANTED, 0, BY_IPV4, 0, 0, 0, 0, 0, 0]))
    await join((reader, writer), far)


async def _greets(settings: Settings, methods: bytes, reader: Reader, writer: Writer) -> bool:
    """Whether the client may go on; it has been told."""
    wanted = LOGIN if settings.login else NO_LOGIN
    if wanted not in methods:
        writer.write(bytes([SOCKS5, NO_METHOD]))
        return False
    writer.write(bytes([SOCKS5, wanted]))
    if wanted == NO_LOGIN:
        return True
    await reader.readexactly(1)
    user = await reader.readexactly((await reader.readexactly(1))[0])
    password = await reader.readexactly((await reader.readexactly(1))[0])
    is_known = f"{user.decode()}:{password.decode()}" == settings.login
    writer.write(bytes([1, GRANTED if is_known else FAILED]))
    return is_known


async def _address(kind: int, reader: Reader) -> tuple[str, str]:
    if kind == BY_NAME:
        length = (await reader.readexactly(1))[0]
        return (await reader.readexactly(length)).decode(), "name"
    family, size = (socket.AF_INET, 4) if kind == BY_IPV4 else (socket.AF_INET6, 16)
    return socket.inet_ntop(family, await reader.readexactly(size)), "address"


SERVE: dict[str, Callable[[Settings, Reader, Writer], Awaitable[None]]] = {
    "http": serve_http,
    "socks5": serve_socks,
}


async def serve(
    kind: str, port: int, settings: Settings, tls: ssl.SSLContext | None = None
) -> None:
    async def on_connection(reader: Reader, writer: Writer) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await SERVE[kind](settings, reader, writer)
        writer.close()

    server = await asyncio.start_server(on_connection, HOST, port, ssl=tls)
    note("listening", f"{HOST}:{server.sockets[0].getsockname()[1]}")
    await server.serve_forever()


def main() -> None:
    flags = argparse.ArgumentParser(prog="proxy", description=__doc__)
    flags.add_argument("--kind", choices=sorted(SERVE), required=True)
    flags.add_argument("--port", type=int, default=0, help="0 takes a free one")
    flags.add_argument("--login", default="", help="user:password; without it everyone is let in")
    flags.add_argument("--resolve", action="append", default=[], metavar="NAME=ADDRESS")
    flags.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"), help="speak TLS itself")
    given = flags.parse_args()
    tls = None
    if given.tls:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*given.tls)
    names = dict(entry.split("=", 1) for entry in given.resolve)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(given.kind, given.port, Settings(login=given.login, names=names), tls))


if __name__ == "__main__":
    main()
