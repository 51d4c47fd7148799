"""What a transcript's format is: a beginning, a title for each person, and an entry for each record."""

from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass
from typing import TypeAlias
from zoneinfo import ZoneInfo

from domain.history import Person, Record

Titled: TypeAlias = Callable[[Person, ZoneInfo], str]
Entry: TypeAlias = Callable[[Record, Person, ZoneInfo, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """Gives a transcript out piece by piece, whatever its length; the pieces are UTF-8 as they are.

    `head` begins the file, once; `title` begins a person's part, `entry` shows one record.
    `pictures` is what stands before the name of a picture, an address or a folder; empty: there is none.
    """

    media_type: str
    suffix: str
    head: str = ""
    title: Titled
    entry: Entry

    async def lines(
        self, records: AsyncIterable[Record], person: Person, zone: ZoneInfo, *, pictures: str = ""
    ) -> AsyncIterator[str]:
        """A whole file with one person's records; moments are shown in the zone."""
        yield self.head
        async for piece in self.part(records, person, zone, pictures=pictures):
            yield piece

    async def part(
        self, records: AsyncIterable[Record], person: Person, zone: ZoneInfo, *, pictures: str = ""
    ) -> AsyncIterator[str]:
        """One person's part of a file that begins with `head`."""
        yield self.title(person, zone)
        async for record in records:
            yield self.entry(record, person, zone, pictures)


def without_title(_: Person, __: ZoneInfo) -> str:
    """For formats whose every line says whose it is."""
    return ""


def moment_in(zone: ZoneInfo, record: Record) -> str:
    """When it was asked, as ISO 8601 with the zone's offset."""
    return record.asked_at.astimezone(zone).isoformat(timespec="seconds")


def attempts_of(record: Record) -> str:
    """What was tried, one after another, on one line; empty where the first provider answered at once."""
    return "; ".join(
        f"{one.provider} {one.model}: {one.outcome}"
        + (f" ({one.took.total_seconds():.1f} s)" if one.was_asked else "")
        for one in record.attempts
    )
