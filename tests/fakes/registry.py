"""A registry of domains on the loopback, which speaks RDAP or whois."""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes.sites import HOST, serving

RDAP_KIND = "application/rdap+json"


def rdap_domain(
    name: str,
    *,
    registrar: object = "Registrar & Sons",
    registered: object = "1995-08-14T04:00:00Z",
    expires: object = "2027-08-13T04:00:00Z",
) -> dict[str, object]:
    """A domain as registries tell of it (RFC 9083), as far as it is of interest."""
    return {
        "objectClassName": "domain",
        "ldhName": name.upper(),
        "events": [
            {"eventAction": "registration", "eventDate": registered},
            {"eventAction": "expiration", "eventDate": expires},
        ],
        "entities": [
            {
                "objectClassName": "entity",
                "roles": ["registrar"],
                "vcardArray": [
                    "vcard",
                    [["version", {}, "text", "4.0"], ["fn", {}, "text", registrar]],
                ],
            }
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP response. After `pause` seconds it comes, or after ten megabytes more."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0
    padding: int = 0


def telling(said: object, **more: float) -> Answer:
    return Answer(body=json.dumps(said).encode(), headers={"Content-Type": RDAP_KIND}, **more)  # type: ignore[arg-type] # pauses only


NOT_FOUND = Answer(status=404, body=b"{}")


@dataclass(slots=True, kw_only=True)
class RdapRegistry:
    """Answers by path, and notes path and `Host` of every request."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def knows(self, name: str, **facts: object) -> None:
        self.answers[f"/domain/{name}"] = telling(rdap_domain(name, **facts))

    async def _treat(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        path = head.split(" ")[1]
        host = next(line[6:] for line in head.split("\r\n") if line.lower().startswith("host: "))
        self.asked.append((path, host))
        answer = self.answers.get(path, NOT_FOUND)
        await asyncio.sleep(answer.pause)
        length = len(answer.body) + answer.padding
        headers = {"Content-Length": str(length), "Connection": "close", **answer.headers}
        lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
        writer.write(f"HTTP/1.1 {answer.status} Told\r\n{''.join(lines)}\r\n".encode())
        writer.write(answer.body)
        for _ in range(0, answer.padding, 100_000):
            writer.write(b" " * 100_000)
            await writer.drain()
        await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
        await reader.read(1)


@asynccontextmanager
async def rdap_registry(*, identity: Path | None = None) -> AsyncGenerator[RdapRegistry]:
    """With a PEM file of a key and a certificate, it speaks TLS."""
    registry = RdapRegistry()
    tls = None if identity is None else ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if tls is not None and identity is not None:
        tls.load_cert_chain(identity)
    async with serving(registry._treat, tls=tls) as port:  # noqa: SLF001 - its own way of treating people
        registry.port = port
        yield registry


@dataclass(slots=True, kw_only=True)
class WhoisRegistry:
    """Answers each line that comes in, notes it, and hangs up."""

    port: int = 0
    answers: dict[str, bytes] = field(default_factory=dict)
    unknown: bytes = b"No matching record.\r\n"
    asked: list[bytes] = field(default_factory=list)
    hangs: bool = False

    @property
    def server(self) -> str:
        return f"{HOST}:{self.port}"

    async def _treat(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readuntil(b"\n")
        self.asked.append(line)
        if self.hangs:
            await reader.read()
        answer = self.answers.get(line.decode().strip(), self.unknown)
        for start in range(0, len(answer), 1000):
            writer.write(answer[start : start + 1000])
            await writer.drain()
        writer.write_eof()
        await reader.read(1)


@asynccontextmanager
async def whois_registry() -> AsyncGenerator[WhoisRegistry]:
    registry = WhoisRegistry()
    async with serving(registry._treat) as port:  # noqa: SLF001 - as above
        registry.port = port
        yield registry
