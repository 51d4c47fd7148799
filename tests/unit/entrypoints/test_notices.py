"""Strangers cannot fill the log."""

from datetime import timedelta

import pytest

from entrypoints.web.notices import PAUSE, Notices
from tests.strategies import NOON


def test_a_warning_is_said_at_once_and_then_only_now_and_then(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notices = Notices()

    for seconds in (0, 1, 9, 10, 11, 20):
        notices.warn(NOON + timedelta(seconds=seconds), "callback_refused", "why")

    said = [vars(record)["unsaid_before"] for record in caplog.records]
    assert said == [0, 2, 1]


def test_each_event_has_a_pause_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    notices = Notices()

    notices.warn(NOON, "one", "why")
    notices.warn(NOON, "another", "why")

    assert [record.msg for record in caplog.records] == ["one", "another"]


def test_a_clock_that_is_set_back_does_not_silence_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notices = Notices()

    notices.warn(NOON, "one", "why")
    notices.warn(NOON - 2 * PAUSE, "one", "why")

    assert len(caplog.records) == 2
