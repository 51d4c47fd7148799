"""Who is asked, how often, and what the consumer sees of it."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest

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
from application.provider_pool import Answered, AnswerItem, AskModels, Provider, Restart
from tests.contracts.chat_model import PROMPT
from tests.fakes.clock import ManualClock
from tests.fakes.scripted_model import Line, ScriptedModel, scripted

pytestmark = pytest.mark.anyio

TIME_LIMIT = timedelta(minutes=10)
REST = timedelta(seconds=30)


def down(fact: str = "down", retry_after: timedelta | None = None) -> ModelUnavailable:
    return ModelUnavailable(fact, retry_after=retry_after)


class RunningClock(ManualClock):
    """For waits that are real."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def house(
    *models: ScriptedModel,
    clock: ManualClock | None = None,
    concurrency: int = 10,
    time_limit: timedelta = TIME_LIMIT,
) -> AskModels:
    """Providers named "1", "2" and so on."""
    providers = [
        Provider(name=str(number), model=model, concurrency=concurrency)
        for number, model in enumerate(models, start=1)
    ]
    return AskModels(
        providers=providers,
        clock=clock or ManualClock(),
        time_limit=time_limit,
        chance=lambda: 0.5,
    )


async def all_of(ask: AskModels) -> list[AnswerItem]:
    async with aclosing(ask(PROMPT)) as items:
        return [item async for item in items]


async def failure_of(ask: AskModels) -> ModelFailure:
    with pytest.raises(ModelFailure) as caught:
        await all_of(ask)
    return caught.value


def shown(items: Sequence[AnswerItem]) -> str:
    """What a consumer has in the end."""
    text = ""
    for item in items:
        if isinstance(item, Restart):
            text = ""
        elif isinstance(item, str):
            text += item
    return text


def answerer(items: Sequence[AnswerItem]) -> str:
    last = items[-1]
    assert isinstance(last, Answered)
    return last.provider


async def test_pieces_pass_through_and_the_finish_names_the_provider() -> None:
    model = scripted(("a", "b"))

    items = await all_of(house(model))

    assert items == ["a", "b", Answered(provider="1", finish=model.finish)]


@pytest.mark.parametrize("failure", [down(), ModelGaveNothing("empty")])
async def test_a_passing_failure_is_tried_again(failure: ModelFailure) -> None:
    clock = ManualClock()
    model = scripted((failure,), (failure,), ("a",))

    items = await all_of(house(model, scripted(("b",)), clock=clock))

    assert (shown(items), answerer(items)) == ("a", "1")
    assert len(clock.slept) == 2
    assert clock.slept[0] < clock.slept[1]


async def test_a_new_try_after_pieces_begins_with_a_restart() -> None:
    items = await all_of(house(scripted(("a", "b", down()), (down(),), ("c",))))

    assert items[:-1] == ["a", "b", Restart(), "c"]


async def test_the_next_provider_after_pieces_begins_with_a_restart() -> None:
    items = await all_of(house(scripted(("a", ModelOutOfFunds("x"))), scripted(("c",))))

    assert items[:-1] == ["a", Restart(), "c"]


async def test_h6_three_tries_and_then_the_next_provider() -> None:
    first, second = scripted((down(),)), scripted(("b",))

    items = await all_of(house(first, second))

    assert (shown(items), answerer(items)) == ("b", "2")
    assert (len(first.heard), len(second.heard)) == (3, 1)


@pytest.mark.parametrize(
    "failure", [ModelMisconfigured("401"), ModelOutOfFunds("429"), ModelRejected("400")]
)
async def test_h4_what_time_does_not_mend_is_not_tried_again(failure: ModelFailure) -> None:
    clock = ManualClock()
    first, second = scripted((failure,)), scripted(("b",))

    items = await all_of(house(first, second, clock=clock))

    assert (answerer(items), len(first.heard), clock.slept) == ("2", 1, [])


@pytest.mark.parametrize("failure", [ModelDeclined("filter"), PromptTooLong("long")])
async def test_h3_a_verdict_on_the_question_ends_it(failure: ModelFailure) -> None:
    first, second = scripted((failure,)), scripted(("b",))

    assert await failure_of(house(first, second)) is failure
    assert (len(first.heard), len(second.heard)) == (1, 0)


@pytest.mark.parametrize(
    "failure", [ModelDeclined("filter"), ModelGaveNothing("empty"), ModelRejected("400")]
)
async def test_a_question_nobody_answers_sends_no_other_question_elsewhere(
    failure: ModelFailure,
) -> None:
    first = scripted(*[(failure,)] * (3 if isinstance(failure, ModelGaveNothing) else 1), ("a",))
    ask = house(first, scripted((ModelDeclined("no"),), ("b",)))
    await failure_of(ask)

    items = await all_of(ask)

    assert answerer(items) == "1"


