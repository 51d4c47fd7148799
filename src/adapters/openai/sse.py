"""Server-sent events: the payloads in a stream of bytes, however it was cut (WHATWG HTML, section 9.2)."""

LONGEST_LINE = 1024 * 1024
"""Bytes. A chunk of an answer has some hundred; who sends more has lost the protocol."""


class LineTooLong(Exception):  # noqa: N818 - reads as what it says
    """A line without an end."""


class EventLines:
    """Takes bytes as they arrive and gives the payload of each complete `data:` line.

    Comments, other fields and blank lines are passed over. One line is one payload: no server of this
    protocol breaks its JSON over several lines, and some leave out the blank line between events.
    """

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, received: bytes) -> list[bytes]:
        """Raises LineTooLong."""
        lines = (self._rest + received).replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop()
        if max(map(len, lines), default=0) > LONGEST_LINE or len(self._rest) > LONGEST_LINE:
            raise LineTooLong(f"a line of more than {LONGEST_LINE} bytes")
        return [payload for line in lines if (payload := _payload(line))]

    def close(self) -> list[bytes]:
        """What a last line without an end holds."""
        payload = _payload(self._rest)
        self._rest = b""
        return [payload] if payload else []


def _payload(line: bytes) -> bytes:
    return line[5:].strip() if line.startswith(b"data:") else b""
