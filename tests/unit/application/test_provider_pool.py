"""Who is asked, how often, and what the consumer sees of it."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import pytest

from application.answer_question import answer_to
from application.errors import (
    ModelCutOff,
    ModelDeclined,
    ModelFailure,
    ModelGaveNothing,
    ModelGone,
    ModelMisconfigured,
    ModelOutOfFunds,
    ModelRejected,
    ModelTimedOut,
    ModelUnavailable,
    OnlyThoughts,
    PromptTooLong,
    ThinkingUsedUpLimit,
)
from application.ports import ChatModel, ModelOutput, Thought
from application.provider import Provider, warnings_of
from application.provider_pool import ProviderPool
from domain.circuit_breaker import BreakerState, CircuitBreaker
from domain.conversation import Prompt
from domain.failover import ANSWERED, COOLING_DOWN, NO_PLACE, NOT_SUITABLE, Attempt
from tests.contracts.chat_model import PROMPT
from tests.fakes.clock import ManualClock
from tests.fakes.scripted_model import Line, ScriptedModel, scripted
from tests.strategies import NOON

Item: TypeAlias = ModelOutput | Attempt

pytestmark = pytest.mark.anyio

TIME_LIMIT = timedelta(minutes=10)
REST = timedelta(seconds=30)


def down(fact: str = "down", retry_after: timedelta | None = None) -> ModelUnavailable:
    return ModelUnavailable(fact, retry_after=retry_after)


class RunningClock(ManualClock):
    """For waits that are real."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def pool_of(
    *models: ScriptedModel,
    clock: ManualClock | None = None,
    concurrency: int = 10,
    time_limit: timedelta = TIME_LIMIT,
) -> ProviderPool[ChatModel]:
    """Providers named "1", "2" and so on, each with a model of its own."""
    providers: list[Provider[ChatModel]] = [
        Provider(
            name=str(number), model=model, concurrency=concurrency, model_name=f"model-{number}"
        )
        for number, model in enumerate(models, start=1)
    ]
    return ProviderPool(
        providers=providers,
        clock=clock or ManualClock(),
        time_limit=time_limit,
        chance=lambda: 0.5,
    )


def asked(
    pool: ProviderPool[ChatModel], *, fallback_on_declined: bool = False
) -> AsyncGenerator[ModelOutput | Attempt]:
    return pool.ask(answer_to(PROMPT), fallback_on_declined=fallback_on_declined)


async def all_of(
    pool: ProviderPool[ChatModel], *, fallback_on_declined: bool = False
) -> list[Item]:
    async with aclosing(asked(pool, fallback_on_declined=fallback_on_declined)) as items:
        return [item async for item in items]


async def failure_of(pool: ProviderPool[ChatModel]) -> ModelFailure:
    with pytest.raises(ModelFailure) as caught:
        await all_of(pool)
    return caught.value


async def attempts_of(pool: ProviderPool[ChatModel]) -> list[Attempt]:
    """Everything that was tried, whether or not it came to an answer."""
    attempts = []
    with suppress(ModelFailure):
        async with aclosing(asked(pool)) as items:
            async for item in items:
                if isinstance(item, Attempt):
                    attempts.append(item)  # noqa: PERF401 - a failure may end it
    return attempts


def told(attempts: Sequence[Attempt]) -> list[tuple[str, str, str]]:
    return [(one.provider, one.outcome, one.then.value) for one in attempts]


def shown(items: Sequence[Item]) -> str:
    """What a consumer has in the end."""
    text = ""
    for item in items:
        if isinstance(item, Attempt) and item.outcome != ANSWERED:
            text = ""
        elif isinstance(item, str):
            text += item
    return text


def outline(items: Sequence[Item]) -> list[str]:
    """The pieces, with `|` where a try has failed."""
    return [
        item if isinstance(item, str) else "|"
        for item in items[:-1]
        if isinstance(item, str | Attempt)
    ]


def answerer(items: Sequence[Item]) -> str:
    last = items[-1]
    assert isinstance(last, Attempt)
    assert last.outcome == ANSWERED
    return last.provider


async def test_pieces_pass_through_and_the_finish_names_the_provider() -> None:
    model = scripted(("a", "b"))

    items = await all_of(pool_of(model))

    assert items[:-1] == ["a", "b", model.finish]
    assert answerer(items) == "1"


