"""What the gateway tells of itself: who asked for a ticket, which websockets came and went, every frame."""

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedFrame:
    """A frame as it went over the line, `sent` or received by the gateway.

    `message_id` is what an acknowledgement names; `about` is what whoever had it delivered knows it by.
    """

    client_id: str
    connection_id: str
    sent: bool
    text: str
    message_id: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedMiss:
    """The frame of this id was not acknowledged in time."""

    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedOpening:
    """A robot asked for a ticket, and what it was told."""

    client_id: str
    headers: dict[str, str] = field(repr=False)
    request: bytes = field(repr=False)
    status: int
    answer: bytes = field(repr=False)
    latency_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedLine:
    """A websocket began, was refused, or ended with a code; without a `client_id` the ticket was no good."""

    client_id: str
    connection_id: str
    status: int
    code: int | None = None


Logged: TypeAlias = LoggedFrame | LoggedMiss | LoggedOpening | LoggedLine


def unlogged(_logged: Logged) -> None:
    """For those who do not care."""
