"""What use of models costs: by the price of the day, each currency for itself, to the last digit."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.spending import Estimate, ModelUse, Money, Price, PriceBook

FIRST = date(2026, 2, 27)
DAYS = [FIRST + timedelta(days=number) for number in range(4)]
MODELS = ["gpt-4", "gpt-4o", "gpt-4o-mini", "dall-e-2"]
PATTERNS = ["gpt-4", "gpt-4o", "gpt-4*", "gpt-4o*", "gpt-4o-mini*", "dall-e-2", "*"]

days = st.sampled_from(DAYS)
amounts = st.decimals(0, 100, places=3)
counts = st.sampled_from([0, 1, 333_333, 1_000_000])
prices = st.builds(
    Price,
    model=st.sampled_from(PATTERNS),
    since=st.one_of(days, st.just(date.min)),
    prompt=st.none() | amounts,
    answer=st.none() | amounts,
    picture=st.none() | amounts,
    currency=st.sampled_from(["USD", "CNY"]),
)
books = st.lists(prices, max_size=6, unique_by=lambda one: (one.model, one.since)).map(
    lambda listed: PriceBook(tuple(listed))
)
uses = st.builds(
    ModelUse,
    day=days,
    provider=st.sampled_from(["main", "free"]),
    model=st.sampled_from(MODELS),
    questions=st.integers(0, 3),
    prompt_tokens=counts,
    answer_tokens=counts,
    pictures=st.integers(0, 2),
)
use_lists = st.lists(uses, max_size=6)


def price(model: str, since: date = date.min, **more: object) -> Price:
    return Price(model=model, since=since, **{"prompt": Decimal(1), **more})  # type: ignore[arg-type] # each test names real fields


def use(model: str = "gpt-4o", day: date = FIRST, **more: object) -> ModelUse:
    used = {"questions": 1, "prompt_tokens": 0, "answer_tokens": 0, "pictures": 0, **more}
    return ModelUse(day=day, provider=str(used.pop("provider", "main")), model=model, **used)  # type: ignore[arg-type] # as above


def exactly(amount: Decimal) -> Fraction:
    return Fraction(*amount.as_integer_ratio())


def by_hand(one: ModelUse, charged: Price) -> Fraction:
    tokens = one.prompt_tokens * exactly(charged.prompt or Decimal())
    tokens += one.answer_tokens * exactly(charged.answer or Decimal())
    return tokens / 1_000_000 + one.pictures * exactly(charged.picture or Decimal())


def test_only_the_end_of_a_models_name_may_be_left_open() -> None:
    with pytest.raises(InvalidValue):
        price("gpt-*-mini")


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("gpt-4o", ["gpt-4o"]),
        ("gpt-4o*", ["gpt-4o", "gpt-4o-mini"]),
        ("gpt-4*", ["gpt-4", "gpt-4o", "gpt-4o-mini"]),
        ("*", MODELS),
        ("4o", []),
    ],
)
def test_a_price_is_for_one_model_or_for_all_that_begin_so(
    pattern: str, covered: list[str]
) -> None:
    assert [model for model in MODELS if price(pattern).covers(model)] == covered


def test_the_newest_price_of_the_day_counts() -> None:
    book = PriceBook((price("gpt-4o", DAYS[2]), price("gpt-4o"), price("gpt-4o", DAYS[1])))

    found = [book.price_of("gpt-4o", day) for day in DAYS]

    assert [one.since for one in found if one] == [date.min, DAYS[1], DAYS[2], DAYS[2]]


def test_a_models_own_price_beats_a_beginning_and_a_longer_beginning_a_shorter_one() -> None:
    listed = [price("*", DAYS[3]), price("gpt-4*", DAYS[2]), price("gpt-4o*"), price("gpt-4o")]
    book = PriceBook(tuple(listed))

    found = {model: book.price_of(model, DAYS[3]) for model in MODELS}

    assert {model: one.model for model, one in found.items() if one} == {
        "gpt-4": "gpt-4*",
        "gpt-4o": "gpt-4o",
        "gpt-4o-mini": "gpt-4o*",
        "dall-e-2": "*",
    }


def test_a_closer_price_that_is_not_in_force_yet_leaves_the_wider_one() -> None:
    wider = price("gpt-4*")
    book = PriceBook((price("gpt-4o", DAYS[1]), wider))

    assert book.price_of("gpt-4o", DAYS[0]) is wider


@given(books, st.sampled_from(MODELS), days)
def test_no_price_of_the_day_is_closer_or_newer_than_the_one_that_is_taken(
    book: PriceBook, model: str, day: date
) -> None:
    taken = book.price_of(model, day)

    others = [one for one in book.prices if one.covers(model) and one.since <= day]
    assert (taken is None) is (not others)
    for other in others:
        assert taken is not None
        assert taken in others
        assert taken.is_for_one or not other.is_for_one
        if taken.is_for_one == other.is_for_one:
            assert len(taken.model) >= len(other.model)
        if taken.model == other.model:
            assert taken.since >= other.since


@given(st.permutations([price("gpt-4o", day) for day in DAYS] + [price("*")]), days)
def test_the_order_of_the_list_does_not_matter(listed: list[Price], day: date) -> None:
    found = PriceBook(tuple(listed)).price_of("gpt-4o", day)

    assert found
    assert found.since == day


def test_tokens_are_charged_by_the_million_and_pictures_one_by_one() -> None:
    charged = Price(model="m", prompt=Decimal("2.5"), answer=Decimal(10), picture=Decimal("0.04"))

    cost = charged.cost_of(use(prompt_tokens=1_000_000, answer_tokens=100_000, pictures=3))

    assert cost == Money(amount=Decimal("3.62"), currency="USD")


def test_a_single_token_costs_something() -> None:
    cost = price("m", prompt=Decimal("0.000000001")).cost_of(use(prompt_tokens=1))

    assert cost == Money(amount=Decimal("0.000000000000001"), currency="USD")


@pytest.mark.parametrize(
    ("used", "has_price"),
    [
        (use(prompt_tokens=5), True),
        (use(prompt_tokens=5, pictures=1), True),
        (use(pictures=1), False),
        (use(), True),
    ],
)
def test_a_price_that_is_silent_about_all_that_was_used_is_none(
    used: ModelUse, *, has_price: bool
) -> None:
    assert (price("*").cost_of(used) is not None) is has_price


def test_what_costs_nothing_has_a_price() -> None:
    book = PriceBook((price("gpt-4o", prompt=Decimal(0)),))

    assert book.estimate([use(prompt_tokens=9)]).unpriced == ()


@given(use_lists, books)
def test_everything_that_was_used_is_counted_priced_or_not(
    used: list[ModelUse], book: PriceBook
) -> None:
    estimate = book.estimate(used)

    assert estimate.questions == sum(one.questions for one in used)
    assert estimate.prompt_tokens == sum(one.prompt_tokens for one in used)
    assert estimate.answer_tokens == sum(one.answer_tokens for one in used)
    assert estimate.pictures == sum(one.pictures for one in used)


@given(use_lists, books)
def test_the_sum_of_each_currency_is_exact_and_holds_nothing_of_another(
    used: list[ModelUse], book: PriceBook
) -> None:
    estimate = book.estimate(used)

    by_currency: dict[str, Fraction] = {}
    for one in used:
        charged = book.price_of(one.model, one.day)
        if charged is not None and charged.cost_of(one) is not None:
            so_far = by_currency.get(charged.currency, Fraction())
            by_currency[charged.currency] = so_far + by_hand(one, charged)
    assert {cost.currency: exactly(cost.amount) for cost in estimate.costs} == by_currency
    assert [cost.currency for cost in estimate.costs] == sorted(by_currency)
    assert all(type(cost.amount) is Decimal for cost in estimate.costs)


@given(use_lists, books)
def test_a_model_is_unpriced_if_some_use_of_it_has_no_price(
    used: list[ModelUse], book: PriceBook
) -> None:
    unpriced = {one.model for one in used if book.cost_of(one) is None}

    assert book.estimate(used).unpriced == tuple(sorted(unpriced))


@given(use_lists, books)
def test_the_order_of_use_does_not_matter(used: list[ModelUse], book: PriceBook) -> None:
    assert book.estimate(used) == book.estimate(used[::-1])


@given(use_lists, books)
def test_free_providers_are_counted_and_not_charged(used: list[ModelUse], book: PriceBook) -> None:
    estimate = book.estimate(used, free_providers=["free"])

    charged = book.estimate([one for one in used if one.provider != "free"])
    assert (estimate.costs, estimate.unpriced) == (charged.costs, charged.unpriced)
    assert estimate.questions == book.estimate(used).questions


def test_a_new_price_leaves_what_was_used_before_as_it_was() -> None:
    used = [use(day=day, prompt_tokens=1_000_000) for day in DAYS]
    old = price("gpt-4o")

    estimate = PriceBook((old, price("gpt-4o", DAYS[2], prompt=Decimal(5)))).estimate(used)

    assert estimate.costs == (Money(amount=Decimal(12), currency="USD"),)


@pytest.mark.parametrize("made", [PriceBook, lambda: PriceBook((price("*"),))])
def test_nothing_used_is_nothing_to_pay(made: Callable[[], PriceBook]) -> None:
    assert made().estimate([]) == Estimate()
