"""How long a robot waits before it tries to connect again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dingtalk.stream.backoff import Backoff
from adapters.dingtalk.stream.timings import TIMINGS

LEAST, MOST = 0.0, 0.999999
STEPS = st.lists(st.sampled_from(["failed", "ended_early", "refused", "succeeded"]), max_size=40)
chances = st.sampled_from([LEAST, 0.5, MOST])


@given(steps=STEPS, chance=chances)
def test_no_pause_is_longer_than_a_minute_and_no_second_failure_goes_without_one(
    steps: list[str], chance: float
) -> None:
    backoff = Backoff(timings=TIMINGS, chance=lambda: chance)
    since_success = 0

    for step in steps:
        getattr(backoff, step)()
        since_success = 0 if step == "succeeded" else since_success + (step != "refused")

        assert backoff.pause <= timedelta(seconds=60)
        if since_success > 1 or step in {"failed", "refused"}:
            assert backoff.pause >= timedelta(seconds=0.5)


def test_a_new_connection_is_tried_at_once() -> None:
    assert Backoff(timings=TIMINGS).pause == timedelta()


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (50, 60)]
)
def test_each_failure_doubles_the_pause_up_to_a_minute(failures: int, seconds: int) -> None:
    shortest = Backoff(timings=TIMINGS, chance=lambda: LEAST)
    longest = Backoff(timings=TIMINGS, chance=lambda: MOST)

    for _ in range(failures):
        shortest.failed()
        longest.failed()

    assert shortest.pause == timedelta(seconds=seconds / 2)
    assert timedelta(seconds=seconds * 0.99) < longest.pause <= timedelta(seconds=seconds)


def test_a_success_forgets_all_failures() -> None:
    backoff = Backoff(timings=TIMINGS, chance=lambda: MOST)
    for _ in range(9):
        backoff.failed()

    backoff.succeeded()
    after_success = backoff.pause
    backoff.failed()

    assert after_success == timedelta()
    assert backoff.pause <= timedelta(seconds=1)


def test_only_the_first_early_end_is_followed_at_once() -> None:
    backoff = Backoff(timings=TIMINGS, chance=lambda: LEAST)

    backoff.ended_early()
    first = backoff.pause
    backoff.ended_early()

    assert first == timedelta()
    assert backoff.pause == timedelta(seconds=1)


def test_who_is_told_when_to_come_back_does_not_come_earlier() -> None:
    backoff = Backoff(timings=TIMINGS)

    backoff.failed(at_least=timedelta(seconds=45))

    assert backoff.pause == timedelta(seconds=45)
