"""History as it may be shown now: words that were listed since are masked in old records too."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from application.long_texts import worked_on
from application.ports import History
from domain.history import HistoryPage, Person, Record
from domain.message import UserKey
from domain.sensitive_words import SensitiveWords


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedHistory:
    """Satisfies `History`. Names and texts are looked up as they were kept, and given out masked."""

    history: History
    words: Callable[[], SensitiveWords]

    async def people_called(self, name: str, *, limit: int) -> tuple[Person, ...]:
        found = await self.history.people_called(name, limit=limit)
        return tuple(map(self._person, found))

    async def person(self, key: UserKey) -> Person | None:
        found = await self.history.person(key)
        return self._person(found) if found else None

    async def page(self, person: UserKey, *, matching: str, number: int, size: int) -> HistoryPage:
        found = await self.history.page(person, matching=matching, number=number, size=size)
        return replace(found, records=await self._records(found.records))

    async def following(
        self, person: UserKey, *, after: Record | None, limit: int
    ) -> tuple[Record, ...]:
        found = await self.history.following(person, after=after, limit=limit)
        return await self._records(found)

    async def _records(self, found: tuple[Record, ...]) -> tuple[Record, ...]:
        size = sum(len(record.question) + len(record.answer) for record in found)
        return await worked_on(size, lambda: tuple(map(self._record, found)))

    def _person(self, person: Person) -> Person:
        return replace(person, nick=self.words().mask_typed(person.nick))

    def _record(self, record: Record) -> Record:
        words = self.words()
        return replace(
            record,
            nick=words.mask_typed(record.nick),
            room_title=words.mask_typed(record.room_title),
            question=words.mask_typed(record.question),
            answer=words.mask_as_shown(record.answer),
        )