@pytest.mark.parametrize("failure", [down(), ModelGaveNothing("empty")])
async def test_a_passing_failure_is_tried_again(failure: ModelFailure) -> None:
    clock = ManualClock()
    model = scripted((failure,), (failure,), ("a",))

    items = await all_of(pool_of(model, scripted(("b",)), clock=clock))

    assert (shown(items), answerer(items)) == ("a", "1")
    assert len(clock.slept) == 2
    assert clock.slept[0] < clock.slept[1]


async def test_a_failed_try_is_told_after_its_pieces() -> None:
    items = await all_of(pool_of(scripted(("a", "b", down()), (down(),), ("c",))))

    assert outline(items) == ["a", "b", "|", "|", "c"]


async def test_the_pieces_of_a_provider_that_failed_are_followed_by_its_attempt() -> None:
    items = await all_of(pool_of(scripted(("a", ModelOutOfFunds("x"))), scripted(("c",))))

    assert outline(items) == ["a", "|", "c"]


async def test_nobody_waits_for_a_provider_while_another_may_be_asked() -> None:
    clock, pause = ManualClock(), timedelta(seconds=4)
    first, second = scripted((down("429", pause),), ("a",)), scripted(("b",))
    pool = pool_of(first, second, clock=clock)

    items = await all_of(pool)

    assert (shown(items), answerer(items), clock.slept) == ("b", "2", [])
    assert await all_of(pool_of(scripted((down("429", pause),), ("a",)), clock=clock))
    assert clock.slept == [pause]


async def test_h6_three_tries_and_then_the_next_provider() -> None:
    first, second = scripted((down(),)), scripted(("b",))

    items = await all_of(pool_of(first, second))

    assert (shown(items), answerer(items)) == ("b", "2")
    assert (len(first.heard), len(second.heard)) == (3, 1)


@pytest.mark.parametrize(
    "failure", [ModelMisconfigured("401"), ModelOutOfFunds("429"), ModelRejected("400")]
)
async def test_h4_what_time_does_not_mend_is_not_tried_again(failure: ModelFailure) -> None:
    clock = ManualClock()
    first, second = scripted((failure,)), scripted(("b",))

    items = await all_of(pool_of(first, second, clock=clock))

    assert (answerer(items), len(first.heard), clock.slept) == ("2", 1, [])


async def test_h3_a_declined_question_ends_there() -> None:
    failure = ModelDeclined("filter")
    first, second = scripted((failure,)), scripted(("b",))

    assert await failure_of(pool_of(first, second)) is failure
    assert (len(first.heard), len(second.heard)) == (1, 0)


async def test_a_declined_question_goes_on_where_the_operator_says_so() -> None:
    pool = pool_of(scripted((ModelDeclined("filter"),)), scripted(("b",)))

    assert answerer(await all_of(pool, fallback_on_declined=True)) == "2"


@pytest.mark.parametrize(
    ("named", "second", "is_asked"),
    [
        pytest.param(None, 8192, True, id="a larger one"),
        pytest.param(None, 4096, False, id="the same"),
        pytest.param(8192, 8192, False, id="the provider names what it has"),
        pytest.param(2048, 4096, True, id="the provider names less than is configured"),
        pytest.param(None, None, True, id="an unknown one of another model"),
    ],
)
async def test_a_prompt_that_is_too_long_goes_to_a_larger_context(
    named: int | None, second: int | None, *, is_asked: bool
) -> None:
    pool = pool_of(scripted((PromptTooLong("400", context=named),)), scripted(("b",)))
    pool.providers[0].context_length = 4096
    pool.providers[1].context_length = second

    attempts = await attempts_of(pool)

    last = ("2", ANSWERED, "end") if is_asked else ("2", NOT_SUITABLE, "end")
    assert told(attempts) == [("1", "PromptTooLong", "next" if is_asked else "end"), last]


@pytest.mark.parametrize("failure", [ThinkingUsedUpLimit("length"), OnlyThoughts("stop")])
async def test_thoughts_without_an_answer_are_asked_for_once_and_then_of_another_model(
    failure: ModelFailure,
) -> None:
    first, second, third = scripted((failure,)), scripted(("b",)), scripted(("c",))
    pool = pool_of(first, second, third)
    pool.providers[1].model_name = pool.providers[0].model_name

    assert answerer(await all_of(pool)) == "3"
    assert (len(first.heard), len(second.heard)) == (1, 0)


