"""What is about to be stored: an arrival, and its message as text."""

from dataclasses import dataclass
from typing import TypeAlias

from adapters.sql.statements.encoding import text_of
from application.ports import Arrival

Identity: TypeAlias = tuple[str, str]
HeaderPair: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """An arrival, and its message as the text that is stored."""

    arrival: Arrival
    body: str

    @classmethod
    def of(cls, arrival: Arrival) -> "Parcel":
        """Raises UnicodeEncodeError where the message holds what is no text."""
        return cls(arrival=arrival, body=text_of(arrival.message))

    @property
    def identity(self) -> Identity:
        return self.arrival.message.robot, self.arrival.message.id

    @property
    def header_pair(self) -> HeaderPair | None:
        signed_at = self.arrival.signed_at
        return None if signed_at is None else (self.arrival.message.robot, signed_at)
