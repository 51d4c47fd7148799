"""What models cost: the table behind the estimates of 余额."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec

from entrypoints.settings.reading.mistakes import UnfitError, quoted, refusal
from entrypoints.settings.reading.readers import Reader, single, word
from entrypoints.settings.reading.structures import (
    Key,
    as_yaml,
    list_of,
    structure,
    without_twins,
)
from entrypoints.settings.reading.yaml_text import Node
from entrypoints.settings.texts import say

MONEY = re.compile(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?")
CURRENCY = re.compile(r"[A-Z]{3}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _model(typed: str) -> str:
    text = word(typed)
    if "*" in text[:-1]:
        raise UnfitError(say("star_inside", found=quoted(typed)))
    return text


def _amount(typed: str) -> Decimal:
    if not MONEY.fullmatch(typed.strip()):
        raise UnfitError(say("not_price", found=quoted(typed)))
    return Decimal(typed.strip())


def _day(typed: str) -> date:
    problem = UnfitError(say("not_day", found=quoted(typed)))
    if not DAY.fullmatch(typed.strip()):
        raise problem
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise problem from None


def _currency(typed: str) -> str:
    if not CURRENCY.fullmatch(typed.strip()):
        raise UnfitError(say("not_currency", found=quoted(typed)))
    return typed.strip()


class PriceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a model costs from a day on: for a million tokens asked and answered, and for a picture.

    `model` may end with `*`, which stands for any ending. What is None is not charged.
    """

    model: Annotated[str, Key(single(_model))] = ""
    since: Annotated[date, Key(single(_day))] = date.min
    prompt: Annotated[Decimal | None, Key(single(_amount))] = None
    answer: Annotated[Decimal | None, Key(single(_amount))] = None
    picture: Annotated[Decimal | None, Key(single(_amount))] = None
    currency: Annotated[str, Key(single(_currency))] = "USD"


def _whole_price(node: Node, path: str) -> PriceSettings:
    price = structure(PriceSettings).parse(node, path)
    if not price.model:
        raise refusal(node.place, say("price_without_model"), f"{path}.model")
    if price.prompt is price.answer is price.picture is None:
        raise refusal(node.place, say("no_price"), path)
    return price


def _is_for(price: PriceSettings) -> tuple[str, date]:
    return price.model, price.since


price_list: Reader[tuple[PriceSettings, ...]] = replace(
    without_twins(
        list_of(Reader(_whole_price, empty_is_unset=False), example="[{model: …, prompt: 2.50}]"),
        "since",
        _is_for,
    ),
    from_environment=as_yaml,
)
