"""Who is asked for a picture, how often, and for how long."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from application.ask_image_models import AskImageModels, Drawn, ImageProvider, Wish
from application.errors import (
    ModelDeclined,
    ModelFailure,
    ModelGaveNothing,
    ModelMisconfigured,
    ModelOutOfFunds,
    ModelRejected,
    ModelUnavailable,
    PromptTooLong,
)
from application.ports import Drawing
from tests.fakes.clock import ManualClock
from tests.fakes.pictures import ScriptedImageModel, drawing

pytestmark = pytest.mark.anyio

WISH = Wish(prompt="雪山", asker="somebody")
PICTURE = drawing()


def away(retry_after: timedelta | None = None) -> ModelUnavailable:
    return ModelUnavailable("status 503", retry_after=retry_after)


class HangingModel:
    async def draw(self, prompt: str, *, asker: str) -> Drawing:  # noqa: ARG002 - it does nothing
        await asyncio.Event().wait()
        raise AssertionError("it was given up")


@dataclass
class House:
    clock: ManualClock = field(default_factory=ManualClock)
    time_limit: timedelta = timedelta(seconds=600)

    def asking(self, *providers: ImageProvider) -> AskImageModels:
        return AskImageModels(
            providers=providers,
            clock=self.clock,
            time_limit=self.time_limit,
            chance=lambda: 0.5,
        )


def provider(name: str, *script: Drawing | ModelFailure, concurrency: int = 4) -> ImageProvider:
    return ImageProvider(
        name=name, model=ScriptedImageModel(script=list(script)), concurrency=concurrency
    )


def wishes_at(one: ImageProvider) -> int:
    assert isinstance(one.model, ScriptedImageModel)
    return len(one.model.wishes)


async def test_the_first_provider_draws_and_the_others_are_left_alone() -> None:
    first, second = provider("first", PICTURE), provider("second", PICTURE)

    drawn = await House().asking(first, second)(WISH)

    assert drawn == Drawn(provider="first", drawing=PICTURE)
    assert (wishes_at(first), wishes_at(second)) == (1, 0)
    assert isinstance(first.model, ScriptedImageModel)
    assert first.model.wishes == [("雪山", "somebody")]


async def test_one_that_is_away_is_tried_again_after_a_pause() -> None:
    house, only = House(), provider("only", away(timedelta(seconds=7)), PICTURE)

    await house.asking(only)(WISH)

    assert wishes_at(only) == 2
    assert house.clock.slept == [timedelta(seconds=7)]


async def test_one_that_stays_away_is_tried_twice_and_then_the_next() -> None:
    first, second = provider("first", away()), provider("second", PICTURE)

    drawn = await House().asking(first, second)(WISH)

    assert (drawn.provider, wishes_at(first)) == ("second", 2)


async def test_one_that_wants_to_be_left_alone_for_long_is_left_alone() -> None:
    first, second = provider("first", away(timedelta(seconds=31))), provider("second", PICTURE)

    await House().asking(first, second)(WISH)

    assert wishes_at(first) == 1


@pytest.mark.parametrize(
    "failure", [ModelGaveNothing, ModelMisconfigured, ModelOutOfFunds, ModelRejected]
)
async def test_what_another_try_would_not_mend_goes_to_the_next_at_once(
    failure: type[ModelFailure],
) -> None:
    first, second = provider("first", failure("x")), provider("second", PICTURE)

    drawn = await House().asking(first, second)(WISH)

    assert (drawn.provider, wishes_at(first)) == ("second", 1)


@pytest.mark.parametrize("failure", [ModelDeclined, PromptTooLong])
async def test_a_wish_that_was_declined_is_taken_to_nobody_else(
    failure: type[ModelFailure],
) -> None:
    first, second = provider("first", failure("x")), provider("second", PICTURE)

    with pytest.raises(failure):
        await House().asking(first, second)(WISH)

    assert wishes_at(second) == 0


async def test_if_all_fail_the_last_failure_is_told() -> None:
    asking = House().asking(provider("a", away()), provider("b", ModelOutOfFunds("402")))

    with pytest.raises(ModelOutOfFunds):
        await asking(WISH)


async def test_one_that_failed_lately_comes_last_until_its_rest_is_over() -> None:
    house = House()
    first, second = provider("first", away(), away(), PICTURE), provider("second", PICTURE)
    asking = house.asking(first, second)

    drawn = [await asking(WISH), await asking(WISH)]
    house.clock.pass_by(timedelta(seconds=31))
    drawn.append(await asking(WISH))

    assert [one.provider for one in drawn] == ["second", "second", "first"]
    assert first.standing.is_good


async def test_one_that_hangs_gets_its_share_of_the_time_and_no_more() -> None:
    hanging = ImageProvider(name="hanging", model=HangingModel(), concurrency=1)
    house = House(time_limit=timedelta(seconds=1))
    began = asyncio.get_running_loop().time()

    drawn = await house.asking(hanging, provider("second", PICTURE))(WISH)

    assert drawn.provider == "second"
    assert asyncio.get_running_loop().time() - began < 0.9
    assert not hanging.standing.is_good
    assert not hanging.places.locked()


async def test_time_that_is_up_is_told_as_such() -> None:
    hanging = ImageProvider(name="hanging", model=HangingModel(), concurrency=1)

    with pytest.raises(ModelUnavailable, match="time is up"):
        await House(time_limit=timedelta(seconds=0.05)).asking(hanging)(WISH)


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

    asking = House().asking(ImageProvider(name="one", model=CountingModel(), concurrency=2))

    await asyncio.gather(*(asking(WISH) for _ in range(6)))

    assert most == 2
