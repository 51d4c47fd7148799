"""History and the links to it in plain lists."""

from dataclasses import dataclass, replace
from datetime import datetime

from application.ports import Outcome
from domain.history import HistoryLink, HistoryPage, Person, Record
from domain.inbox import State
from domain.message import IncomingMessage, StaffId, UserKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A record and whose it is."""

    message: IncomingMessage
    user: UserKey
    staff_id: StaffId | None
    record: Record

    @property
    def place(self) -> tuple[datetime, int]:
        return self.record.asked_at, self.record.id


class InMemoryHistory:
    """Satisfies `History`."""

    def __init__(self) -> None:
        self._remembered: list[Remembered] = []

    def remember(self, message: IncomingMessage, outcome: Outcome) -> None:
        """Keep what became of the message, if it was a question."""
        exchange = outcome.exchange
        if exchange is None:
            return
        record = Record(
            id=len(self._remembered) + 1,
            asked_at=message.received_at,
            nick=exchange.sender.nick,
            room_kind=exchange.room.kind,
            room_title=exchange.room.title,
            state=outcome.state,
            reason=outcome.reason,
            question=exchange.question,
            answer=exchange.answer,
            picture=exchange.picture,
            provider=exchange.provider,
            model=exchange.model,
            prompt_tokens=exchange.prompt_tokens,
            answer_tokens=exchange.answer_tokens,
            first_token_after=exchange.first_token_after,
            took=exchange.took,
            thought_tokens=exchange.thought_tokens,
            attempts=exchange.attempts,
        )
        sender = exchange.sender
        self._remembered.append(
            Remembered(message=message, user=sender.key, staff_id=sender.staff_id, record=record)
        )

    def note_delivered(self, message: IncomingMessage) -> None:
        """The answer to the message has been delivered."""
        self._remembered = [
            replace(one, record=replace(one.record, state=State.DELIVERED))
            if one.message == message and one.record.state is State.ANSWERED
            else one
            for one in self._remembered
        ]

    async def people_called(self, name: str, *, limit: int) -> tuple[Person, ...]:
        keys = {
            one.user
            for one in self._remembered
            if one.record.nick == name or (one.staff_id is not None and one.staff_id == name)
        }
        people = (self._person(key) for key in sorted(keys))
        found = sorted(
            (one for one in people if one is not None),
            key=lambda one: one.last_asked,
            reverse=True,
        )
        return tuple(found[:limit])

    async def person(self, key: UserKey) -> Person | None:
        return self._person(key)

    async def page(self, person: UserKey, *, matching: str, number: int, size: int) -> HistoryPage:
        sought = matching.casefold()
        found = [
            one.record
            for one in reversed(self._of(person))
            if sought in one.record.question.casefold() or sought in one.record.answer.casefold()
        ]
        first = (number - 1) * size
        records = found[first : first + size] if number > 0 else []
        return HistoryPage(records=tuple(records), total=len(found))

    async def following(
        self, person: UserKey, *, after: Record | None, limit: int
    ) -> tuple[Record, ...]:
        later = [
            one.record
            for one in self._of(person)
            if after is None or one.place > (after.asked_at, after.id)
        ]
        return tuple(later[:limit])

    def _of(self, person: UserKey) -> list[Remembered]:
        """Theirs, the oldest first."""
        theirs = (one for one in self._remembered if one.user == person)
        return sorted(theirs, key=lambda one: one.place)

    def _person(self, key: UserKey) -> Person | None:
        theirs = self._of(key)
        if not theirs:
            return None
        return Person(
            key=key,
            nick=theirs[-1].record.nick,
            staff_id=theirs[-1].staff_id,
            questions=len(theirs),
            first_asked=theirs[0].record.asked_at,
            last_asked=theirs[-1].record.asked_at,
        )


class InMemoryHistoryLinks:
    """Satisfies `HistoryLinks`."""

    def __init__(self) -> None:
        self._links: dict[bytes, HistoryLink] = {}

    async def keep(self, digest: bytes, link: HistoryLink) -> None:
        self._links[digest] = link

    async def find(self, digest: bytes, *, now: datetime) -> HistoryLink | None:
        link = self._links.get(digest)
        return link if link is not None and now < link.expires_at else None

    async def revoke(self, digest: bytes) -> None:
        self._links.pop(digest, None)

    async def revoke_all_of(self, asked_by: UserKey, *, now: datetime) -> int:
        theirs = {digest: link for digest, link in self._links.items() if link.asked_by == asked_by}
        for digest in theirs:
            del self._links[digest]
        return sum(now < link.expires_at for link in theirs.values())
