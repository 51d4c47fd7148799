"""The body of a response to a question: a stream of events, or one JSON document, whatever its type says."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing

from adapters.openai.answer import Answer, End
from adapters.openai.connection import Reply
from adapters.openai.errors import ProviderError, RequestRefused, failure_of, provider_error_in
from adapters.openai.protocol import WEB_PAGE, Chunk, NotReadable, chunk_in, is_web_page, json_in
from adapters.openai.sse import BOM, END_MARKS, Event, EventStream, LineTooLong
from adapters.openai.timeouts import Deadline, TimeIsUp
from application.errors import ModelDeclined, ModelFailure, ModelMisconfigured, ModelUnavailable
from application.ports import ModelOutput

LONGEST_STREAM = 64 * 1024 * 1024
LONGEST_BODY = 8 * 1024 * 1024
"""Bytes. A chunk is some hundred times as long as the text in it, so a stream may be longer."""

BLANK = b" \t\r\n"
JSON_BEGINS = (b"{", b"[")


class ResponseReader:
    """Reads one response into an answer, within its time limits.

    Content types say little: streams come as JSON and as plain text, JSON comes as a stream. The first
    character tells them apart.
    """

    def __init__(self, answer: Answer, deadline: Deadline) -> None:
        self._answer = answer
        self._deadline = deadline
        self._events = EventStream()
        self._has_output = False
        self._stray: ProviderError | None = None
        """The first event that is nothing of the protocol and says something, if no chunk has come."""
        self._is_ended = False

    async def read(self, reply: Reply) -> AsyncGenerator[ModelOutput]:
        """The pieces of the answer and its end.

        Raises:
            ModelFailure: what came is no answer, or not all of it.
            RequestRefused: an error came in place of an answer.
        """
        end, failure = End.REGULAR, None
        try:
            async with aclosing(await self._begin(reply.received)) as items:
                async for item in items:
                    self._has_output = True
                    yield item
        except TimeIsUp as error:
            end, failure = End.SILENCE, error.failure(kept_alive=self._events.had_comment)
        except RequestRefused as refusal:
            if not self._has_output:
                raise
            end, failure = End.BROKEN, failure_of(refusal.error)
        except ModelUnavailable as error:
            end, failure = End.BROKEN, error
        for item in self._close(end, failure):
            yield item

    def _close(self, end: End, failure: ModelFailure | None) -> Iterator[ModelOutput]:
        if self._stray is not None and not self._has_output and not self._answer.has_choices:
            raise RequestRefused(self._stray)
        if self._is_ended:
            end = End.MARK
        elif failure is not None and not (self._has_output and self._leaves_answer(failure)):
            raise failure
        yield from self._answer.close(end, failure)

    def _leaves_answer(self, failure: ModelFailure) -> bool:
        """Whether what has come may stand; out of funds and the like may only come behind a whole answer."""
        is_harmless = self._answer.is_certainly_finished and not isinstance(failure, ModelDeclined)
        return isinstance(failure, ModelUnavailable) or is_harmless

    async def _begin(self, received: AsyncIterator[bytes]) -> AsyncGenerator[ModelOutput]:
        """Read until it is clear what the body is, and then on as that."""
        text, total = b"", 0
        # A byte order mark comes first or not at all; blank lines are how some servers keep alive.
        while not text or BOM.startswith(text):
            if not (more := await self._next(received)):
                break
            total += len(more)
            text = (text + more).removeprefix(BOM).lstrip(BLANK)
            if total > LONGEST_BODY:
                raise ModelUnavailable("the response has no end")
        if is_web_page(text):
            raise ModelMisconfigured(WEB_PAGE)
        if text.startswith(JSON_BEGINS):
            return self._document(text, received)
        return self._stream(text, received)

    async def _document(
        self, beginning: bytes, received: AsyncIterator[bytes]
    ) -> AsyncGenerator[ModelOutput]:
        body = await self._body(beginning, received)
        events = [] if _is_json(body) else _events_in(body)
        if len(events) > 1:
            # Some servers send a stream of chunks without `data:` before each.
            for event in events:
                for item in self._advance(event):
                    yield item
            return
        if (chunk := _chunk(body)) is not None:
            for item in self._answer.take(chunk):
                yield item
            if chunk.is_stray:
                raise RequestRefused(_error_in(body))
        self._is_ended = True

    async def _body(self, beginning: bytes, received: AsyncIterator[bytes]) -> bytes:
        """A document to its end. Behind a whole answer some servers hold the connection open."""
        body = bytearray(beginning)
        while len(body) <= LONGEST_BODY:
            is_whole = _is_completion(body)
            if is_whole:
                self._deadline.likely_finished()
            try:
                more = await self._next(received)
            except (TimeIsUp, ModelUnavailable):
                if is_whole:
                    return bytes(body)
                raise
            if not more:
                return bytes(body)
            body += more
        raise ModelUnavailable("the response has no end")

    async def _stream(
        self, beginning: bytes, received: AsyncIterator[bytes]
    ) -> AsyncGenerator[ModelOutput]:
        total, more = 0, beginning
        while more:
            total += len(more)
            for event in self._fed(more):
                for item in self._advance(event):
                    yield item
            if self._answer.is_full:
                return
            if total > LONGEST_STREAM:
                self._answer.fill_up()
                return
            more = await self._next(received)
        for event in self._events.close():
            for item in self._advance(event):
                yield item
        if not self._events.has_begun:
            self._stray = _saying(provider_error_in(beginning.decode(errors="replace")))

    def _advance(self, event: Event) -> Iterator[ModelOutput]:
        if self._is_ended or self._answer.is_full:
            return
        if event.payload in END_MARKS:
            self._is_ended = True
            self._deadline.ended()
            return
        if event.type == b"error":
            raise RequestRefused(_error_in(event.payload))
        chunk = _chunk(event.payload)
        if chunk is None:
            return
        if chunk.is_stray:
            self._stray = self._stray or _saying(_error_in(event.payload))
        yield from self._answer.take(chunk)
        if self._answer.is_certainly_finished:
            self._deadline.finished()
        elif self._answer.is_likely_finished:
            if self._answer.progressed:
                self._deadline.likely_finished()
        elif self._answer.progressed:
            self._deadline.progressed()

    def _fed(self, received: bytes) -> list[Event]:
        try:
            return self._events.feed(received)
        except LineTooLong as error:
            raise ModelUnavailable("a line without an end") from error

    async def _next(self, received: AsyncIterator[bytes]) -> bytes:
        """The next bytes; none at the end."""
        async with self._deadline.waiting():
            return await anext(received, b"")


def _chunk(payload: bytes) -> Chunk | None:
    """A chunk or a completion; None for what says nothing.

    Raises:
        RequestRefused: it is an error, of whatever make.
        ModelUnavailable: it is nothing of the protocol.
    """
    try:
        chunk = chunk_in(payload)
    except NotReadable as error:
        refused = _error_in(payload)
        if refused.names or refused.text:
            raise RequestRefused(refused) from error
        raise ModelUnavailable("garbage in the response") from error
    if chunk is not None and chunk.has_error:
        raise RequestRefused(_error_in(payload))
    return chunk


def _error_in(payload: bytes) -> ProviderError:
    try:
        return provider_error_in(json_in(payload))
    except NotReadable:
        return ProviderError(status=0)


def _saying(error: ProviderError) -> ProviderError | None:
    """The error, if there is a sentence in it."""
    return error if error.text else None


def _is_completion(body: bytearray) -> bool:
    """Whether it is one whole answer."""
    if not body.rstrip().endswith(b"}"):
        return False
    try:
        chunk = chunk_in(bytes(body))
    except NotReadable:
        return False
    choice = chunk.choice if chunk is not None else None
    return choice is not None and choice.message is not None and bool(choice.finish_reason)


def _is_json(body: bytes) -> bool:
    try:
        json_in(body)
    except NotReadable:
        return False
    return True


def _events_in(body: bytes) -> list[Event]:
    """The chunks in a body with one on each line; none in what is one document, or nothing of the kind."""
    events = EventStream()
    try:
        return events.feed(body) + events.close()
    except LineTooLong:
        return []
