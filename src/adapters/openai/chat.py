"""The chat model at OpenAI, Azure, or a server like them: the connection differs, the talk does not."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing

from adapters.openai.answer import Answer
from adapters.openai.connection import Connection
from adapters.openai.endpoint import Client, Reply
from adapters.openai.failures import Refused, failure_of
from adapters.openai.pace import Limits, Pace
from adapters.openai.request import Dialect, parameters
from adapters.openai.sse import EventLines, LineTooLong
from adapters.openai.wire import NotReadable, event_in
from application.errors import ModelUnavailable
from application.ports import Finish
from domain.conversation import Prompt

LONGEST_STREAM = 64 * 1024 * 1024
LONGEST_BODY = 8 * 1024 * 1024
"""Bytes. A chunk is some hundred times as long as the text in it, so a stream may be longer."""

END_MARK = b"[DONE]"


class OpenAIChatModel:
    """Remembers which parameters its server refused, and sends those no more."""

    def __init__(
        self,
        connection: Connection,
        *,
        model: str,
        streams: bool = True,
        temperature: float | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ) -> None:
        self._connection = connection
        self._model = model
        self._streams = streams
        self._limits = limits
        self._dialect = Dialect()
        self._settings: dict[str, object] = {"model": model, "stream": streams}
        if temperature is not None:
            self._settings["temperature"] = temperature
        if streams:
            self._settings["stream_options"] = {"include_usage": True}

    async def answer(self, prompt: Prompt) -> AsyncGenerator[str | Finish]:
        # Opening takes a while the first time, which is not the provider's fault.
        client = await self._connection.client()
        pace = Pace(self._limits, in_pieces=self._streams)
        while True:
            sent = parameters(prompt, self._dialect, self._settings)
            try:
                async with aclosing(self._answer_to(client, sent, pace)) as answer:
                    async for item in answer:
                        yield item
            except Refused as refused:
                # Each lesson takes a parameter out of what is sent, so this ends.
                if not self._dialect.understands_after(refused.complaint, sent):
                    raise failure_of(refused.complaint) from refused
            else:
                return

    async def _answer_to(
        self, client: Client, sent: dict[str, object], pace: Pace
    ) -> AsyncGenerator[str | Finish]:
        answer = Answer(self._model)
        async with AsyncExitStack() as stack:
            async with pace.waiting():
                reply = await stack.enter_async_context(client.ask(sent))
            # Some servers that are asked for a stream send all at once.
            whole = not self._streams or reply.content_type.startswith("application/json")
            read = _read_whole if whole else _read_stream
            async with aclosing(read(reply, answer, pace)) as pieces:
                async for piece in pieces:
                    yield piece
        yield answer.close()


async def _read_whole(reply: Reply, answer: Answer, pace: Pace) -> AsyncGenerator[str]:
    body = b""
    while received := await _next(reply.received, pace):
        body += received
        if len(body) > LONGEST_BODY:
            raise ModelUnavailable("the response has no end")
    piece, _ = _take(body, answer)
    answer.end()
    if piece:
        yield piece


async def _read_stream(reply: Reply, answer: Answer, pace: Pace) -> AsyncGenerator[str]:
    lines = EventLines()
    total = 0
    try:
        while received := await _next(reply.received, pace):
            total += len(received)
            for payload in _fed(lines, received):
                if piece := _advance(payload, answer, pace):
                    yield piece
                if answer.is_full:
                    return
            if total > LONGEST_STREAM:
                answer.cut_off()
                return
        for payload in lines.close():
            if piece := _advance(payload, answer, pace):
                yield piece
    except ModelUnavailable:
        # Nothing that happens after the last word takes the answer back.
        if not answer.is_finished:
            raise


def _advance(payload: bytes, answer: Answer, pace: Pace) -> str:
    if payload == END_MARK:
        answer.end()
        pace.ended()
        return ""
    if answer.is_finished:
        return _take(payload, answer)[0]
    piece, progressed = _take(payload, answer)
    if answer.is_finished:
        pace.finished()
    elif progressed:
        pace.progressed()
    return piece


def _take(payload: bytes, answer: Answer) -> tuple[str, bool]:
    try:
        return answer.take(event_in(payload))
    except NotReadable as error:
        raise ModelUnavailable("garbage in the response") from error


def _fed(lines: EventLines, received: bytes) -> list[bytes]:
    try:
        return lines.feed(received)
    except LineTooLong as error:
        raise ModelUnavailable("a line without an end") from error


async def _next(received: AsyncIterator[bytes], pace: Pace) -> bytes:
    """The next bytes; none at the end."""
    async with pace.waiting():
        return await anext(received, b"")
