"""The life of a message, one step at a time."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inbox import (
    DECIDED,
    LONGEST_PAUSE,
    MAX_ATTEMPTS,
    REFUSAL_PAUSE,
    Delivery,
    Progress,
    State,
    StepOutOfOrder,
    may_refuse_aloud,
    pause_before_delivery,
)
from tests.strategies import NOON

STEPS = {
    "lease": lambda progress: progress.leased(),
    "hand back": lambda progress: progress.handed_back(),
    "answer": lambda progress: progress.decided(State.ANSWERED, with_reply=True),
    "refuse": lambda progress: progress.decided(State.REFUSED, with_reply=True),
    "refuse silently": lambda progress: progress.decided(State.REFUSED, with_reply=False),
    "fail": lambda progress: progress.decided(State.FAILED, with_reply=True),
    "deliver": lambda progress: progress.delivered(),
    "put aside": lambda progress: progress.undelivered(),
}


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_no_order_of_steps_decides_twice_or_forgets_a_reply(steps: list[str]) -> None:
    progress, decided_as, replies = Progress(), None, 0
    for step in steps:
        try:
            after = STEPS[step](progress)
        except StepOutOfOrder:
            continue
        if progress.state not in DECIDED and after.state in DECIDED:
            assert decided_as is None
            decided_as = after.state
        replies += after.delivery is Delivery.DONE and progress.delivery is not Delivery.DONE
        progress = after

        assert replies <= 1
        assert decided_as is None or progress.state in {decided_as, State.DELIVERED}
        assert progress.attempts >= 0


def test_a_message_goes_from_receipt_to_delivery() -> None:
    leased = Progress().leased()
    answered = leased.decided(State.ANSWERED, with_reply=True)
    delivered = answered.delivered()

    assert (leased.state, leased.attempts) == (State.LEASED, 1)
    assert (answered.state, answered.delivery) == (State.ANSWERED, Delivery.PENDING)
    assert (delivered.state, delivered.delivery) == (State.DELIVERED, Delivery.DONE)
    assert [one.is_open for one in (leased, answered, delivered)] == [True, True, False]
    assert [one.is_finished for one in (leased, answered, delivered)] == [False, False, True]


@pytest.mark.parametrize("state", [State.REFUSED, State.FAILED])
def test_a_refusal_or_failure_stays_one_when_the_person_has_heard_it(state: State) -> None:
    heard = Progress().leased().decided(state, with_reply=True).delivered()

    assert (heard.state, heard.delivery) == (state, Delivery.DONE)


def test_a_silent_refusal_needs_no_delivery() -> None:
    silent = Progress().leased().decided(State.REFUSED, with_reply=False)

    assert not silent.is_open
    assert silent.is_finished
    with pytest.raises(StepOutOfOrder):
        silent.delivered()


def test_a_stored_answer_is_only_delivered_never_decided_again() -> None:
    answered = Progress().leased().decided(State.ANSWERED, with_reply=True)

    assert answered.leased() == answered
    with pytest.raises(StepOutOfOrder):
        answered.leased().decided(State.FAILED, with_reply=True)


def test_an_answer_that_waits_can_still_be_delivered_once() -> None:
    waiting = Progress().leased().decided(State.ANSWERED, with_reply=True).undelivered()

    assert not waiting.is_open
    assert not waiting.is_finished
    assert waiting.delivered().state is State.DELIVERED
    with pytest.raises(StepOutOfOrder):
        waiting.undelivered()
    with pytest.raises(StepOutOfOrder):
        waiting.leased()
    with pytest.raises(StepOutOfOrder):
        waiting.delivered().delivered()


def test_only_a_leased_message_is_decided_and_only_as_something_final() -> None:
    with pytest.raises(StepOutOfOrder):
        Progress().decided(State.ANSWERED, with_reply=True)
    with pytest.raises(StepOutOfOrder):
        Progress().leased().decided(State.RECEIVED, with_reply=True)


def test_handing_back_does_not_count_as_an_attempt() -> None:
    assert Progress().leased().handed_back() == Progress()
    answered = Progress().leased().decided(State.ANSWERED, with_reply=True)
    assert answered.handed_back() == answered


def test_a_message_is_given_up_after_so_many_attempts() -> None:
    progress = Progress()
    for _ in range(MAX_ATTEMPTS):
        progress = progress.leased()
        assert not progress.is_exhausted

    assert progress.leased().is_exhausted


@given(st.integers(0, 200))
def test_a_refusal_is_said_at_most_once_a_minute(seconds: int) -> None:
    later = NOON + timedelta(seconds=seconds)

    assert may_refuse_aloud(NOON, later) == (timedelta(seconds=seconds) >= REFUSAL_PAUSE)
    assert may_refuse_aloud(None, later)


@given(st.integers(1, 200), st.none() | st.integers(0, 600).map(lambda s: timedelta(seconds=s)))
def test_pauses_grow_to_a_limit_and_never_fall_below_what_was_asked(
    failures: int, asked: timedelta | None
) -> None:
    pause = pause_before_delivery(failures, asked)

    assert pause >= (asked or timedelta())
    assert timedelta(seconds=1) <= pause <= max(LONGEST_PAUSE, asked or timedelta())
    assert pause_before_delivery(failures + 1, asked) >= pause


def test_the_first_pauses_double() -> None:
    pauses = [pause_before_delivery(failures).total_seconds() for failures in (1, 2, 3, 4)]

    assert pauses == [1, 2, 4, 8]