async def test_a_server_that_does_not_begin_is_not_made_to_begin_anew() -> None:
    first, second = scripted((ModelTimedOut("slow"),)), scripted(("b",))

    assert answerer(await all_of(pool_of(first, second))) == "2"
    assert len(first.heard) == 1


@pytest.mark.parametrize(
    "failure", [ModelDeclined("filter"), ModelGaveNothing("empty"), ModelRejected("400")]
)
async def test_a_question_nobody_answers_sends_no_other_question_elsewhere(
    failure: ModelFailure,
) -> None:
    first = scripted(*[(failure,)] * (3 if isinstance(failure, ModelGaveNothing) else 1), ("a",))
    pool = pool_of(first, scripted((ModelDeclined("no"),), ("b",)))
    await failure_of(pool)

    items = await all_of(pool)

    assert answerer(items) == "1"


async def test_the_failure_of_the_last_provider_is_raised() -> None:
    last = ModelOutOfFunds("empty")

    assert await failure_of(pool_of(scripted((down(),)), scripted((last,)))) is last


async def test_h5_a_provider_is_left_alone_as_long_as_it_asks() -> None:
    clock = ManualClock()
    model = scripted((down("429", timedelta(seconds=7)),), ("a",))

    items = await all_of(pool_of(model, clock=clock))

    assert (shown(items), clock.slept) == ("a", [timedelta(seconds=7)])


async def test_h5_a_provider_that_asks_for_too_long_is_passed_over_and_rests_that_long() -> None:
    clock = ManualClock()
    minute = timedelta(minutes=1)
    first, second = scripted((down("429", minute),), ("a",)), scripted(("b",))
    pool = pool_of(first, second, clock=clock)

    answerers = [answerer(await all_of(pool))]
    clock.pass_by(minute - timedelta(seconds=1))
    answerers.append(answerer(await all_of(pool)))
    clock.pass_by(timedelta(seconds=1))
    answerers.append(answerer(await all_of(pool)))

    assert answerers == ["2", "2", "1"]
    assert clock.slept == []


async def test_a_pause_that_outlasts_the_question_is_not_begun() -> None:
    clock = ManualClock()
    first = scripted((down("429", timedelta(seconds=3)),))

    items = await all_of(
        pool_of(first, scripted(("b",)), clock=clock, time_limit=timedelta(seconds=3))
    )

    assert (answerer(items), clock.slept) == ("2", [])


async def test_a_provider_leaves_those_after_it_their_share_of_the_time() -> None:
    clock = ManualClock()
    first = scripted((down("429", timedelta(seconds=3)),))

    items = await all_of(
        pool_of(first, scripted(("b",)), clock=clock, time_limit=timedelta(seconds=5))
    )

    assert (answerer(items), clock.slept) == ("2", [])


async def test_h7_a_failed_provider_is_not_asked_while_it_rests() -> None:
    first, second = scripted((down(),)), scripted(("b",))
    pool = pool_of(first, second)

    for _ in range(5):
        await all_of(pool)

    assert (len(first.heard), len(second.heard)) == (3, 5)


async def test_h14_a_rested_provider_is_probed_once_and_used_if_it_answers() -> None:
    clock = ManualClock()
    first, second = scripted(*[(down(),)] * 3, (down(),), ("a",)), scripted(("b",))
    pool = pool_of(first, second, clock=clock)

    answerers = []
    for _ in range(4):
        answerers.append(answerer(await all_of(pool)))
        clock.pass_by(REST)

    # The failed probe doubles the rest.
    assert answerers == ["2", "2", "2", "1"]
    assert len(first.heard) == 5


async def test_h14_one_question_probes_while_the_others_go_elsewhere() -> None:
    clock = ManualClock()
    first = scripted(*[(down(),)] * 3, (timedelta(milliseconds=30), down()))
    pool = pool_of(first, scripted(("b",)), clock=clock)
    await all_of(pool)
    clock.pass_by(REST)

    answers = await asyncio.gather(*(all_of(pool) for _ in range(10)))

    assert [answerer(items) for items in answers] == ["2"] * 10
    assert len(first.heard) == 4


