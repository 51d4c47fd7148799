"""When a provider is left alone, and how long tries wait for one another."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.circuit_breaker import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    LONGEST_REST,
    SHORTEST_REST,
    Standing,
    patience,
    pause_before,
    rest_after,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)

seconds = st.integers(0, 400).map(lambda count: timedelta(seconds=count))
counts = st.integers(1, 10_000)


def failed(times: int = 1, *, at: datetime = NOW) -> Standing:
    """What is known right after so many failures in a row, the last of them at that moment."""
    standing = Standing()
    for _ in range(times):
        standing = standing.with_failure(at, began=at)
    return standing


def test_a_provider_without_a_past_is_admitted() -> None:
    assert Standing().admits(NOW)


@given(times=st.integers(1, 12), after=seconds)
def test_a_failed_provider_rests_until_its_rest_is_over(times: int, after: timedelta) -> None:
    assert failed(times).admits(NOW + after) == (after >= rest_after(times))


@given(counts)
def test_a_rest_is_never_shorter_than_the_one_before_and_always_bounded(count: int) -> None:
    assert SHORTEST_REST <= rest_after(count) <= rest_after(count + 1) <= LONGEST_REST


def test_rests_grow_from_the_shortest_to_the_longest() -> None:
    assert rest_after(1) == SHORTEST_REST
    assert rest_after(2) == 2 * SHORTEST_REST
    assert rest_after(9) == LONGEST_REST


@given(times=st.integers(1, 12), asked=seconds)
def test_a_provider_gets_the_rest_it_asks_for_within_bounds(times: int, asked: timedelta) -> None:
    standing = failed(times - 1).with_failure(NOW, began=NOW, asked_rest=asked)

    assert standing.rests_until == NOW + min(max(rest_after(times), asked), LONGEST_REST)


@given(st.integers(1, 12))
def test_a_rested_provider_is_probed_by_one_call(times: int) -> None:
    rested = NOW + LONGEST_REST
    standing = failed(times)

    assert standing.admits(rested)
    assert not standing.with_call_begun().admits(rested)
    assert standing.with_call_begun().with_call_given_up().admits(rested)


def test_a_good_provider_takes_any_number_of_calls() -> None:
    assert Standing().with_call_begun().with_call_begun().admits(NOW)


@given(st.integers(1, 12))
def test_a_success_ends_all_doubt(times: int) -> None:
    assert failed(times).with_call_begun().with_success(began=NOW + SECOND) == Standing()


@given(times=st.integers(1, 5), others=st.integers(0, 20))
def test_calls_that_fail_together_count_once(times: int, others: int) -> None:
    standing = failed(times)

    for _ in range(others):
        standing = standing.with_failure(NOW + SECOND, began=NOW - SECOND)

    assert standing == failed(times)


def test_a_success_that_began_before_the_failure_proves_nothing() -> None:
    assert failed().with_success(began=NOW - SECOND) == failed()


@given(attempt=st.integers(2, 10_000), chance=st.floats(0, 1, exclude_max=True))
def test_a_pause_is_at_least_half_of_its_most(attempt: int, chance: float) -> None:
    most = min(FIRST_PAUSE * 2 ** min(attempt - 2, 20), LONGEST_PAUSE)

    assert most / 2 <= pause_before(attempt, chance) <= most


def test_pauses_differ_by_chance() -> None:
    assert pause_before(2, 0.0) < pause_before(2, 0.5) < pause_before(2, 0.99)


def test_nobody_else_to_ask_is_reason_to_wait_all_the_time() -> None:
    assert patience(NOW, NOW + SECOND, others=[]) == SECOND


@given(left=seconds, others=st.integers(1, 5))
def test_others_leave_a_provider_its_share_of_the_time(left: timedelta, others: int) -> None:
    assert patience(NOW, NOW + left, others=[Standing()] * others) == left / (1 + others)


@given(left=seconds, times=st.integers(1, 5))
def test_only_who_may_be_asked_after_the_share_shortens_it(left: timedelta, times: int) -> None:
    is_rested = left / 2 >= rest_after(times)

    assert patience(NOW, NOW + left, others=[failed(times)]) == (left / 2 if is_rested else left)
