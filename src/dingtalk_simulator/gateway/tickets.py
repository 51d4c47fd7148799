"""Tickets: each opens one websocket, once, and not for long."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from dingtalk_simulator.gateway.switches import Customs


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a ticket opens: a websocket of this app, for these topics."""

    client_id: str
    topics: frozenset[str]


@dataclass(slots=True, kw_only=True)
class Tickets:
    customs: Callable[[], Customs] = Customs
    now: Callable[[], float] = monotonic
    _given: dict[str, tuple[Grant, float]] = field(default_factory=dict, init=False)

    def issue(self, grant: Grant) -> str:
        """A new ticket. It is safe in a URL as it is: some clients do not encode it."""
        self._forget_the_old()
        ticket = secrets.token_hex(16)
        self._given[ticket] = (grant, self.now() + self.customs().ticket_life.total_seconds())
        return ticket

    def redeem(self, ticket: str) -> Grant | None:
        """What it opens; None if it is unknown, too old, or was used before."""
        grant, ends_at = self._given.pop(ticket, (None, 0.0))
        return grant if self.now() < ends_at else None

    def _forget_the_old(self) -> None:
        now = self.now()
        self._given = {text: one for text, one in self._given.items() if now < one[1]}