async def test_the_failure_of_the_last_provider_is_raised() -> None:
    last = ModelOutOfFunds("empty")

    assert await failure_of(house(scripted((down(),)), scripted((last,)))) is last


async def test_h5_a_provider_is_left_alone_as_long_as_it_asks() -> None:
    clock = ManualClock()
    model = scripted((down("429", timedelta(seconds=7)),), ("a",))

    items = await all_of(house(model, clock=clock))

    assert (shown(items), clock.slept) == ("a", [timedelta(seconds=7)])


async def test_h5_a_provider_that_asks_for_too_long_is_passed_over_and_rests_that_long() -> None:
    clock = ManualClock()
    minute = timedelta(minutes=1)
    first, second = scripted((down("429", minute),), ("a",)), scripted(("b",))
    ask = house(first, second, clock=clock)

    answerers = [answerer(await all_of(ask))]
    clock.pass_by(minute - timedelta(seconds=1))
    answerers.append(answerer(await all_of(ask)))
    clock.pass_by(timedelta(seconds=1))
    answerers.append(answerer(await all_of(ask)))

    assert answerers == ["2", "2", "1"]
    assert clock.slept == []


async def test_a_pause_that_outlasts_the_question_is_not_begun() -> None:
    clock = ManualClock()
    first = scripted((down("429", timedelta(seconds=20)),))

    items = await all_of(
        house(first, scripted(("b",)), clock=clock, time_limit=timedelta(seconds=20))
    )

    assert (answerer(items), clock.slept) == ("2", [])


async def test_a_provider_leaves_those_after_it_their_share_of_the_time() -> None:
    clock = ManualClock()
    first = scripted((down("429", timedelta(seconds=25)),))

    items = await all_of(
        house(first, scripted(("b",)), clock=clock, time_limit=timedelta(seconds=40))
    )

    assert (answerer(items), clock.slept) == ("2", [])


async def test_h7_a_failed_provider_is_not_asked_while_it_rests() -> None:
    first, second = scripted((down(),)), scripted(("b",))
    ask = house(first, second)

    for _ in range(5):
        await all_of(ask)

    assert (len(first.heard), len(second.heard)) == (3, 5)


async def test_h14_a_rested_provider_is_probed_once_and_used_if_it_answers() -> None:
    clock = ManualClock()
    first, second = scripted(*[(down(),)] * 3, (down(),), ("a",)), scripted(("b",))
    ask = house(first, second, clock=clock)

    answerers = []
    for _ in range(4):
        answerers.append(answerer(await all_of(ask)))
        clock.pass_by(REST)

    # The failed probe doubles the rest.
    assert answerers == ["2", "2", "2", "1"]
    assert len(first.heard) == 5


async def test_h14_one_question_probes_while_the_others_go_elsewhere() -> None:
    clock = ManualClock()
    first = scripted(*[(down(),)] * 3, (timedelta(milliseconds=30), down()))
    ask = house(first, scripted(("b",)), clock=clock)
    await all_of(ask)
    clock.pass_by(REST)

    answers = await asyncio.gather(*(all_of(ask) for _ in range(10)))

    assert [answerer(items) for items in answers] == ["2"] * 10
    assert len(first.heard) == 4


async def test_h14_where_all_rest_the_one_that_is_rested_first_is_tried_anyway() -> None:
    clock = ManualClock()
    first, second = scripted((down(),)), scripted(*[(ModelOutOfFunds("x"),)], ("b",))
    ask = house(first, second, clock=clock)
    await failure_of(ask)
    first.heard.clear()

    # The first failed before the second, so its rest ends first.
    await failure_of(ask)

    assert (len(first.heard), len(second.heard)) == (1, 1)


async def test_a_provider_that_is_alone_gets_all_its_tries_even_after_failures() -> None:
    model = scripted(*[(down(),)] * 5, ("a",))
    ask = house(model)
    await failure_of(ask)

    items = await all_of(ask)

    assert (shown(items), len(model.heard)) == ("a", 6)


async def test_an_abandoned_probe_is_made_up_for_by_the_next_question() -> None:
    clock = ManualClock()
    hanging: tuple[Line, ...] = ("x", timedelta(minutes=10))
    ask = house(scripted(*[(down(),)] * 3, hanging, ("a",)), scripted(("b",)), clock=clock)
    await all_of(ask)
    clock.pass_by(REST)
    async with aclosing(ask(PROMPT)) as items:
        await anext(items)

    assert answerer(await all_of(ask)) == "1"


