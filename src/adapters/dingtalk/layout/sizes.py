"""How much of a message DingTalk takes, in characters and in bytes of JSON."""

from dataclasses import dataclass

import msgspec


def octets(text: str) -> int:
    """Bytes of the text inside a JSON string, in UTF-8."""
    return len(msgspec.json.encode(text)) - 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much text fits. Both limits hold.

    The defaults stay below 20,000 bytes for the body of a session webhook, 15,000 bytes for `msgParam` of the
    OpenAPI, and the 4,000 characters at which clients begin to fold.
    """

    characters: int = 3800
    octets: int = 14_000

    def holds(self, text: str) -> bool:
        return len(text) <= self.characters and octets(text) <= self.octets

    def beside(self, *texts: str) -> "Room":
        """What is left when these texts have to fit in as well."""
        return Room(
            characters=self.characters - sum(map(len, texts)),
            octets=self.octets - sum(map(octets, texts)),
        )

    def furthest(self, text: str, start: int) -> int:
        """The greatest end such that `text[start:end]` fits, at least one character on."""
        low, high = start + 1, min(len(text), start + max(1, self.characters))
        if octets(text[start:high]) <= self.octets:
            return high
        while low < high:
            middle = (low + high + 1) // 2
            fits = octets(text[start:middle]) <= self.octets
            low, high = (middle, high) if fits else (low, middle - 1)
        return low
