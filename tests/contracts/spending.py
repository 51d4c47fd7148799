"""What every `Spending` promises."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Protocol

import pytest

from application.ports import Spending
from domain.history import Exchange
from domain.spending import ModelUse
from tests.strategies import message_saying

MONDAY = date(2026, 3, 2)
TUESDAY = MONDAY + timedelta(days=1)
BY_ZHANG = message_saying("一加一？")
ANSWERED = Exchange(
    day=MONDAY,
    sender=BY_ZHANG.sender,
    room=BY_ZHANG.room,
    question="一加一？",
    answer="二",
    provider="main",
    model="m",
    prompt_tokens=7,
    answer_tokens=3,
)
ONE_USE = ModelUse(
    day=MONDAY,
    provider="main",
    model="m",
    questions=1,
    prompt_tokens=7,
    answer_tokens=3,
    pictures=0,
)


class Book(Protocol):
    """Where answers are noted, and the port that tells of them."""

    spending: Spending

    async def note(self, exchange: Exchange) -> None:
        """A question has got this answer."""
        ...


@pytest.mark.anyio
class SpendingContract:
    @pytest.fixture
    def book(self) -> Book:
        raise NotImplementedError

    async def test_nothing_asked_is_nothing_spent(self, book: Book) -> None:
        assert await book.spending.spent(MONDAY, TUESDAY) == ()

    async def test_an_answer_is_told_with_all_that_it_used(self, book: Book) -> None:
        await book.note(ANSWERED)

        assert await book.spending.spent(MONDAY, MONDAY) == (ONE_USE,)

    async def test_the_answers_of_a_day_are_added_up_for_each_model_and_provider(
        self, book: Book
    ) -> None:
        await book.note(ANSWERED)
        await book.note(replace(ANSWERED, prompt_tokens=100, answer_tokens=0))
        await book.note(replace(ANSWERED, model="other"))
        await book.note(replace(ANSWERED, provider="backup"))

        assert await book.spending.spent(MONDAY, MONDAY) == (
            replace(ONE_USE, provider="backup"),
            replace(ONE_USE, questions=2, prompt_tokens=107),
            replace(ONE_USE, model="other"),
        )

    async def test_pictures_are_counted_beside_the_questions(self, book: Book) -> None:
        await book.note(ANSWERED)
        await book.note(replace(ANSWERED, picture="雪.png"))

        (use,) = await book.spending.spent(MONDAY, MONDAY)

        assert (use.questions, use.pictures) == (2, 1)

    async def test_days_are_told_apart_and_in_order_the_first_and_the_last_included(
        self, book: Book
    ) -> None:
        # The last days of a year and the first of the next one: as texts and as numbers they must agree.
        days = [date(2026, 12, 31) + timedelta(days=number) for number in range(-1, 3)]
        for day in reversed(days):
            await book.note(replace(ANSWERED, day=day))

        told = await book.spending.spent(days[1], days[2])

        assert [use.day for use in told] == days[1:3]

    async def test_sums_may_be_greater_than_any_one_answer(self, book: Book) -> None:
        for _ in range(3):
            await book.note(replace(ANSWERED, prompt_tokens=1_000_000_000))

        (use,) = await book.spending.spent(MONDAY, TUESDAY)

        assert use.prompt_tokens == 3_000_000_000
