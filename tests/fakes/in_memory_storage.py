"""Doorstep, inbox, outcomes, ledger and history in plain lists: as simple as can be, and slow."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from application.errors import LeaseLost, StorageFailed
from application.ports import (
    Acceptance,
    Arrival,
    Backlog,
    Claim,
    Clock,
    Lease,
    Outcome,
    StoredReply,
    Use,
    WaitingReply,
)
from domain.conversation import Session
from domain.inbox import LEASE, MAX_MESSAGES_PER_SIGNATURE, Delivery, Progress
from domain.message import ConversationKey, IncomingMessage, UserKey
from tests.fakes.in_memory_history import InMemoryHistory

LARGEST_INTEGER = 2**63


@dataclass(slots=True)
class Entry:
    """A message that was accepted."""

    number: int
    arrival: Arrival
    progress: Progress
    reply: StoredReply | None = None
    charged: tuple[UserKey, date] | None = None
    refunded: bool = False

    @property
    def message(self) -> IncomingMessage:
        return self.arrival.message


@dataclass(slots=True)
class Lane:
    """A conversation."""

    user: UserKey
    ready_at: datetime
    leased_until: datetime | None = None
    epoch: int = 0
    session: Session = Session()  # noqa: RUF009 - a frozen value
    refused_at: datetime | None = None

    def is_leased(self, now: datetime) -> bool:
        return self.leased_until is not None and self.leased_until > now


class InMemoryStorage:
    """Satisfies four ports at once and has a history. Not one of its methods ever waits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[Entry] = []
        self._lanes: dict[ConversationKey, Lane] = {}
        self.history = InMemoryHistory()

    # Doorstep

    async def accept(self, arrival: Arrival) -> Acceptance:
        message, now = arrival.message, self._clock.now()
        if (arrival.signed_at or 0) >= LARGEST_INTEGER or not is_text(message.id):
            raise StorageFailed("a value that cannot be stored")
        if any(self._is(one, message) for one in self._entries):
            return Acceptance.DUPLICATE
        if self._vouched(arrival) >= MAX_MESSAGES_PER_SIGNATURE:
            return Acceptance.REPLAYED
        lane = self._lanes.setdefault(message.conversation, Lane(message.sender.key, now))
        if not self._open_in(message.conversation):
            lane.ready_at = now
        self._entries.append(Entry(len(self._entries) + 1, arrival, Progress()))
        return Acceptance.STORED

    def _is(self, entry: Entry, message: IncomingMessage) -> bool:
        return (entry.message.robot, entry.message.id) == (message.robot, message.id)

    def _vouched(self, arrival: Arrival) -> int:
        if arrival.signed_at is None:
            return 0
        pair = (arrival.message.robot, arrival.signed_at)
        return sum((one.message.robot, one.arrival.signed_at) == pair for one in self._entries)

    # Inbox

    async def claim(self, *, capacity: int, per_user: int) -> tuple[Claim, ...]:
        now = self._clock.now()
        claims: list[Claim] = []
        for key, lane in sorted(self._lanes.items(), key=lambda one: (one[1].ready_at, one[0])):
            if len(claims) < capacity and self._may_lease(key, now, per_user):
                lane.leased_until, lane.epoch = now + LEASE, lane.epoch + 1
                claims.append(self._claim(key, lane))
        return tuple(claims)

    def _may_lease(self, key: ConversationKey, now: datetime, per_user: int) -> bool:
        lane = self._lanes[key]
        peers = [one for one in self._lanes.values() if one.user == lane.user]
        return (
            bool(self._open_in(key))
            and lane.ready_at <= now
            and not lane.is_leased(now)
            and sum(one.is_leased(now) for one in peers) < per_user
        )

    def _claim(self, key: ConversationKey, lane: Lane) -> Claim:
        entry, *newer = self._open_in(key)
        entry.progress = entry.progress.leased()
        return Claim(
            lease=Lease(conversation=key, epoch=lane.epoch, message=entry.number),
            message=entry.message,
            progress=entry.progress,
            reply=entry.reply,
            session=lane.session,
            last_refusal=lane.refused_at,
            waiting=tuple(
                WaitingReply(message=one.number, reply=one.reply)
                for one in self._entries
                if one.message.conversation == key
                and one.progress.delivery is Delivery.WAITING
                and one.reply is not None
            ),
            has_newer=bool(newer),
        )

    async def renew(self, leases: Collection[Lease]) -> frozenset[Lease]:
        held = [lease for lease in leases if self._is_held(lease)]
        for lease in held:
            self._lanes[lease.conversation].leased_until = self._clock.now() + LEASE
        return frozenset(leases) - frozenset(held)

    async def hand_back(self, lease: Lease, *, until: datetime | None = None) -> None:
        if self._is_held(lease):
            entry = self._held(lease, lease.message)
            entry.progress = entry.progress.handed_back()
            lane = self._lanes[lease.conversation]
            lane.leased_until = None
            lane.ready_at = until or lane.ready_at

    async def recover(self) -> int:
        leased = [lane for lane in self._lanes.values() if lane.leased_until is not None]
        for lane in leased:
            lane.leased_until = None
        return len(leased)

    async def backlog(self) -> Backlog:
        received = [one.message.received_at for one in self._entries if one.progress.is_open]
        return Backlog(messages=len(received), oldest=min(received, default=None))

    # Outcomes

    async def record(self, lease: Lease, outcome: Outcome) -> None:
        entry, lane = self._held(lease, lease.message), self._lanes[lease.conversation]
        entry.progress = entry.progress.decided(outcome.state, with_reply=bool(outcome.parts))
        entry.reply = StoredReply(parts=outcome.parts) if outcome.parts else None
        entry.refunded = outcome.refund and entry.charged is not None
        lane.session = outcome.session or lane.session
        self.history.remember(entry.message, outcome)
        if outcome.aloud:
            lane.refused_at = self._clock.now()
        if not outcome.parts:
            self._end_turn(lane)

    async def note_sent(self, lease: Lease, message: int, *, parts: int) -> None:
        entry = self._held(lease, message)
        if entry.reply is not None:
            entry.reply = replace(entry.reply, sent=parts, failures=0)

    async def settle(self, lease: Lease, message: int, *, delivered: bool) -> None:
        entry = self._held(lease, message)
        progress = entry.progress
        entry.progress = progress.delivered() if delivered else progress.undelivered()
        if delivered:
            self.history.note_delivered(entry.message)
        if message == lease.message:
            self._end_turn(self._lanes[lease.conversation])

    async def postpone(self, lease: Lease, *, until: datetime) -> None:
        entry, lane = self._held(lease, lease.message), self._lanes[lease.conversation]
        if entry.reply is not None:
            entry.reply = replace(entry.reply, failures=entry.reply.failures + 1)
        lane.ready_at, lane.leased_until = until, None

    # Ledger

    async def charge(self, lease: Lease, user: UserKey, day: date, *, limit: int | None) -> Use:
        entry = self._held(lease, lease.message)
        if entry.charged is not None:
            return Use(used=self._used(*entry.charged))
        used = self._used(user, day)
        if limit is not None and used >= limit:
            return Use(used=used, admitted=False)
        entry.charged = (user, day)
        return Use(used=used + 1)

    async def used(self, user: UserKey, day: date) -> int:
        return self._used(user, day)

    def _used(self, user: UserKey, day: date) -> int:
        return sum(one.charged == (user, day) and not one.refunded for one in self._entries)

    # What several of them ask

    def _open_in(self, key: ConversationKey) -> list[Entry]:
        entries = (one for one in self._entries if one.message.conversation == key)
        return [one for one in entries if one.progress.is_open]

    def _is_held(self, lease: Lease) -> bool:
        lane = self._lanes[lease.conversation]
        return lane.epoch == lease.epoch and lane.leased_until is not None

    def _held(self, lease: Lease, message: int) -> Entry:
        entry = self._entries[message - 1]
        if not self._is_held(lease) or entry.message.conversation != lease.conversation:
            raise LeaseLost("not held")
        return entry

    def _end_turn(self, lane: Lane) -> None:
        lane.leased_until, lane.ready_at = None, self._clock.now()


def is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
