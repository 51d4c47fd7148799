"""Image models in a pool of providers: who is asked for a picture, how often, and for how long."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from application.errors import (
    ModelDeclined,
    ModelFailure,
    ModelGone,
    ModelMisconfigured,
    ModelOutOfFunds,
    ModelRejected,
    ModelTimedOut,
    ModelUnavailable,
    PromptTooLong,
)
from application.generate_image import image_of
from application.ports import Drawing, ImageModel
from application.provider import Provider
from application.provider_pool import ProviderPool
from domain.circuit_breaker import BreakerState
from domain.failover import Attempt
from tests.fakes.clock import ManualClock
from tests.fakes.pictures import ScriptedImageModel, drawing

pytestmark = pytest.mark.anyio

PICTURE = drawing()


def away(retry_after: timedelta | None = None) -> ModelUnavailable:
    return ModelUnavailable("status 503", retry_after=retry_after)


class HangingModel:
    async def draw(self, prompt: str, *, asker: str) -> Drawing:  # noqa: ARG002 - it does nothing
        await asyncio.Event().wait()
        raise AssertionError("it was given up")


def hanging_provider() -> Provider[ImageModel]:
    return Provider(name="hanging", model=HangingModel(), concurrency=1)


@dataclass
class House:
    clock: ManualClock = field(default_factory=ManualClock)
    time_limit: timedelta = timedelta(seconds=600)

    def pool(self, *providers: Provider[ImageModel]) -> ProviderPool[ImageModel]:
        return ProviderPool(
            providers=providers,
            clock=self.clock,
            time_limit=self.time_limit,
            most_tries=2,
            chance=lambda: 0.5,
        )


async def drawn(pool: ProviderPool[ImageModel]) -> str:
    """The provider that has drawn."""
    attempts: list[Attempt] = []
    drawings: list[Drawing] = []
    async with aclosing(pool.ask(image_of("雪山", "somebody"))) as items:
        async for item in items:
            if isinstance(item, Attempt):
                attempts.append(item)
            else:
                drawings.append(item)
    assert drawings == [PICTURE]
    return attempts[-1].provider


def provider(
    name: str, *script: Drawing | ModelFailure, concurrency: int = 4
) -> Provider[ImageModel]:
    model = ScriptedImageModel(script=list(script))
    return Provider(name=name, model=model, concurrency=concurrency, model_name=name)


def wishes_at(one: Provider[ImageModel]) -> int:
    assert isinstance(one.model, ScriptedImageModel)
    return len(one.model.wishes)


async def test_the_first_provider_draws_and_the_others_are_left_alone() -> None:
    first, second = provider("first", PICTURE), provider("second", PICTURE)

    by = await drawn(House().pool(first, second))

    assert by == "first"
    assert (wishes_at(first), wishes_at(second)) == (1, 0)
    assert isinstance(first.model, ScriptedImageModel)
    assert first.model.wishes == [("雪山", "somebody")]


async def test_one_that_is_away_is_tried_again_after_a_pause() -> None:
    house, only = House(), provider("only", away(timedelta(seconds=7)), PICTURE)

    await drawn(house.pool(only))

    assert wishes_at(only) == 2
    assert house.clock.slept == [timedelta(seconds=7)]


async def test_one_that_stays_away_is_tried_twice_and_then_the_next() -> None:
    first, second = provider("first", away()), provider("second", PICTURE)

    by = await drawn(House().pool(first, second))

    assert (by, wishes_at(first)) == ("second", 2)


async def test_one_that_wants_to_be_left_alone_for_long_is_left_alone() -> None:
    first, second = provider("first", away(timedelta(seconds=31))), provider("second", PICTURE)

    await drawn(House().pool(first, second))

    assert wishes_at(first) == 1


@pytest.mark.parametrize(
    "failure", [ModelGone, ModelMisconfigured, ModelOutOfFunds, ModelRejected, ModelTimedOut]
)
async def test_what_another_try_would_not_mend_goes_to_the_next_at_once(
    failure: type[ModelFailure],
) -> None:
    first, second = provider("first", failure("x")), provider("second", PICTURE)

    by = await drawn(House().pool(first, second))

    assert (by, wishes_at(first)) == ("second", 1)


async def test_a_wish_that_was_declined_is_taken_to_nobody_else() -> None:
    first, second = provider("first", ModelDeclined("x")), provider("second", PICTURE)

    with pytest.raises(ModelDeclined):
        await drawn(House().pool(first, second))

    assert wishes_at(second) == 0


async def test_a_wish_that_is_too_long_for_one_model_may_fit_another() -> None:
    first, second = provider("first", PromptTooLong("x")), provider("second", PICTURE)

    assert await drawn(House().pool(first, second)) == "second"


async def test_if_all_fail_the_last_failure_is_told() -> None:
    pool = House().pool(provider("a", away()), provider("b", ModelOutOfFunds("402")))

    with pytest.raises(ModelOutOfFunds):
        await drawn(pool)


async def test_one_that_failed_lately_is_not_asked_until_its_cool_down_is_over() -> None:
    house = House()
    first, second = provider("first", away(), away(), PICTURE), provider("second", PICTURE)
    pool = house.pool(first, second)

    by = [await drawn(pool), await drawn(pool)]
    house.clock.pass_by(timedelta(seconds=31))
    by.append(await drawn(pool))

    assert by == ["second", "second", "first"]
    assert first.breaker.state is BreakerState.CLOSED


async def test_one_that_hangs_gets_its_share_of_the_time_and_no_more() -> None:
    hanging = hanging_provider()
    house = House(time_limit=timedelta(seconds=1))
    began = asyncio.get_running_loop().time()

    by = await drawn(house.pool(hanging, provider("second", PICTURE)))

    assert by == "second"
    assert asyncio.get_running_loop().time() - began < 0.9
    assert hanging.breaker.state is BreakerState.OPEN
    assert not hanging.places.locked()


async def test_time_that_is_up_is_told_as_such() -> None:
    hanging = hanging_provider()

    with pytest.raises(ModelTimedOut):
        await drawn(House(time_limit=timedelta(seconds=0.05)).pool(hanging))


async def test_no_provider_draws_more_at_a_time_than_it_may() -> None:
    running, most = 0, 0

    class CountingModel:
        async def draw(self, prompt: str, *, asker: str) -> Drawing:  # noqa: ARG002 - it only counts
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1
            return PICTURE

    pool = House().pool(Provider(name="one", model=CountingModel(), concurrency=2))

    await asyncio.gather(*(drawn(pool) for _ in range(6)))

    assert most == 2