async def test_h14_where_all_rest_the_one_that_is_rested_first_is_tried_anyway() -> None:
    clock = ManualClock()
    first, second = scripted((down(),)), scripted(*[(ModelOutOfFunds("x"),)], ("b",))
    pool = pool_of(first, second, clock=clock)
    await failure_of(pool)
    first.heard.clear()

    # The first failed before the second, so its rest ends first.
    await failure_of(pool)

    assert (len(first.heard), len(second.heard)) == (1, 1)


async def test_a_provider_that_is_alone_gets_all_its_tries_even_after_failures() -> None:
    model = scripted(*[(down(),)] * 5, ("a",))
    pool = pool_of(model)
    await failure_of(pool)

    items = await all_of(pool)

    assert (shown(items), len(model.heard)) == ("a", 6)


async def test_an_abandoned_probe_is_made_up_for_by_the_next_question() -> None:
    clock = ManualClock()
    hanging: tuple[Line, ...] = ("x", timedelta(minutes=10))
    pool = pool_of(scripted(*[(down(),)] * 3, hanging, ("a",)), scripted(("b",)), clock=clock)
    await all_of(pool)
    clock.pass_by(REST)
    async with aclosing(asked(pool)) as items:
        await anext(items)

    assert answerer(await all_of(pool)) == "1"


async def test_a_full_provider_is_passed_over_for_one_with_a_free_place() -> None:
    first = scripted(("a", timedelta(minutes=10)), ("a",))
    pool = pool_of(first, scripted(("b",)), concurrency=1)

    async with aclosing(asked(pool)) as busy, asyncio.timeout(5):
        await anext(busy)
        answerers = [answerer(await all_of(pool))]
    answerers.append(answerer(await all_of(pool)))

    assert answerers == ["2", "1"]


async def test_a_provider_that_was_passed_over_is_asked_if_the_others_fail() -> None:
    first = scripted(("a", timedelta(milliseconds=30)), ("a",))
    pool = pool_of(first, scripted((ModelOutOfFunds("x"),)), concurrency=1)

    answers = await asyncio.gather(all_of(pool), all_of(pool))

    assert [answerer(items) for items in answers] == ["1", "1"]


async def test_where_all_are_full_no_provider_is_waited_for_until_the_time_is_up() -> None:
    pool = pool_of(
        scripted(("a", timedelta(minutes=10))),
        scripted(("b", timedelta(milliseconds=20))),
        clock=RunningClock(),
        concurrency=1,
        time_limit=timedelta(milliseconds=600),
    )

    async with aclosing(asked(pool)) as busy:
        await anext(busy)
        answers = await asyncio.gather(all_of(pool), all_of(pool))

    assert [answerer(items) for items in answers] == ["2", "2"]


async def test_questions_that_waited_for_a_place_pass_over_a_provider_that_failed() -> None:
    first = scripted((timedelta(milliseconds=5), down()))
    second = scripted((timedelta(milliseconds=5), "b"))
    pool = pool_of(first, second, concurrency=2)

    answers = await asyncio.gather(*(all_of(pool) for _ in range(10)))

    assert [answerer(items) for items in answers] == ["2"] * 10
    assert len(first.heard) == 6


async def test_a_provider_has_only_so_many_questions_at_a_time() -> None:
    model = scripted((timedelta(milliseconds=3), "a"))
    pool = pool_of(model, concurrency=3)

    await asyncio.gather(*(all_of(pool) for _ in range(12)))

    assert (model.most_running, len(model.heard)) == (3, 12)


async def test_waiting_for_a_place_counts_as_time_of_the_question() -> None:
    model = scripted(("a", timedelta(minutes=10)))
    pool = pool_of(model, concurrency=1, time_limit=timedelta(milliseconds=60))
    async with aclosing(asked(pool)) as busy:
        await anext(busy)

        failure = await failure_of(pool)

    assert isinstance(failure, ModelUnavailable)
    assert len(model.heard) == 1


