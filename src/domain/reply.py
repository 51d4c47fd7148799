"""What the robot says in a chat, and what became of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPart:
    """One message of DingTalk: a reply that is too long for one is sent as several.

    `title` is what the conversation list and notifications show.
    """

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """DingTalk took it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """DingTalk may take it later; not before `pause` has passed, where it said so."""

    reason: str
    pause: timedelta | None = None
    code: str = ""
    """What the receiver calls it, where it has a number or a word for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undeliverable:
    """This address takes nothing any more; `reason` is for the log and holds nobody's words."""

    reason: str
    code: str = ""


SendResult: TypeAlias = Sent | Busy | Undeliverable
