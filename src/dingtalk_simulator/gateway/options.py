"""Options and log entries of the stream gateway."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import TypeAlias


class Opening(Enum):
    """What `connections/open` answers."""

    WORKS = "works"
    REFUSED = "refused"
    """400: the app is not in Stream mode."""
    THROTTLED = "throttled"
    """403: too many calls."""
    UNAVAILABLE = "unavailable"
    """503, as in outages."""
    NONSENSE = "nonsense"
    """200, and no JSON."""
    HANGS = "hangs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """The failures in force; all off, the gateway does what DingTalk documents."""

    opening: Opening = Opening.WORKS
    refuses_tickets: bool = False
    closes_at_once: bool = False
    """A websocket is accepted and closed before anything is said."""
    is_silent: bool = False
    """Zombies: websockets stay open, and nothing is said or heard any more."""
    sends_twice: bool = False
    """Each frame of a message comes twice."""
    garbles: bool = False
    """Before each message come frames that are none, and one of an unknown topic."""
    ignores_acknowledgements: bool = False
    loses_offline: bool = False
    """A message is lost where no websocket is open for it; else it waits for one."""
    latency: timedelta = timedelta()
    """Before each frame of a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customs:
    """DingTalk's times, as far as they are documented or were seen in the field."""

    ticket_life: timedelta = timedelta(seconds=90)
    redeliver_after: timedelta = timedelta(seconds=60)
    attempts: int = 3
    """How often a message is sent until it is acknowledged."""
    ping_every: timedelta = timedelta(seconds=30)
    """Zero: never."""
    ping_patience: timedelta = timedelta(seconds=60)
    close_after: timedelta = timedelta(seconds=10)
    """From the announcement of a rotation to the end of the websocket."""
    hanging: timedelta = timedelta(seconds=60)
    """How long a request hangs that is made to hang."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a ticket opens: a websocket of this app, for these topics."""

    client_id: str
    topics: frozenset[str]


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