async def test_a_question_ends_with_its_time_however_lively_the_model() -> None:
    lively = [line for _ in range(500) for line in ("a", timedelta(milliseconds=5))]
    model = scripted(tuple(lively))

    async with asyncio.timeout(2):
        failure = await failure_of(pool_of(model, time_limit=timedelta(milliseconds=80)))

    assert isinstance(failure, ModelCutOff)
    assert model.running == 0


async def test_no_try_begins_after_the_time_is_up() -> None:
    class SlowClock(ManualClock):
        async def sleep(self, pause: timedelta) -> None:
            await super().sleep(pause + TIME_LIMIT)

    first, second = scripted((down(),), ("a",)), scripted(("b",))
    pool = pool_of(first, second, clock=SlowClock())

    failure = await failure_of(pool)

    assert isinstance(failure, ModelUnavailable)
    assert len(second.heard) == 0


async def test_closing_ends_the_call_and_frees_the_place() -> None:
    model = scripted(("a", timedelta(minutes=10)), ("b",))
    pool = pool_of(model, concurrency=1)
    async with aclosing(asked(pool)) as items:
        await anext(items)

    assert model.running == 0
    assert shown(await all_of(pool)) == "b"


async def test_cancelling_ends_the_call_and_frees_the_place() -> None:
    model = scripted((timedelta(minutes=10), "a"), ("b",))
    pool = pool_of(model, concurrency=1)
    asking = asyncio.create_task(all_of(pool))
    await asyncio.sleep(0.01)

    asking.cancel()
    await asyncio.wait([asking])

    assert (asking.cancelled(), model.running) == (True, 0)
    assert shown(await all_of(pool)) == "b"


async def test_each_failed_try_is_noted_with_its_facts(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "application.provider"):
        await all_of(pool_of(scripted((down("status 500"),), ("a",))))

    (record,) = caplog.records
    noted = {name: vars(record)[name] for name in ("provider", "model", "kind", "fact", "attempt")}
    assert record.message == "model_try_failed"
    assert noted == {
        "provider": "1",
        "model": "model-1",
        "kind": "ModelUnavailable",
        "fact": "status 500",
        "attempt": 1,
    }


