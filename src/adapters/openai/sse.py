"""Server-sent events: the payloads in a stream of bytes, however it was cut (WHATWG HTML, section 9.2)."""

from typing import NamedTuple

import msgspec

LONGEST_LINE = 1024 * 1024
"""Bytes of an event. A chunk of an answer has some hundred; who sends more has lost the protocol."""

BOM = b"\xef\xbb\xbf"
END_MARKS = frozenset({b"[DONE]", b"[done]", b'"[DONE]"', b"DONE"})
KEEP_ALIVES = frozenset({b"ping", b"keep-alive", b"keepalive", b"heartbeat"})
"""What some servers send as data in place of a comment."""

FIELDS = (b"data", b":", b"event", b"id", b"retry", b"error:", b"{")

_json = msgspec.json.Decoder(msgspec.Raw)


class LineTooLong(Exception):  # noqa: N818 - reads as what it says
    """A line, or an event, without an end."""


class Event(NamedTuple):
    """The payload of an event, and its type where the stream names one."""

    payload: bytes
    type: bytes = b""


class EventStream:
    """Takes bytes as they arrive and gives each event as soon as it is whole.

    An event is whole with the blank line after it, or before that as soon as it is the end mark or JSON:
    some servers leave out the blank line, others break JSON over several `data:` lines. A line that begins
    like JSON is one without its `data:`; gateways put errors of servers behind them into a stream like that.
    """

    __slots__ = ("_began", "_pending", "_rest", "_type", "had_comment", "has_begun")

    def __init__(self) -> None:
        self._began = False
        self._rest = b""
        self._pending = b""
        self._type = b""
        self.had_comment = False
        """Whether the server has shown with a comment that it is there."""
        self.has_begun = False
        """Whether there was a line of the format."""

    def feed(self, received: bytes) -> list[Event]:
        """Raises LineTooLong."""
        text = self._rest + received
        # The other half of a line's end may be on its way; alone it would be a blank line.
        half = b"\r" if text.endswith(b"\r") else b""
        *lines, rest = _lines(text.removesuffix(half))
        self._rest = rest + half
        events: list[Event] = []
        for line in lines:
            self._take(line, events)
        if len(self._rest) > LONGEST_LINE or len(self._pending) > LONGEST_LINE:
            raise LineTooLong(f"more than {LONGEST_LINE} bytes without an end")
        return events

    def close(self) -> list[Event]:
        """What a last line, or a last event, without an end holds."""
        events: list[Event] = []
        for line in _lines(self._rest):
            self._take(line, events)
        self._rest = b""
        self._flush(events)
        return events

    def _take(self, line: bytes, events: list[Event]) -> None:
        if not self._began:
            line = line.removeprefix(BOM)
            self._began = bool(line)
        line = line.strip()
        self.has_begun = self.has_begun or line.startswith(FIELDS)
        if len(line) > LONGEST_LINE:
            raise LineTooLong(f"a line of {len(line)} bytes")
        if not line:
            self._flush(events)
            self._type = b""
        elif line.startswith(b"data:"):
            self._add(line[5:].strip(), events)
        elif line.startswith(b":"):
            self.had_comment = True
        elif line.startswith(b"event:"):
            self._flush(events)
            self._type = line[6:].strip()
        elif line.startswith(b"error:"):
            # llama.cpp has a field of its own for errors.
            self._flush(events)
            events.append(Event(line[6:].strip(), b"error"))
        elif line.startswith(b"{"):
            self._add(line, events)

    def _add(self, payload: bytes, events: list[Event]) -> None:
        if self._pending:
            joined = self._pending + b"\n" + payload
            if _is_whole(joined) or not _is_whole(payload):
                payload = joined
            else:
                self._flush(events)
        self._pending = payload
        if _is_whole(payload):
            self._flush(events)

    def _flush(self, events: list[Event]) -> None:
        if self._pending.lower() in KEEP_ALIVES:
            self.had_comment = True
        elif self._pending:
            events.append(Event(self._pending, self._type))
        self._pending = b""


def _lines(text: bytes) -> list[bytes]:
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")


def _is_whole(payload: bytes) -> bool:
    """Whether it needs no other line; JSON in broken UTF-8 has to wait for the blank line."""
    if payload in END_MARKS:
        return True
    try:
        _json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
