"""Tell what is left of the accounts at the providers, or else what was used here."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from application.errors import ModelFailure
from application.ports import AccountBalance, Clock, Spending
from application.rulebook import Rulebook
from application.wording.balance import BalanceWording
from application.wording.quotation import as_code
from domain.message import IncomingMessage
from domain.spending import Balance, Estimate, Money

logger = logging.getLogger(__name__)

DEADLINE = timedelta(seconds=10)
"""Who has not answered by then is taken for unreachable."""

KEPT = timedelta(minutes=1)
FAILURE_KEPT = timedelta(seconds=5)

CENT = Decimal("0.01")
LEAST = Decimal("0.0001")
"""Amounts below one are shown as fine as this, and none that is more than nothing as nothing."""


class Silence(Enum):
    """Why a provider has told no balance."""

    UNTOLD = "untold"
    UNREACHABLE = "unreachable"
    FREE = "free"


Word: TypeAlias = Balance | Silence
"""What came of asking a provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWord:
    """What a provider said, and when."""

    word: Word
    heard_at: datetime

    def holds_at(self, now: datetime) -> bool:
        kept = FAILURE_KEPT if self.word is Silence.UNREACHABLE else KEPT
        return timedelta() <= now - self.heard_at < kept


@dataclass(slots=True, kw_only=True, eq=False)
class Account:
    """The account at a provider, under the operator's name for it.

    `source` is None where there is nobody to ask. It is asked once a minute, however many want to know.
    """

    provider: str
    source: AccountBalance | None = None
    is_free: bool = False
    deadline: timedelta = DEADLINE
    _known: KnownWord | None = field(default=None, init=False)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def word(self, clock: Clock) -> Word:
        async with self._asking:
            if self._known is None or not self._known.holds_at(clock.now()):
                word = await self._ask()
                self._known = KnownWord(word=word, heard_at=clock.now())
            return self._known.word

    async def _ask(self) -> Word:
        if self.source is None:
            return Silence.FREE if self.is_free else Silence.UNTOLD
        try:
            async with asyncio.timeout(self.deadline.total_seconds()):
                return await self.source.balance() or Silence.UNTOLD
        except (ModelFailure, TimeoutError) as failure:
            facts = {"kind": type(failure).__name__, "fact": str(failure)}
            logger.warning("balance_not_told", extra={"provider": self.provider, **facts})
            return Silence.UNREACHABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportBalance:
    """All providers are asked at once, so that one that hangs does not hide the others."""

    accounts: Sequence[Account]
    spending: Spending
    clock: Clock

    async def __call__(self, message: IncomingMessage, rules: Rulebook) -> str:
        wording = rules.wording.balance
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(one.word(self.clock)) for one in self.accounts]
        words = [one.result() for one in asked]
        paragraphs = [wording.title]
        for account, word in zip(self.accounts, words, strict=True):
            paragraphs.append(_told(account.provider, word, wording, rules.quota.zone))
        if any(isinstance(word, Balance) for word in words):
            paragraphs.append(wording.told_by_them)
        else:
            paragraphs += await self._own_count(message, rules)
        return "\n\n".join(paragraphs)

    async def _own_count(self, message: IncomingMessage, rules: Rulebook) -> list[str]:
        wording = rules.wording.balance
        today = rules.quota.day_of(message.received_at)
        month = await self.spending.spent(today.replace(day=1), today)
        free = [account.provider for account in self.accounts if account.is_free]
        whole = rules.prices.estimate(month, free_providers=free)
        newest = [use for use in month if use.day == today]
        of_today = rules.prices.estimate(newest, free_providers=free)
        return [
            wording.own_count,
            wording.today.format(day=today, use=_used(of_today, wording)),
            wording.this_month.format(month=f"{today:%Y-%m}", use=_used(whole, wording)),
            *(_remarks(whole, rules) if len(free) < len(self.accounts) else ()),
        ]


def _remarks(estimate: Estimate, rules: Rulebook) -> Iterator[str]:
    wording = rules.wording.balance
    if not rules.prices.prices:
        yield wording.no_prices
        return
    yield wording.estimated
    if estimate.unpriced:
        # Providers name their models as they like; in a code span nothing of it has a meaning.
        names = [as_code(model) for model in estimate.unpriced]
        yield wording.unpriced.format(models=wording.list_comma.join(names))


def _used(estimate: Estimate, wording: BalanceWording) -> str:
    use = wording.use.format(
        questions=estimate.questions,
        prompt_tokens=estimate.prompt_tokens,
        answer_tokens=estimate.answer_tokens,
        pictures=estimate.pictures,
    )
    if not estimate.costs:
        return use
    costs = wording.list_comma.join(_written(cost) for cost in estimate.costs)
    return wording.use_with_cost.format(use=use, costs=costs)


def _told(provider: str, word: Word, wording: BalanceWording, zone: tzinfo) -> str:
    match word:
        case Silence():
            sentences = {
                Silence.UNTOLD: wording.untold,
                Silence.UNREACHABLE: wording.unreachable,
                Silence.FREE: wording.free,
            }
            return sentences[word].format(provider=provider)
        case balance:
            parts = wording.comma.join(_parts(balance, wording, zone))
            return wording.told.format(provider=provider, balance=parts)


def _parts(balance: Balance, wording: BalanceWording, zone: tzinfo) -> Iterator[str]:
    if balance.is_unlimited:
        yield wording.unlimited
    for sentence, amount in (
        (wording.granted, balance.granted),
        (wording.used, balance.used),
        (wording.left, balance.left),
    ):
        if amount is not None:
            money = Money(amount=amount, currency=balance.currency)
            yield sentence.format(amount=_written(money))
    if balance.valid_until is not None:
        yield wording.valid_until.format(day=balance.valid_until.astimezone(zone).date())


def _written(money: Money) -> str:
    amount = money.amount
    if 0 < amount < LEAST:
        amount = LEAST
    rounded = amount.quantize(CENT if abs(amount) >= 1 or not amount else LEAST)
    # Adding nothing takes the sign from what was rounded to nothing.
    return f"{money.currency} {rounded + 0:,}"
