"""The ledger: who asked how much, and what the models were used for."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from application.ports.inbox import Lease
from domain.message import UserKey
from domain.spending import ModelUse


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a person asked on a day, after a charge or without one."""

    used: int
    admitted: bool = True


class Ledger(Protocol):
    async def charge(self, lease: Lease, user: UserKey, day: date, *, limit: int | None) -> Use:
        """Charge one question to the day if that stays within the limit, in one atomic step.

        The charge belongs to the leased message for ever: a second call for it charges nothing and admits.

        Raises:
            LeaseLost: nothing was charged.
        """
        ...

    async def used(self, user: UserKey, day: date) -> int:
        """Questions charged and not given back."""
        ...


class Spending(Protocol):
    async def spent(self, first: date, last: date) -> tuple[ModelUse, ...]:
        """What all questions of these days used, both included: a sum for each day and model, in order.

        It outlives the history: clearing old transcripts away changes no sum.
        """
        ...
