"""The chat model at OpenAI, Azure, or a server like them: the connection differs, the talk does not."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field

from adapters.openai.answer import Answer
from adapters.openai.connection import Client, Connection, Reply
from adapters.openai.errors import RequestRefused, failure_of
from adapters.openai.parameters import ParameterSupport, parameters
from adapters.openai.protocol import NotReadable, event_in
from adapters.openai.sse import EventLines, LineTooLong
from adapters.openai.timeouts import Deadline, StreamTimeouts
from application.errors import ModelUnavailable
from application.ports import Finish
from domain.conversation import Prompt

LONGEST_STREAM = 64 * 1024 * 1024
LONGEST_BODY = 8 * 1024 * 1024
"""Bytes. A chunk is some hundred times as long as the text in it, so a stream may be longer."""

END_MARK = b"[DONE]"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOptions:
    """What the operator, or the preset, says about a model and the server that it is at.

    `extra_body` wins over what is sent otherwise, except over `messages` and `stream`. The values of
    `extra_headers` may be secrets. `context_length` is in tokens. `support` is what is known of the server
    before it is asked for the first time; refusals add to it.
    """

    model: str
    streams: bool = True
    temperature: float | None = None
    extra_body: Mapping[str, object] = field(default_factory=dict)
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    reasoning_as_answer: bool = False
    """An answer that ended as complete and is all thoughts: they are the answer."""
    thinks_untagged: bool = False
    """Its answers begin inside a thought: the text before `</think>` is thought."""
    context_length: int | None = None
    support: ParameterSupport = field(default_factory=ParameterSupport)
    timeouts: StreamTimeouts = field(default_factory=StreamTimeouts)


class OpenAIChatModel:
    """Remembers which parameters its server refused, and sends those no more."""

    def __init__(self, connection: Connection, options: ChatOptions) -> None:
        self._connection = connection
        self._options = options
        self._support = options.support
        self._settings: dict[str, object] = {"model": options.model, "stream": options.streams}
        if options.temperature is not None:
            self._settings["temperature"] = options.temperature
        if options.streams:
            self._settings["stream_options"] = {"include_usage": True}

    async def answer(self, prompt: Prompt) -> AsyncGenerator[str | Finish]:
        # Opening takes a while the first time, which is not the provider's fault.
        client = await self._connection.client()
        deadline = Deadline(self._options.timeouts, in_pieces=self._options.streams)
        while True:
            sent = parameters(prompt, self._support, self._settings)
            try:
                async with aclosing(self._answer_to(client, sent, deadline)) as answer:
                    async for item in answer:
                        yield item
            except RequestRefused as refusal:
                # Each lesson takes a parameter out of what is sent, so this ends.
                learned = self._support.learn(refusal.error, sent)
                if learned is None:
                    raise failure_of(refusal.error) from refusal
                self._support = learned
            else:
                return

    async def _answer_to(
        self, client: Client, sent: dict[str, object], deadline: Deadline
    ) -> AsyncGenerator[str | Finish]:
        answer = Answer(self._options.model)
        async with AsyncExitStack() as stack:
            async with deadline.waiting():
                reply = await stack.enter_async_context(
                    client.ask(sent, self._options.extra_headers)
                )
            # Some servers that are asked for a stream send all at once.
            whole = not self._options.streams or reply.content_type.startswith("application/json")
            read = _read_whole if whole else _read_stream
            async with aclosing(read(reply, answer, deadline)) as pieces:
                async for piece in pieces:
                    yield piece
        yield answer.close()


async def _read_whole(reply: Reply, answer: Answer, deadline: Deadline) -> AsyncGenerator[str]:
    body = b""
    while received := await _next(reply.received, deadline):
        body += received
        if len(body) > LONGEST_BODY:
            raise ModelUnavailable("the response has no end")
    piece, _ = _take(body, answer)
    answer.end()
    if piece:
        yield piece


async def _read_stream(reply: Reply, answer: Answer, deadline: Deadline) -> AsyncGenerator[str]:
    lines = EventLines()
    total = 0
    try:
        while received := await _next(reply.received, deadline):
            total += len(received)
            for payload in _fed(lines, received):
                if piece := _advance(payload, answer, deadline):
                    yield piece
                if answer.is_full:
                    return
            if total > LONGEST_STREAM:
                answer.cut_off()
                return
        for payload in lines.close():
            if piece := _advance(payload, answer, deadline):
                yield piece
    except ModelUnavailable:
        # Nothing that happens after the last word takes the answer back.
        if not answer.is_finished:
            raise


def _advance(payload: bytes, answer: Answer, deadline: Deadline) -> str:
    if payload == END_MARK:
        answer.end()
        deadline.ended()
        return ""
    if answer.is_finished:
        return _take(payload, answer)[0]
    piece, progressed = _take(payload, answer)
    if answer.is_finished:
        deadline.finished()
    elif progressed:
        deadline.progressed()
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


async def _next(received: AsyncIterator[bytes], deadline: Deadline) -> bytes:
    """The next bytes; none at the end."""
    async with deadline.waiting():
        return await anext(received, b"")
