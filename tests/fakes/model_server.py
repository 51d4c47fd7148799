"""A server of the chat and images protocols on the loopback that does what a script says.

`python -m tests.fakes.model_server --port N` answers every question with an echo of it instead, and every
wish for a picture with one.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

HOST = "127.0.0.1"

ENDINGS = (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError)
"""How a connection ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, object]


class Line:
    """The way back to one client. Writing to a client that went away is no error."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def send(self, *pieces: bytes, pause: float = 0) -> None:
        for piece in pieces:
            self._writer.write(piece)
            await self._writer.drain()
            await asyncio.sleep(pause)

    async def head(self, status: int, kind: str, *headers: str) -> None:
        lines = [f"HTTP/1.1 {status} Scripted", f"Content-Type: {kind}", *headers, "", ""]
        await self.send("\r\n".join(lines).encode())

    async def end(self, *, after: float = 0) -> None:
        """Closes the line, after so many seconds."""
        await asyncio.sleep(after)
        self._writer.close()

    @property
    def is_closed(self) -> bool:
        return self._writer.is_closing()

    def reset(self) -> None:
        self._writer.transport.abort()


Behaviour: TypeAlias = Callable[[Line, Call], Awaitable[None]]


def chunk(delta: dict[str, object] | None = None, **fields: object) -> bytes:
    """One event of a stream. Without a delta it has no choices."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": None}]
    return event(
        {"object": "chat.completion.chunk", "model": "served", "choices": choices, **fields}
    )


def said(text: str) -> bytes:
    return chunk({"content": text})


def finished(reason: object = "stop") -> bytes:
    return event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})


def used(prompt: object = 5, answer: object = 7) -> bytes:
    return chunk(usage={"prompt_tokens": prompt, "completion_tokens": answer})


def event(value: object) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def stream(
    *events: bytes, pause: float = 0, hold: float = 0, kind: str = "text/event-stream"
) -> Behaviour:
    """These bytes, one write each; then the connection ends, after `hold` seconds."""

    async def behave(line: Line, _: Call) -> None:
        await line.head(200, kind, "Connection: close")
        await line.send(*events, pause=pause)
        await asyncio.sleep(hold)

    return behave


def answer(*pieces: str, reason: str = "stop", pause: float = 0) -> Behaviour:
    """An answer in the way it was asked for: streamed in these pieces, or whole."""

    async def behave(line: Line, call: Call) -> None:
        if call.body.get("stream"):
            events = [*map(said, pieces), finished(reason), used(), DONE]
            await _chunked(line, events, pause)
        else:
            await asyncio.sleep(pause)
            await send_json(line, completion("".join(pieces), reason=reason))

    return behave


async def _chunked(line: Line, events: Sequence[bytes], pause: float) -> None:
    await line.head(200, "text/event-stream; charset=utf-8", "Transfer-Encoding: chunked")
    for one in events:
        await line.send(b"%x\r\n%s\r\n" % (len(one), one), pause=pause)
    await line.send(b"0\r\n\r\n")


def completion(
    text: object, *, reason: str | None = "stop", **message: object
) -> dict[str, object]:
    choice = {"message": {"role": "assistant", "content": text, **message}, "finish_reason": reason}
    usage = {"prompt_tokens": 5, "completion_tokens": 7}
    return {"model": "served", "choices": [choice], "usage": usage}


def status(code: int, body: object = None, *headers: str) -> Behaviour:
    """A response of that status with a JSON body, or with text if the body is a string."""

    async def behave(line: Line, _: Call) -> None:
        await send_json(line, body, *headers, code=code)

    return behave


def error(code: int, name: str = "", *, message: str = "", param: str = "") -> Behaviour:
    """OpenAI's error body."""
    body = {"message": message, "type": name, "code": name or None, "param": param or None}
    return status(code, {"error": body})


async def send_json(line: Line, body: object, *headers: str, code: int = 200) -> None:
    kind = "text/html" if isinstance(body, str) else "application/json"
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    await line.head(code, kind, f"Content-Length: {len(raw)}", *headers)
    await line.send(raw)


IMAGES = "/images/generations"
FILES = "/files/"


def drawn(content: bytes, **fields: object) -> Behaviour:
    """A picture, or whatever these bytes are, in the answer itself."""
    return named_picture({"b64_json": base64.b64encode(content).decode()}, **fields)


def named_picture(picture: object, **fields: object) -> Behaviour:
    """An answer of the images protocol with one picture, in base64 or by its address."""
    return status(200, {"created": 1, "data": [picture], **fields})


def linked(content: bytes, *, kind: str = "image/png") -> Behaviour:
    """Tells where the picture is, which is this server, and serves it to whoever comes for it."""

    async def behave(line: Line, call: Call) -> None:
        if call.path.startswith(FILES):
            await send_bytes(line, content, kind)
        else:
            address = f"http://{call.headers['host']}{FILES}picture?sig=secret"
            await named_picture({"url": address})(line, call)

    return behave


