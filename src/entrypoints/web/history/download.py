"""A whole conversation as a file, sent while it is being read."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from urllib.parse import quote
from zoneinfo import ZoneInfo

from litestar.response.streaming import ASGIStreamingResponse

from application.ports import History
from domain.history import Person, Record
from domain.message import UserKey
from entrypoints.web.history.templates import PRIVATE

STEP = 200
"""Records that are read at a time."""

CHUNK = 64 * 1024
"""Characters that are sent at a time, or somewhat more."""

LONGEST_NAME = 60
UNFIT_FOR_NAMES = re.compile(r'[\s"*/:<>?\\|%;.]+')


class Format(Protocol):
    """A kind of file; `media_type` names the character set too, `suffix` begins with its dot."""

    @property
    def media_type(self) -> str: ...

    @property
    def suffix(self) -> str: ...

    def lines(
        self, records: AsyncIterator[Record], person: Person, zone: ZoneInfo, *, pictures: str
    ) -> AsyncIterator[str]:
        """The file in pieces, from its head to its end; `pictures` is the address above their names."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One person's conversations in one format."""

    history: History
    person: Person
    format: Format
    zone: ZoneInfo
    pictures: str

    def response(self, today: date, *, head_only: bool) -> ASGIStreamingResponse:
        """What is sent; reads nothing unless it is sent."""
        name = file_name(self.person.nick, today, self.format.suffix)
        return ASGIStreamingResponse(
            iterator=_nothing() if head_only else self._chunks(),
            headers={
                **PRIVATE,
                "content-type": self.format.media_type,
                "content-disposition": name,
            },
        )

    async def _chunks(self) -> AsyncIterator[bytes]:
        records = following(self.history, self.person.key)
        waiting: list[str] = []
        size = 0
        async for line in self.format.lines(
            records, self.person, self.zone, pictures=self.pictures
        ):
            waiting.append(line)
            size += len(line)
            if size >= CHUNK:
                yield "".join(waiting).encode(errors="replace")
                waiting, size = [], 0
        yield "".join(waiting).encode(errors="replace")


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield


async def following(history: History, person: UserKey) -> AsyncIterator[Record]:
    """Every record of a person as it was asked, few of them in memory at a time."""
    last: Record | None = None
    while step := await history.following(person, after=last, limit=STEP):
        for record in step:
            yield record
        last = step[-1]


def file_name(nick: str, day: date, suffix: str) -> str:
    """The header `Content-Disposition` (RFC 6266), whatever a person is called."""
    # What cannot be printed could turn the name round or end the header.
    readable = "".join(sign for sign in nick if sign.isprintable() or sign.isspace())
    called = UNFIT_FOR_NAMES.sub("-", readable)[:LONGEST_NAME].strip("-")
    plain = f"conversations-{day.isoformat()}{suffix}"
    full = f"{called}-{plain}" if called else plain
    encoded = quote(full.encode(errors="replace"), safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


Formats = Mapping[str, Format]
"""Formats by the word that asks for them: `md`, `csv`."""