async def test_a_full_provider_is_passed_over_for_one_with_a_free_place() -> None:
    first = scripted(("a", timedelta(minutes=10)), ("a",))
    ask = house(first, scripted(("b",)), concurrency=1)

    async with aclosing(ask(PROMPT)) as busy, asyncio.timeout(5):
        await anext(busy)
        answerers = [answerer(await all_of(ask))]
    answerers.append(answerer(await all_of(ask)))

    assert answerers == ["2", "1"]


async def test_a_provider_that_was_passed_over_is_asked_if_the_others_fail() -> None:
    first = scripted(("a", timedelta(milliseconds=30)), ("a",))
    ask = house(first, scripted((ModelOutOfFunds("x"),)), concurrency=1)

    answers = await asyncio.gather(all_of(ask), all_of(ask))

    assert [answerer(items) for items in answers] == ["1", "1"]


async def test_where_all_are_full_no_provider_is_waited_for_until_the_time_is_up() -> None:
    ask = house(
        scripted(("a", timedelta(minutes=10))),
        scripted(("b", timedelta(milliseconds=20))),
        clock=RunningClock(),
        concurrency=1,
        time_limit=timedelta(milliseconds=600),
    )

    async with aclosing(ask(PROMPT)) as busy:
        await anext(busy)
        answers = await asyncio.gather(all_of(ask), all_of(ask))

    assert [answerer(items) for items in answers] == ["2", "2"]


async def test_questions_that_waited_for_a_place_pass_over_a_provider_that_failed() -> None:
    first = scripted((timedelta(milliseconds=5), down()))
    second = scripted((timedelta(milliseconds=5), "b"))
    ask = house(first, second, concurrency=2)

    answers = await asyncio.gather(*(all_of(ask) for _ in range(10)))

    assert [answerer(items) for items in answers] == ["2"] * 10
    assert len(first.heard) == 6


async def test_a_provider_has_only_so_many_questions_at_a_time() -> None:
    model = scripted((timedelta(milliseconds=3), "a"))
    ask = house(model, concurrency=3)

    await asyncio.gather(*(all_of(ask) for _ in range(12)))

    assert (model.most_running, len(model.heard)) == (3, 12)


async def test_waiting_for_a_place_counts_as_time_of_the_question() -> None:
    model = scripted(("a", timedelta(minutes=10)))
    ask = house(model, concurrency=1, time_limit=timedelta(milliseconds=60))
    async with aclosing(ask(PROMPT)) as busy:
        await anext(busy)

        failure = await failure_of(ask)

    assert isinstance(failure, ModelUnavailable)
    assert len(model.heard) == 1


async def test_a_question_ends_with_its_time_however_lively_the_model() -> None:
    lively = [line for _ in range(500) for line in ("a", timedelta(milliseconds=5))]
    model = scripted(tuple(lively))

    async with asyncio.timeout(2):
        failure = await failure_of(house(model, time_limit=timedelta(milliseconds=80)))

    assert isinstance(failure, ModelUnavailable)
    assert model.running == 0


async def test_no_try_begins_after_the_time_is_up() -> None:
    class SlowClock(ManualClock):
        async def sleep(self, pause: timedelta) -> None:
            await super().sleep(pause + TIME_LIMIT)

    first, second = scripted((down(),), ("a",)), scripted(("b",))
    ask = house(first, second, clock=SlowClock())

    failure = await failure_of(ask)

    assert isinstance(failure, ModelUnavailable)
    assert len(second.heard) == 0


async def test_closing_ends_the_call_and_frees_the_place() -> None:
    model = scripted(("a", timedelta(minutes=10)), ("b",))
    ask = house(model, concurrency=1)
    async with aclosing(ask(PROMPT)) as items:
        await anext(items)

    assert model.running == 0
    assert shown(await all_of(ask)) == "b"


async def test_cancelling_ends_the_call_and_frees_the_place() -> None:
    model = scripted((timedelta(minutes=10), "a"), ("b",))
    ask = house(model, concurrency=1)
    asking = asyncio.create_task(all_of(ask))
    await asyncio.sleep(0.01)

    asking.cancel()
    await asyncio.wait([asking])

    assert (asking.cancelled(), model.running) == (True, 0)
    assert shown(await all_of(ask)) == "b"


async def test_each_failed_try_is_noted_with_its_facts(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "application.provider_pool"):
        await all_of(house(scripted((down("status 500"),), ("a",))))

    (record,) = caplog.records
    noted = {name: vars(record)[name] for name in ("provider", "kind", "fact", "attempt")}
    assert record.message == "model_try_failed"
    assert noted == {
        "provider": "1",
        "kind": "ModelUnavailable",
        "fact": "status 500",
        "attempt": 1,
    }
