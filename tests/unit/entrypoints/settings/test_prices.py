"""The list of prices: what may be written, and what it means."""

from datetime import date
from decimal import Decimal

import pytest

from domain.spending import Price, PriceBook
from entrypoints.rules import price_book
from entrypoints.settings.display import shown
from tests.unit.entrypoints.settings.configurations import loaded, mistakes_in

TWO = """
prices:
  - {model: gpt-4o, prompt: 2.50, answer: 10}
  - model: "gpt-4o*"
    since: 2026-01-31
    prompt: 0.000000001
    answer: "8"
    picture: 0
    currency: CNY
"""


def test_prices_are_read_to_the_last_digit() -> None:
    book = price_book(loaded(TWO).settings)

    assert book == PriceBook(
        (
            Price(model="gpt-4o", prompt=Decimal("2.50"), answer=Decimal(10)),
            Price(
                model="gpt-4o*",
                since=date(2026, 1, 31),
                prompt=Decimal("0.000000001"),
                answer=Decimal(8),
                picture=Decimal(0),
                currency="CNY",
            ),
        )
    )


def test_without_the_key_there_are_no_prices() -> None:
    assert price_book(loaded("").settings) == PriceBook()


@pytest.mark.parametrize(
    "typed",
    [
        '[{"model": "gpt-4o", "prompt": 2.5}]',
        "[{model: gpt-4o, prompt: '2.5'}]",
        "- model: gpt-4o\n  prompt: 2.5",
    ],
)
def test_in_the_environment_they_are_yaml_or_json(typed: str) -> None:
    (price,) = loaded("", PRICES=typed).settings.prices

    assert (price.model, price.prompt) == ("gpt-4o", Decimal("2.5"))


def test_one_model_may_have_a_price_for_each_time() -> None:
    prices = loaded(
        "prices: [{model: m, prompt: 1}, {model: m, prompt: 2, since: 2026-01-01}]"
    ).settings.prices

    assert [price.since for price in prices] == [date.min, date(2026, 1, 1)]


@pytest.mark.parametrize(
    ("typed", "mistake"),
    [
        ("{prompt: 1}", "prices[0].model: is missing; allowed: the model's id"),
        ("{model: m}", "prices[0]: names no price; allowed: prompt, answer, picture"),
        ("{model: m, since: 2026-01-01}", "prices[0]: names no price"),
        ("{model: g*-mini, prompt: 1}", 'prices[0].model: "g*-mini" has a * that is not at its'),
        ("{model: m, prompt: -1}", 'prices[0].prompt: "-1" is no price'),
        ("{model: m, prompt: $2}", '"$2" is no price; allowed: a number such as 2.50'),
        ("{model: m, prompt: 1e3}", '"1e3" is no price'),
        ("{model: m, prompt: '2,5'}", '"2,5" is no price'),
        ("{model: m, prompt: .inf}", '".inf" is no price'),
        ("{model: m, prompt: 1.0000000001}", "is no price"),
        ("{model: m, answer: [1]}", "prices[0].answer: a list or a mapping"),
        ("{model: m, prompt: 1, since: 20260131}", '"20260131" is no day; allowed: a date such as'),
        ("{model: m, prompt: 1, since: 2026-02-30}", '"2026-02-30" is no day'),
        ("{model: m, prompt: 1, since: 2026-W05-6}", "is no day"),
        ("{model: m, prompt: 1, currency: usd}", '"usd" is no currency; allowed: three letters'),
        ("{model: m, prompt: 1, currency: ￥}", "is no currency"),
        ("{model: m, promt: 1}", "prices[0].promt: unknown key; did you mean prompt?"),
        ("{model: m, prompt: 1}, {model: m, answer: 2}", "prices[1].since: is the same as that of"),
        (
            "{model: m, prompt: 1, since: 2026-01-01}, {model: m, prompt: 2, since: 2026-01-01}",
            "prices[1].since: is the same as that of prices[0]",
        ),
        ("5", "prices[0]: is not a mapping"),
    ],
)
def test_a_mistake_says_where_and_what_is_allowed(typed: str, mistake: str) -> None:
    (told,) = mistakes_in(f"prices: [{typed}]")

    assert told.startswith("config.yml:1: ")
    assert mistake in told


@pytest.mark.parametrize("typed", ["gpt-4o", "{model: m, prompt: 1}"])
def test_one_price_alone_is_no_list(typed: str) -> None:
    (told,) = mistakes_in(f"prices: {typed}")

    assert "prices: is not a list" in told


def test_a_mistake_in_the_environment_is_told_with_its_variable() -> None:
    (odd,) = mistakes_in("", PRICES="[{model: m, prompt: x}]")
    (broken,) = mistakes_in("", PRICES="[")

    assert odd.startswith('environment PRICES: prices[0].prompt: "x" is no price')
    assert broken.startswith("environment PRICES: is not YAML or JSON")


def test_prices_are_shown_as_they_would_be_typed() -> None:
    text = shown(loaded(TWO).settings.prices)

    assert text.startswith("[{model: gpt-4o, prompt: 2.50, answer: 10}, {model: gpt-4o*, since: ")
    assert "since: 2026-01-31, prompt: 0.000000001" in text
