"""When a provider is left alone, and when one call finds out whether it works again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.circuit_breaker import BreakerState, CircuitBreaker, time_share
from domain.failover import LONG, RULES, SHORT, CoolDown, FailureKind

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DOWN = FailureKind.UNAVAILABLE

seconds = st.integers(0, 4000).map(lambda count: timedelta(seconds=count))
cooling = st.sampled_from([kind for kind in FailureKind if RULES[kind].cool_down])
harmless = st.sampled_from([kind for kind in FailureKind if not RULES[kind].cool_down])


def failed(times: int = 1, *, kind: FailureKind = DOWN, at: datetime = NOW) -> CircuitBreaker:
    """What is known right after so many failures in a row, the last of them at that moment."""
    breaker = CircuitBreaker()
    for _ in range(times):
        breaker = breaker.with_failure(kind, at, began=at)
    return breaker


def test_a_provider_without_a_past_is_admitted() -> None:
    assert CircuitBreaker().admits(NOW)
    assert CircuitBreaker().state is BreakerState.CLOSED


@given(kind=cooling, times=st.integers(1, 12), after=seconds)
def test_a_failed_provider_is_left_alone_until_its_cool_down_is_over(
    kind: FailureKind, times: int, after: timedelta
) -> None:
    breaker, cool_down = failed(times, kind=kind), RULES[kind].cool_down

    assert cool_down is not None
    assert breaker.state is BreakerState.OPEN
    assert breaker.admits(NOW + after) == (after >= cool_down.after(times))


@given(kind=cooling, times=st.integers(1, 12), asked=seconds)
def test_a_provider_is_left_alone_as_long_as_it_asks_within_bounds(
    kind: FailureKind, times: int, asked: timedelta
) -> None:
    breaker = failed(times - 1, kind=kind).with_failure(kind, NOW, began=NOW, retry_after=asked)
    cool_down = RULES[kind].cool_down

    assert cool_down is not None
    expected = min(max(cool_down.after(times), asked), cool_down.longest)
    assert breaker.open_until == NOW + expected


@pytest.mark.parametrize("cool_down", [SHORT, LONG])
def test_cool_downs_double_from_the_shortest_to_the_longest(cool_down: CoolDown) -> None:
    assert cool_down.after(1) == cool_down.shortest
    assert cool_down.after(2) == 2 * cool_down.shortest
    assert cool_down.after(10_000) == cool_down.longest


def test_an_account_without_funds_is_left_alone_longer_than_a_server_that_is_away() -> None:
    away, poor = failed(), failed(kind=FailureKind.OUT_OF_FUNDS)

    assert away.open_until is not None
    assert poor.open_until is not None
    assert poor.open_until > away.open_until


@given(cooling, st.integers(1, 12))
def test_a_provider_is_probed_by_one_call_after_its_cool_down(
    kind: FailureKind, times: int
) -> None:
    rested, breaker = NOW + LONG.longest, failed(times, kind=kind)

    assert breaker.admits(rested)
    assert breaker.with_call_begun().state is BreakerState.HALF_OPEN
    assert not breaker.with_call_begun().admits(rested)
    assert breaker.with_call_begun().with_call_given_up().admits(rested)


def test_a_closed_breaker_lets_any_number_of_calls_through() -> None:
    assert CircuitBreaker().with_call_begun().with_call_begun().admits(NOW)


@given(cooling, st.integers(1, 12))
def test_a_success_closes_it(kind: FailureKind, times: int) -> None:
    breaker = failed(times, kind=kind).with_call_begun()

    assert breaker.with_success(began=NOW + SECOND) == CircuitBreaker()


@given(harmless, cooling)
def test_a_failure_that_is_about_the_question_shows_that_the_provider_works(
    harmless_kind: FailureKind, kind: FailureKind
) -> None:
    breaker = failed(kind=kind)
    later = NOW + SECOND

    assert breaker.with_failure(harmless_kind, later, began=later) == CircuitBreaker()
    assert CircuitBreaker().with_failure(harmless_kind, NOW, began=NOW) == CircuitBreaker()


def test_failures_of_another_kind_begin_a_new_row() -> None:
    later = NOW + SECOND
    breaker = failed(3).with_failure(FailureKind.GONE, later, began=later)

    assert (breaker.failures, breaker.kind, breaker.since) == (1, FailureKind.GONE, later)


def test_a_row_of_failures_remembers_when_it_began() -> None:
    breaker = failed()
    for hours in (1, 2, 3):
        later = NOW + timedelta(hours=hours)
        breaker = breaker.with_failure(DOWN, later, began=later)

    assert (breaker.since, breaker.failures) == (NOW, 4)


@given(times=st.integers(1, 5), others=st.integers(0, 20), kind=cooling)
def test_calls_that_fail_together_count_once(times: int, others: int, kind: FailureKind) -> None:
    breaker = failed(times)

    for _ in range(others):
        breaker = breaker.with_failure(kind, NOW + SECOND, began=NOW - SECOND)

    assert breaker == failed(times)


def test_a_success_that_began_before_the_failure_proves_nothing() -> None:
    assert failed().with_success(began=NOW - SECOND) == failed()


def test_nobody_else_to_ask_is_reason_to_wait_all_the_time() -> None:
    assert time_share(NOW, NOW + SECOND, others=[]) == SECOND
    assert time_share(NOW + SECOND, NOW, others=[]) == timedelta()


@given(left=seconds, others=st.integers(1, 5))
def test_others_leave_a_provider_its_share_of_the_time(left: timedelta, others: int) -> None:
    share = time_share(NOW, NOW + left, others=[CircuitBreaker()] * others)

    assert share == left / (1 + others)


@given(left=seconds, times=st.integers(1, 5))
def test_only_a_provider_that_may_be_asked_after_the_share_shortens_it(
    left: timedelta, times: int
) -> None:
    is_ready = left / 2 >= SHORT.after(times)

    assert time_share(NOW, NOW + left, others=[failed(times)]) == (left / 2 if is_ready else left)