async def test_what_only_an_operator_mends_is_an_error_once_a_cool_down(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = ManualClock()
    pool = pool_of(
        scripted(*[(ModelOutOfFunds("status 402"),)] * 5, ("a",)), scripted(("b",)), clock=clock
    )
    with caplog.at_level(logging.INFO, "application.provider"):
        await all_of(pool)
        await all_of(pool)
        clock.pass_by(timedelta(hours=1))
        await all_of(pool)

    alerts = [one for one in caplog.records if one.message == "provider_needs_attention"]
    assert [vars(one)["kind"] for one in alerts] == ["ModelOutOfFunds"] * 2
    assert [one.levelno for one in alerts] == [logging.ERROR] * 2
    assert all(vars(one)["remedy"] for one in alerts)


async def test_many_questions_to_the_only_provider_make_one_alert_a_cool_down(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pool = pool_of(scripted((ModelGone("404"),)))
    with caplog.at_level(logging.ERROR, "application.provider"):
        for _ in range(5):
            await failure_of(pool)

    assert [one.message for one in caplog.records] == ["provider_needs_attention"]


async def test_a_thoughts_only_answer_tells_the_log_what_is_set_wrong(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, "application.provider"):
        await failure_of(pool_of(scripted((OnlyThoughts("stop"),))))
        await failure_of(pool_of(scripted((ThinkingUsedUpLimit("length"),))))

    remedies = [vars(one)["remedy"] for one in caplog.records]
    assert "reasoning_as_answer" in remedies[0]
    assert "max_answer_len" in remedies[1]


async def test_warnings_name_what_an_operator_has_to_mend_until_it_works_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = ManualClock()
    pool = pool_of(
        scripted((ModelOutOfFunds("prose of a provider"),), ("a",)),
        scripted((down(),), (down(),), (down(),), ("b",)),
        scripted(("c",)),
        clock=clock,
    )
    pool.providers[0].model_name = ""
    await all_of(pool)

    warnings = list(warnings_of(pool.providers))
    caplog.clear()
    clock.pass_by(timedelta(hours=1))
    with caplog.at_level(logging.INFO, "application.provider"):
        await all_of(pool)

    assert warnings == [
        f"provider 1: no funds since {NOON:%Y-%m-%d %H:%M} UTC; top up the account or raise its limit"
    ]
    assert list(warnings_of(pool.providers)) == []
    assert [one.message for one in caplog.records] == ["provider_recovered"]


async def test_an_observer_sees_the_first_state_and_every_change() -> None:
    @dataclass
    class Seen:
        states: list[tuple[str, BreakerState]] = field(default_factory=list)

        def breaker_changed(self, provider: str, breaker: CircuitBreaker) -> None:
            self.states.append((provider, breaker.state))

    seen, clock = Seen(), ManualClock()
    provider: Provider[ChatModel] = Provider(
        name="p",
        model=scripted((ModelGone("404"),), ("a",)),
        concurrency=1,
        observer=seen,
    )
    pool = ProviderPool(providers=[provider], clock=clock, time_limit=TIME_LIMIT)
    await failure_of(pool)
    clock.pass_by(timedelta(hours=1))
    await all_of(pool)

    assert [state for _, state in seen.states] == [
        BreakerState.CLOSED,
        BreakerState.OPEN,
        BreakerState.HALF_OPEN,
        BreakerState.CLOSED,
    ]


async def test_the_record_tells_each_attempt_with_its_time_and_what_followed() -> None:
    class SlowModel:
        async def answer(self, prompt: Prompt) -> AsyncGenerator[ModelOutput]:  # noqa: ARG002
            clock.pass_by(timedelta(seconds=2))
            raise down()
            yield ""

    clock = ManualClock()
    providers: list[Provider[ChatModel]] = [
        Provider(name="slow", model=SlowModel(), concurrency=1, model_name="m"),
        Provider(name="gone", model=scripted((ModelGone("404"),)), concurrency=1),
        Provider(name="well", model=scripted(("a",)), concurrency=1),
    ]
    pool = ProviderPool(
        providers=providers, clock=clock, time_limit=TIME_LIMIT, most_tries=2, chance=lambda: 0.5
    )

    first, second = await attempts_of(pool), await attempts_of(pool)

    assert told(first) == [
        ("slow", "ModelUnavailable", "retry"),
        ("slow", "ModelUnavailable", "next"),
        ("gone", "ModelGone", "next"),
        ("well", ANSWERED, "end"),
    ]
    assert [one.took for one in first[:2]] == [timedelta(seconds=2)] * 2
    assert first[1].after == timedelta(seconds=2) + clock.slept[0]
    assert told(second) == [
        ("slow", COOLING_DOWN, "next"),
        ("gone", COOLING_DOWN, "next"),
        ("well", ANSWERED, "end"),
    ]


async def test_a_provider_that_was_full_for_too_long_is_in_the_record() -> None:
    first = scripted(("a", timedelta(minutes=10)))
    pool = pool_of(first, concurrency=1, time_limit=timedelta(milliseconds=50))
    async with aclosing(asked(pool)) as busy:
        await anext(busy)

        attempts = await attempts_of(pool)

    assert [(one.outcome, one.was_asked) for one in attempts] == [(NO_PLACE, False)]


async def test_a_share_of_the_time_ends_the_waiting_for_a_first_piece() -> None:
    hanging, second = scripted((timedelta(minutes=10), "a")), scripted(("b",))
    pool = pool_of(hanging, second, time_limit=timedelta(milliseconds=100))

    attempts = await attempts_of(pool)

    assert told(attempts) == [("1", "ModelTimedOut", "next"), ("2", ANSWERED, "end")]


async def test_a_limit_of_the_providers_own_is_not_cut_down_by_its_share() -> None:
    slow = scripted((timedelta(milliseconds=120), "a"))
    pool = pool_of(slow, scripted(("b",)), time_limit=timedelta(milliseconds=200))
    pool.providers[0].first_token_timeout = timedelta(milliseconds=190)

    assert answerer(await all_of(pool)) == "1"


async def test_thoughts_are_signs_of_life() -> None:
    thinking = scripted((Thought("…"), timedelta(milliseconds=120), "a"))
    pool = pool_of(thinking, scripted(("b",)), time_limit=timedelta(milliseconds=200))

    assert answerer(await all_of(pool)) == "1"


async def test_without_a_provider_there_is_a_failure() -> None:
    assert isinstance(await failure_of(pool_of()), ModelUnavailable)
