"""The table of fail-over, and who may be asked after which failure."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.failover import (
    ANSWERED,
    COOLING_DOWN,
    FIRST_PAUSE,
    LONGEST_BESIDE_OTHERS,
    LONGEST_PAUSE,
    LONGEST_RETRY_AFTER,
    RULES,
    Alert,
    Attempt,
    Failed,
    FailureKind,
    ModelIdentity,
    NextProvider,
    Then,
    may_follow,
    pause_after,
    pause_before,
    worth_recording,
)

kinds = st.sampled_from(FailureKind)
models = st.builds(
    ModelIdentity,
    name=st.sampled_from(["a", "b"]),
    context_length=st.none() | st.sampled_from([4096, 8192]),
)
failures = st.builds(Failed, kind=kinds, model=models)


def kinds_of(next_provider: NextProvider) -> set[FailureKind]:
    return {kind for kind, rule in RULES.items() if rule.next is next_provider}


def test_every_kind_of_failure_has_a_rule() -> None:
    assert set(RULES) == set(FailureKind)


def test_the_kinds_that_do_not_simply_go_on_are_these() -> None:
    assert kinds_of(NextProvider.IF_CONFIGURED) == {FailureKind.DECLINED}
    assert kinds_of(NextProvider.LARGER_CONTEXT) == {FailureKind.PROMPT_TOO_LONG}
    assert kinds_of(NextProvider.OTHER_MODEL) == {
        FailureKind.THINKING_USED_UP_LIMIT,
        FailureKind.ONLY_THOUGHTS,
    }


def test_only_what_another_try_may_mend_is_tried_again_at_the_same_provider() -> None:
    assert {kind for kind, rule in RULES.items() if rule.retry} == {
        FailureKind.UNAVAILABLE,
        FailureKind.CUT_OFF,
        FailureKind.NOTHING,
    }


def test_an_operator_is_told_what_is_wrong_and_what_to_do() -> None:
    for rule in RULES.values():
        is_told = rule.alert is not Alert.NONE
        assert (bool(rule.problem), bool(rule.remedy)) == (is_told, is_told)
        # What /readyz shows goes away with the cool-down's end, by a success.
        assert rule.alert is not Alert.READYZ or rule.cool_down is not None


@given(models, st.lists(failures, max_size=4), st.booleans())
def test_every_failure_has_a_say_on_the_next_provider(
    model: ModelIdentity,
    failed: list[Failed],
    fallback: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    each = [may_follow(model, [one], fallback_on_declined=fallback) for one in failed]

    assert may_follow(model, failed, fallback_on_declined=fallback) == all(each)


@given(models, models, kinds)
def test_one_failure_lets_the_next_be_asked_by_its_kind(
    first: ModelIdentity, second: ModelIdentity, kind: FailureKind
) -> None:
    goes_on = may_follow(second, [Failed(kind=kind, model=first)])

    if kind is FailureKind.DECLINED:
        assert not goes_on
    elif kind in {FailureKind.THINKING_USED_UP_LIMIT, FailureKind.ONLY_THOUGHTS}:
        assert goes_on == (second.name != first.name)
    elif kind is FailureKind.PROMPT_TOO_LONG and first.context_length and second.context_length:
        assert goes_on == (second.context_length > first.context_length)
    elif kind is FailureKind.PROMPT_TOO_LONG:
        assert goes_on == (second.name != first.name)
    else:
        assert goes_on


@given(models, models)
def test_a_declined_question_goes_on_where_the_operator_says_so(
    first: ModelIdentity, second: ModelIdentity
) -> None:
    declined = [Failed(kind=FailureKind.DECLINED, model=first)]

    assert may_follow(second, declined, fallback_on_declined=True)


@given(attempt=st.integers(2, 10_000), chance=st.floats(0, 1, exclude_max=True))
def test_a_pause_is_at_least_half_of_its_most(attempt: int, chance: float) -> None:
    most = min(FIRST_PAUSE * 2 ** min(attempt - 2, 20), LONGEST_PAUSE)

    assert most / 2 <= pause_before(attempt, chance) <= most


def test_pauses_differ_by_chance() -> None:
    assert pause_before(2, 0.0) < pause_before(2, 0.5) < pause_before(2, 0.99)


@given(kinds, st.integers(1, 5), st.integers(0, 60), st.booleans())
def test_a_provider_is_asked_again_as_late_as_it_asks_or_not_at_all(
    kind: FailureKind,
    attempt: int,
    asked: int,
    has_others: bool,  # noqa: FBT001 - drawn
) -> None:
    retry_after = timedelta(seconds=asked)
    pause = pause_after(kind, attempt, 0.5, retry_after=retry_after, has_others=has_others)

    longest = LONGEST_BESIDE_OTHERS if has_others else LONGEST_RETRY_AFTER
    if RULES[kind].retry and retry_after <= longest:
        assert pause == max(retry_after, pause_before(attempt + 1, 0.5))
    else:
        assert pause is None
    assert (pause_after(kind, attempt, 0.5) is not None) == RULES[kind].retry


@pytest.mark.parametrize(
    ("outcomes", "are_recorded"),
    [
        ([ANSWERED], False),
        ([FailureKind.GONE.value], True),
        ([COOLING_DOWN, ANSWERED], True),
        ([], False),
    ],
)
def test_a_first_provider_that_answered_is_not_worth_a_record(
    outcomes: list[str], *, are_recorded: bool
) -> None:
    attempts = [
        Attempt(provider="p", model="m", outcome=one, then=Then.NEXT, after=timedelta())
        for one in outcomes
    ]

    assert worth_recording(attempts) == (tuple(attempts) if are_recorded else ())
