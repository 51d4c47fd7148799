"""What questions cost: prices, use of models, estimates, balances."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.errors import InvalidValue

MILLION = 1_000_000

ANY_ENDING = "*"
"""At the end of a model's name: whatever follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount of one currency, which is never added to one of another."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUse:
    """What one model was used for on one day, by everybody."""

    day: date
    provider: str
    model: str
    questions: int
    prompt_tokens: int
    answer_tokens: int
    pictures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a model costs from a day on: for a million tokens asked and answered, and for a picture.

    A `model` that ends with `*` means all whose names begin so. None: it is not charged by that.
    """

    model: str
    since: date = date.min
    prompt: Decimal | None = None
    answer: Decimal | None = None
    picture: Decimal | None = None
    currency: str = "USD"

    def __post_init__(self) -> None:
        if ANY_ENDING in self.model[:-1]:
            raise InvalidValue("only the end of a model's name may be left open")

    @property
    def is_for_one(self) -> bool:
        """Whether it names a model, and not how several begin."""
        return not self.model.endswith(ANY_ENDING)

    def covers(self, model: str) -> bool:
        if self.is_for_one:
            return model == self.model
        return model.startswith(self.model.removesuffix(ANY_ENDING))

    def cost_of(self, use: ModelUse) -> Money | None:
        """What the use costs; None where the price is silent about everything that was used."""
        used = (
            (Decimal(use.prompt_tokens) / MILLION, self.prompt),
            (Decimal(use.answer_tokens) / MILLION, self.answer),
            (Decimal(use.pictures), self.picture),
        )
        costs = [count * price for count, price in used if count and price is not None]
        if not costs and any(count for count, _ in used):
            return None
        return Money(amount=sum(costs, Decimal()), currency=self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What some days' use may have cost: a sum for each currency, in their order.

    `unpriced` are the models whose use is in no sum, because there is no price for it.
    """

    questions: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    pictures: int = 0
    costs: tuple[Money, ...] = ()
    unpriced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PriceBook:
    """The operator's prices, old and new."""

    prices: tuple[Price, ...] = ()

    def price_of(self, model: str, day: date) -> Price | None:
        """The newest price of that day.

        The model's own name comes before a beginning, and a longer beginning before a shorter one.
        """
        in_force = [one for one in self.prices if one.covers(model) and one.since <= day]
        return max(in_force, key=_closeness, default=None)

    def cost_of(self, use: ModelUse) -> Money | None:
        """What the use costs by the price of its day; None if there is none."""
        price = self.price_of(use.model, use.day)
        return None if price is None else price.cost_of(use)

    def estimate(
        self, uses: Collection[ModelUse], *, free_providers: Collection[str] = ()
    ) -> Estimate:
        """Count all uses, and add up what those cost that are not free."""
        sums: dict[str, Decimal] = {}
        unpriced: set[str] = set()
        for use in uses:
            if use.provider in free_providers:
                continue
            if (cost := self.cost_of(use)) is None:
                unpriced.add(use.model)
            else:
                sums[cost.currency] = sums.get(cost.currency, Decimal()) + cost.amount
        return Estimate(
            questions=sum(use.questions for use in uses),
            prompt_tokens=sum(use.prompt_tokens for use in uses),
            answer_tokens=sum(use.answer_tokens for use in uses),
            pictures=sum(use.pictures for use in uses),
            costs=tuple(Money(amount=sums[one], currency=one) for one in sorted(sums)),
            unpriced=tuple(sorted(unpriced)),
        )


def _closeness(price: Price) -> tuple[bool, int, date]:
    return price.is_for_one, len(price.model), price.since


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a provider says of the account. What it does not tell is None.

    `is_unlimited`: it says that the key may spend as much as it likes.
    """

    provider: str
    granted: Decimal | None = None
    used: Decimal | None = None
    left: Decimal | None = None
    currency: str
    valid_until: datetime | None = None
    is_unlimited: bool = False
