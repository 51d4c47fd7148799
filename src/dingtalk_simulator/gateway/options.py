"""Options and log entries of the stream gateway."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import TypeAlias


class Opening(Enum):
    """The response of `connections/open`."""

    WORKS = "works"
    REFUSED = "refused"
    """400: the app is not in Stream mode."""
    THROTTLED = "throttled"
    """403: too many calls."""
    UNAVAILABLE = "unavailable"
    """503: an outage."""
    NONSENSE = "nonsense"
    """200 without JSON."""
    HANGS = "hangs"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFaults:
    """The active failures; by default the gateway behaves as DingTalk documents."""

    opening: Opening = Opening.WORKS
    refuses_tickets: bool = False
    closes_at_once: bool = False
    """A websocket is accepted and closed at once."""
    is_silent: bool = False
    """Websockets stay open, but nothing is sent and nothing received is processed."""
    sends_twice: bool = False
    """Each frame of a message is sent twice."""
    garbles: bool = False
    """Malformed frames and one of an unknown topic are sent before each message."""
    ignores_acknowledgements: bool = False
    loses_offline: bool = False
    """A message is lost if no websocket is open for it; otherwise it waits for one."""
    latency: timedelta = timedelta()
    """Before each frame of a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayTimings:
    """DingTalk's timings, as documented or observed."""

    ticket_life: timedelta = timedelta(seconds=90)
    redeliver_after: timedelta = timedelta(seconds=60)
    attempts: int = 3
    """The maximum number of attempts to send a message."""
    ping_every: timedelta = timedelta(seconds=30)
    """Zero disables pings."""
    ping_patience: timedelta = timedelta(seconds=60)
    close_after: timedelta = timedelta(seconds=10)
    """From the announcement of a disconnect to the close of the websocket."""
    hanging: timedelta = timedelta(seconds=60)
    """How long a hanging request waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketGrant:
    """The app and the topics of a ticket."""

    client_id: str
    topics: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedFrame:
    """A frame that the gateway sent or received.

    `message_id` is the id in acknowledgements; `about` is an id chosen by the caller of `deliver`.
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
    """A request for a ticket, and its response."""

    client_id: str
    headers: dict[str, str] = field(repr=False)
    request: bytes = field(repr=False)
    status: int
    answer: bytes = field(repr=False)
    latency_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedConnection:
    """A websocket was opened, refused, or closed with a code; `client_id` is empty for an invalid ticket."""

    client_id: str
    connection_id: str
    status: int
    code: int | None = None


Logged: TypeAlias = LoggedFrame | LoggedMiss | LoggedOpening | LoggedConnection


def ignore_log(_logged: Logged) -> None:
    """Ignores log entries."""
