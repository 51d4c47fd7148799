"""DingTalk on the loopback: takes replies, hands out tokens, and fails as it is told to."""

import argparse
import asyncio
import json
import re
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

SESSION = "/robot/sendBySession"
OLD_TOKEN = "/gettoken"
TOKEN = "/v1.0/oauth2/accessToken"
GROUP = "/v1.0/robot/groupMessages/send"
PRIVATE = "/v1.0/robot/oToMessages/batchSend"
UPLOAD = "/media/upload"
IMAGES = ("jpg", "gif", "png", "bmp")

UPLOADED_IMAGE = re.compile(
    rb'name="media"; filename="[\w-]+\.(?:%s)"\r\ncontent-type: image/' % "|".join(IMAGES).encode(),
    re.IGNORECASE,
)
"""The head of a file of a kind that DingTalk takes as an image."""

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it came in; `body` is None where it was no JSON."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Json | None
    size: int
    content: bytes = b""

    def text(self) -> str:
        """The Markdown that it brings."""
        body = self.body or {}
        if isinstance(parameters := body.get("msgParam"), str):
            return str(json.loads(parameters)["text"])
        markdown = body.get("markdown")
        return str(markdown["text"]) if isinstance(markdown, dict) else ""


Respond = Callable[[asyncio.StreamWriter], Awaitable[None]]
"""What the server does on the wire instead of its ordinary answer."""


def answer(status: int, body: str | Json, *, headers: Mapping[str, str] | None = None) -> Respond:
    """A whole HTTP answer: JSON, or any text."""
    content = (body if isinstance(body, str) else json.dumps(body)).encode()

    async def respond(writer: asyncio.StreamWriter) -> None:
        lines = {"content-length": str(len(content)), "content-type": "application/json"}
        lines |= headers or {}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + content)
        await writer.drain()

    return respond


def errcode(number: int | str | None, *, status: int = 200) -> Respond:
    return answer(status, {"errcode": number, "errmsg": "said so"})


def code(word: str, *, status: int = 400) -> Respond:
    return answer(status, {"code": word, "message": "said so", "requestid": "R"})


def html(status: int = 200) -> Respond:
    return answer(status, "<html>slow down</html>", headers={"content-type": "text/html"})


def redirect(url: str, status: int = 302) -> Respond:
    return answer(status, "", headers={"location": url})


async def hang(_: asyncio.StreamWriter) -> None:
    """Say nothing, for as long as the caller waits."""
    await asyncio.sleep(3600)