async def send_bytes(line: Line, content: bytes, kind: str) -> None:
    await line.head(200, kind, f"Content-Length: {len(content)}")
    await line.send(content)


def silence(seconds: float = 30) -> Behaviour:
    """Takes the question and says nothing."""

    async def behave(_: Line, __: Call) -> None:
        await asyncio.sleep(seconds)

    return behave


async def reset(line: Line, _: Call) -> None:
    line.reset()


@dataclass(slots=True)
class ModelServer:
    """Answers each question by the next behaviour of the script; the last one stays.

    Where it `lists_models` the list is asked for like a question; else it has none, and that is no call.
    """

    script: list[Behaviour] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    lists_models: bool = False
    connections: int = 0
    _open: int = 0
    _asked: asyncio.Event = field(default_factory=asyncio.Event)
    _nobody: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def url(self) -> str:
        """The base address in OpenAI's manner."""
        return f"{self.origin}/v1"

    @contextlib.asynccontextmanager
    async def serving(
        self, *script: Behaviour, port: int = 0, tls: ssl.SSLContext | None = None
    ) -> AsyncIterator["ModelServer"]:
        self.script = list(script)
        self._server = await asyncio.start_server(self._serve, HOST, port, ssl=tls)
        try:
            yield self
        finally:
            self._server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def was_asked(self) -> None:
        """Returns when the first question has come in."""
        await asyncio.wait_for(self._asked.wait(), 5)

    async def hung_up(self) -> None:
        """Returns when no client is connected any more."""
        await asyncio.wait_for(self._nobody.wait(), 5)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._open += 1
        self.connections += 1
        self._nobody.clear()
        try:
            with contextlib.suppress(*ENDINGS):
                early: bytes | None = b""
                while early is not None:
                    early = await self._serve_one(early, reader, writer)
        finally:
            self._open -= 1
            if not self._open:
                self._nobody.set()
            writer.close()

    async def _serve_one(
        self, early: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        """What has been read of the next request, or None if there can be none."""
        call = await _read_call(early, reader)
        line = Line(writer)
        if call.path == "/calls":
            await send_json(line, [one.body for one in self.calls])
            return b""
        if call.path.endswith("/models") and not self.lists_models:
            await send_json(line, {"error": {"message": "no such route"}}, code=404)
            return b""
        self.calls.append(call)
        self._asked.set()
        behaviour = self.script[min(len(self.calls), len(self.script)) - 1]
        behaving = asyncio.ensure_future(behaviour(line, call))
        next_byte = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait({behaving, next_byte}, return_when=asyncio.FIRST_COMPLETED)
            hung_up = next_byte.done() and not next_byte.result()
            if not hung_up:
                await behaving
        finally:
            behaving.cancel()
            next_byte.cancel()
            await asyncio.gather(behaving, next_byte, return_exceptions=True)
        if hung_up or line.is_closed or line_closes(behaviour):
            return None
        return b"" if next_byte.cancelled() else next_byte.result()


def line_closes(behaviour: Behaviour) -> bool:
    """Whether the connection ends with the response: those of `stream` have no other end."""
    return behaviour.__qualname__.startswith(("stream.", "silence.", "reset"))


async def _read_call(early: bytes, reader: asyncio.StreamReader) -> Call:
    head = (early + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    raw = await reader.readexactly(int(headers.get("content-length", 0)))
    body = json.loads(raw) if raw else {}
    return Call(method=method, path=path, headers=headers, body=body)


# The plain mode, for whole services under test.

SMALL_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
"""One red dot."""


def echo(*, chunks: int, delay: float) -> Behaviour:
    """Answers with the last message itself, in so many pieces, after so many seconds."""

    async def behave(line: Line, call: Call) -> None:
        await asyncio.sleep(delay)
        if IMAGES in call.path:
            await drawn(SMALL_PNG)(line, call)
            return
        text = f"echo {_question_of(call)}"
        size = max(1, -(-len(text) // chunks))
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        await answer(*pieces)(line, call)

    return behave


def _question_of(call: Call) -> str:
    messages = call.body.get("messages")
    return str(messages[-1]["content"]) if isinstance(messages, list) and messages else ""


async def _serve_plainly(port: int, behaviour: Behaviour) -> None:
    async with ModelServer().serving(behaviour, port=port) as server:
        print(f"serving {server.url}", flush=True)  # noqa: T201 - tells who started it where it is
        await asyncio.Event().wait()


def main() -> None:
    flags = argparse.ArgumentParser(prog="model_server", description=__doc__)
    flags.add_argument("--port", type=int, default=0, help="0 takes a free one")
    flags.add_argument("--chunks", type=int, default=5, help="pieces of a streamed answer")
    flags.add_argument("--delay", type=float, default=0.0, help="seconds before an answer")
    given = flags.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve_plainly(given.port, echo(chunks=given.chunks, delay=given.delay)))


if __name__ == "__main__":
    main()
