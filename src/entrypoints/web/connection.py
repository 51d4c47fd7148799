"""A connection of a client: what is malformed, too large or too slow never reaches the application."""

import asyncio
from http import HTTPStatus

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from entrypoints.web.answers import BAD_REQUEST, HEAD_TOO_LARGE, Answer
from entrypoints.web.connections import ClientConnections

LARGEST_HEAD = 32 * 1024
"""Bytes of a request's first line and headers; DingTalk needs less than one thousand."""

MOST_HEADERS = 100

LARGEST_MESSAGE = 16 * 1024 * 1024
"""Bytes of a request that are taken from the line, read or thrown away, before the line is cut."""


class HeadTooLargeError(ValueError):
    """A request's first line and headers are larger than anybody needs."""


class TimeoutProtocol(HttpToolsProtocol):
    """Ends what uvicorn itself would wait for or take in for ever: slow, endless and broken requests."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        clients: ClientConnections,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._clients = clients
        self._timeout: asyncio.TimerHandle | None = None
        self._in_message = False
        self._in_head = False
        self._head_size = 0
        self._size_so_far = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn does
        super().connection_made(transport)
        self._start_timeout()
        self._clients.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timeout()
        self._clients.closed(self)
        super().connection_lost(exc)

    @property
    def unsent(self) -> int:
        """Bytes of answers that the client has not taken."""
        return self.transport.get_write_buffer_size()

    def abort(self) -> None:
        """Close at once, without what the client has not taken."""
        self._unset_keepalive_if_required()
        self._stop_timeout()
        self.transport.abort()

    def resume_writing(self) -> None:
        self._clients.took_bytes(self)
        super().resume_writing()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._owes_an_answer:
            self._clients.waits_for_request(self)

    def data_received(self, data: bytes) -> None:
        was_in_message = self._in_message
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_message and was_in_message:
            self._size_so_far += len(data)
            self._refuse_what_has_no_end()
        if self._in_head or (self._in_message and self.cycle.response_complete):
            self._start_timeout()
        elif self._is_idle and self.timeout_keep_alive_task is None:
            # uvicorn forgets its own timer when bytes come, and no request came of these.
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_message_begin(self) -> None:
        self._in_message = self._in_head = True
        self._head_size = self._size_so_far = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._measure(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            return  # A trailer behind a chunked body; uvicorn would take it for a header.
        super().on_header(name, value)
        self._measure(name + value)

    def on_headers_complete(self) -> None:
        self._stop_timeout()
        super().on_headers_complete()
        self._in_head = False
        if self.parser.should_upgrade():
            # The parser takes what follows for another protocol, which nobody speaks here.
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        self._in_message = False
        self._stop_timeout()
        self._clients.has_request(self)
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - all faults are answered alike
        """Answer what is no HTTP, unless that would pass for the answer to another request."""
        in_body = self._in_message and not self._in_head
        if self._owes_an_answer and not in_body:
            self.cycle.keep_alive = False
        elif in_body and (self.pipeline or not self._owes_an_answer):
            self.transport.close()
        else:
            self._refuse(HEAD_TOO_LARGE if self._head_is_too_large else BAD_REQUEST)
        reason = "its head is too large" if self._head_is_too_large else "it is not HTTP/1.1"
        self._clients.logger.warning("malformed_request", reason=reason)

    @property
    def _owes_an_answer(self) -> bool:
        cycle = self.cycle
        return cycle is not None and not cycle.response_complete  # type: ignore[redundant-expr] # uvicorn's types forget that there is none at first

    @property
    def _is_idle(self) -> bool:
        return not self._in_message and not self._owes_an_answer

    @property
    def _head_is_too_large(self) -> bool:
        return self._in_head and (
            self._head_size > LARGEST_HEAD or len(self.headers) > MOST_HEADERS
        )

    def _measure(self, piece: bytes) -> None:
        self._head_size += len(piece)
        if self._head_is_too_large:
            raise HeadTooLargeError

    def _refuse_what_has_no_end(self) -> None:
        """The parser tells of headers, chunks and trailers when they are whole, and may never be."""
        if self._in_head and self._size_so_far > LARGEST_HEAD:
            self._head_size = self._size_so_far
            self.send_400_response("")
        elif self._size_so_far > LARGEST_MESSAGE:
            self.transport.close()

    def _refuse(self, answer: Answer) -> None:
        self.transport.write(_response(answer, self.server_state.default_headers))
        self.transport.close()

    def _start_timeout(self) -> None:
        if self._timeout is None and not self.transport.is_closing():
            wait = self._clients.timeouts.head.total_seconds()
            self._timeout = self.loop.call_later(wait, self._time_out)

    def _stop_timeout(self) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None

    def _time_out(self) -> None:
        if self._in_head and self._owes_an_answer:
            self.cycle.keep_alive = False
        else:
            self.transport.close()


def _response(answer: Answer, headers: list[tuple[bytes, bytes]]) -> bytes:
    """An answer as it goes over the line where no application can give it."""
    lines = [
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}".encode(),
        *(name + b": " + value for name, value in headers),
        b"content-type: application/json",
        b"content-length: %d" % len(answer.body),
        b"connection: close",
    ]
    return b"\r\n".join([*lines, b"", answer.body])