async def close(_: asyncio.StreamWriter) -> None:
    """End the connection without a word."""


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def drip(writer: asyncio.StreamWriter) -> None:
    """Promise an answer and send it one byte at a time, far apart."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(1000):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def flood(writer: asyncio.StreamWriter) -> None:
    """Send an answer that is far too large, until the caller goes away."""
    writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n{"errcode": 0, "x": "')
    while not writer.is_closing():
        writer.write(b"x" * 65536)
        await writer.drain()


@dataclass(slots=True)
class DingTalkServer:
    """Serves while it is entered. `script[path]` is a queue of what to do; then it answers as usual.

    The usual answers are strict: right content types, sizes, and an access token that this server gave.
    """

    port: int = 0
    host: str = "127.0.0.1"
    received: list[Received] = field(default_factory=list)
    script: dict[str, deque[Respond]] = field(default_factory=lambda: defaultdict(deque))
    token_life: int = 7200
    connections: int = 0
    _tokens: int = 0
    _server: asyncio.Server | None = None
    _talks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def webhook(self, session: str = "s1") -> str:
        return f"{self.url}{SESSION}?session={session}"

    def will(self, path: str, *responses: Respond) -> None:
        """Answer the next calls of a path so, one after another."""
        self.script[path].extend(responses)

    def calls(self, path: str) -> list[Received]:
        return [request for request in self.received if request.path == path]

    def revoke_token(self) -> None:
        """No token given so far is accepted any more."""
        self._tokens += 1

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        talk = asyncio.current_task()
        if talk is not None:
            self._talks.add(talk)
        try:
            while (request := await _request(reader)) is not None:
                if not await self._serve(request, writer):
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # The caller went away, or the test is over.
        finally:
            writer.close()
            if talk is not None:
                self._talks.discard(talk)

    async def _serve(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; returns whether the connection goes on."""
        if request.path == "/received":
            await answer(200, {"received": [_shown(each) for each in self.received]})(writer)
            return True
        self.received.append(request)
        queue = self.script[request.path]
        respond = queue.popleft() if queue else self._usual(request)
        await respond(writer)
        return respond not in {close, reset, drip, flood, hang}

    def _usual(self, request: Received) -> Respond:
        match request.path:
            case "/robot/sendBySession":
                return errcode(_webhook_errcode(request))
            case "/v1.0/oauth2/accessToken":
                return answer(200, {"accessToken": self._token(), "expireIn": self.token_life})
            case "/gettoken":
                facts = {"access_token": self._token(), "expires_in": self.token_life}
                return answer(200, {"errcode": 0, "errmsg": "ok", **facts})
            case "/media/upload":
                return self._upload(request)
            case "/v1.0/robot/groupMessages/send" | "/v1.0/robot/oToMessages/batchSend":
                return self._robot(request)
            case _:
                return answer(404, {"code": "InvalidAction.NotFound"})

    def _token(self) -> str:
        return f"token-{self._tokens}"

    def _upload(self, request: Received) -> Respond:
        if request.query.get("access_token") != self._token():
            return errcode(40014)
        if _form_of(request).get("type") != "image":
            return errcode(40035)
        if not UPLOADED_IMAGE.search(request.content) or request.size > 21 * 1024 * 1024:
            return errcode(40004)
        facts = {"type": "image", "media_id": self.media_id(len(self.calls(UPLOAD)))}
        return answer(200, {"errcode": 0, "errmsg": "ok", **facts})

    @staticmethod
    def media_id(number: int) -> str:
        """What the picture of that upload is called."""
        return f"@lADPexample_{number}"

    def _robot(self, request: Received) -> Respond:
        if request.headers.get("x-acs-dingtalk-access-token") != self._token():
            return code("InvalidAuthentication")
        parameters = (request.body or {}).get("msgParam")
        if not isinstance(parameters, str) or len(parameters.encode()) > 15_000:
            return code("invalidParameter.msgParam")
        if request.path == GROUP:
            return answer(200, {"processQueryKey": "Q"})
        lists: Json = {"invalidStaffIdList": [], "flowControlledStaffIdList": []}
        return answer(200, {"processQueryKey": "Q", **lists})


def _form_of(request: Received) -> dict[str, str]:
    """The plain fields of a form with files."""
    found = re.findall(rb'name="(\w+)"\r\n\r\n([^\r]*)\r\n', request.content)
    return {name.decode(): value.decode() for name, value in found}


def _webhook_errcode(request: Received) -> int:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return 43004
    if request.size > 20_000:
        return 460101
    return 0 if request.body else 40035


def _shown(request: Received) -> Json:
    return {
        "path": request.path,
        "query": request.query,
        "body": request.body,
        "size": request.size,
        "text": request.text(),
    }


async def _request(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except asyncio.IncompleteReadError:
        return None
    method, target, _ = head[0].split(" ")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    content = await reader.readexactly(int(headers.get("content-length", "0")))
    address = urlsplit(target)
    return Received(
        method=method,
        path=address.path,
        query=dict(parse_qsl(address.query)),
        headers=headers,
        body=_json(content),
        size=len(content),
        content=content,
    )


def _json(content: bytes) -> Json | None:
    try:
        body = json.loads(content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


async def _serve_for_ever(port: int) -> None:
    async with DingTalkServer(port=port) as server:
        print(server.url, flush=True)  # noqa: T201 - tells whoever started it where it listens
        await asyncio.Event().wait()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, default=0)
    asyncio.run(_serve_for_ever(arguments.parse_args().port))
